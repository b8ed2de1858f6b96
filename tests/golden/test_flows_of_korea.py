"""Korea's matrix of moves, posted move by move: flows and indices are those that follow from the table.

In every run: the table at a thousandth, for all regions; one quarter of four regions; and the whole year of one
region, whose figures are those of the expected file. With DOMICILE_TEST_LONG=1 the whole year, 7.5 million moves.
"""

import os
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from deploy.local.stack import Region, Running
from services.projections.statistics.indicators.claims import rounded
from tests.golden.asking import Statistician
from tests.golden.korean import Matrix, Movers, divided, only_among, only_with, read_expected, read_moves
from tests.golden.posting import post_file, post_map, wait_until_counted, write_posts

KOREA = Path(__file__).resolve().parents[3] / "shared" / "data" / "korea"
YEAR, ONE_IN = 2012, 1000
ONE_REGION, FOUR = "Sejong", ("Gwangju", "Jeju", "Sejong", "Ulsan")
OF_SYSTEM = {
    "total_moves": "all-moves",
    "inter_regional_moves": "moves-between",
    "migration_effectiveness_index": "migration-effectiveness-index",
}
OF_REGION = {"in_moves": "in-moves", "out_moves": "out-moves", "net_migration": "net-migration"}

pytestmark = pytest.mark.skipif(not KOREA.is_dir(), reason="Korea's moves are not beside this clone (../shared/data)")
Flows = dict[tuple[str, str], int]


def scenes() -> dict[str, dict[int, Matrix]]:
    """Mark of the areas → what is posted there."""
    year = read_moves(KOREA, YEAR)
    four = {pair: n for pair, n in only_among(FOUR, year[1]).items() if pair[0] != pair[1] or pair[0] == ONE_REGION}
    return {"k-": divided(year, ONE_IN), "k4-": {1: Counter(four)}, "k1-": only_with(ONE_REGION, year)}


@pytest.fixture(scope="module")
def posted(stack: Running, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, dict[int, Matrix]]:
    chosen, region = scenes(), stack.regions["north"]
    folder = tmp_path_factory.mktemp("korea")
    for mark, quarters in chosen.items():
        post_moves(region, folder, mark, quarters)
    wait_until_counted(region)
    return chosen


def post_moves(region: Region, folder: Path, mark: str, quarters: Mapping[int, Matrix]) -> None:
    movers = Movers(mark, YEAR)
    post_map(region, movers.map(regions_of(quarters)))
    file = folder / f"{mark}moves.ndjson"
    write_posts(file, movers.posts(quarters))
    post_file(region, file)
    file.unlink()


@pytest.fixture(scope="module")
def ask(stack: Running) -> Statistician:
    return Statistician(stack.regions["north"])


def regions_of(quarters: Mapping[int, Matrix]) -> list[str]:
    return sorted({region for cells in quarters.values() for pair in cells for region in pair})


@pytest.mark.parametrize("mark", ["k-", "k4-", "k1-"])
def test_the_matrix_of_every_quarter_comes_back(
    ask: Statistician, posted: Mapping[str, dict[int, Matrix]], mark: str
) -> None:
    assert differing_quarters(ask, mark, posted[mark]) == {}


def differing_quarters(ask: Statistician, mark: str, quarters: Mapping[int, Matrix]) -> dict[int, Flows]:
    """Flows of the quarters that are not what was posted."""
    areas = [mark + region for region in regions_of(quarters)]
    found = {}
    for quarter, cells in quarters.items():
        start, end = f"{YEAR}-{3 * quarter - 2:02}", f"{YEAR + quarter // 4}-{3 * quarter % 12 + 1:02}"
        rows = [row for row in ask.flows(area=areas, level=1, from_=start, to=end) if row["kind"] != "found"]
        counted = {
            (row["origin"].removeprefix(mark), row["destination"].removeprefix(mark)): row["moves"] for row in rows
        }
        if counted != {pair: n for pair, n in cells.items() if n}:
            found[quarter] = counted
    return found


def test_indices_of_a_thousandth_are_those_of_the_divided_table(
    ask: Statistician, posted: Mapping[str, dict[int, Matrix]]
) -> None:
    cells: Matrix = Counter()
    for each in posted["k-"].values():
        cells.update(each)
    between = {pair: n for pair, n in cells.items() if pair[0] != pair[1]}
    came: Counter[str] = Counter()
    went: Counter[str] = Counter()
    for (start, end), n in between.items():
        went[start] += n
        came[end] += n
    regions = regions_of(posted["k-"])
    both = came.total() + went.total()
    expected = {
        "total_moves": Fraction(cells.total()),
        "inter_regional_moves": Fraction(came.total()),
        "migration_effectiveness_index": Fraction(100 * sum(abs(came[r] - went[r]) for r in regions), both),
    }
    asked = {"area": [f"k-{region}" for region in regions], "from_": YEAR}
    counted = {name: ask.figure(id, **asked)["value"] for name, id in OF_SYSTEM.items()}
    assert counted == {name: float(value) for name, value in expected.items()}
    net = {figure["place"]: figure["value"] for figure in ask.figures("net-migration", **asked)}
    assert net == {f"k-{region}": came[region] - went[region] for region in regions}
    assert sum(net.values()) == 0


def test_a_region_has_its_published_moves(ask: Statistician, posted: Mapping[str, dict[int, Matrix]]) -> None:
    expected = read_expected(KOREA, YEAR)
    for name, id in OF_REGION.items():
        figure = ask.figure(id, area=f"k1-{ONE_REGION}", from_=YEAR)
        assert figure["value"] == int(expected[name, ONE_REGION])


@pytest.mark.skipif(not os.environ.get("DOMICILE_TEST_LONG"), reason="7.5 million moves; set DOMICILE_TEST_LONG=1")
def test_the_whole_year_gives_every_expected_figure(stack: Running, tmp_path: Path, ask: Statistician) -> None:
    region, quarters = stack.regions["south"], read_moves(KOREA, YEAR)
    post_moves(region, tmp_path, "ky-", quarters)
    wait_until_counted(region)
    there = Statistician(region)
    assert differing_quarters(there, "ky-", quarters) == {}
    asked = {"area": [f"ky-{name}" for name in regions_of(quarters)], "from_": YEAR}
    found = {(name, "Korea"): there.figure(id, **asked)["value"] for name, id in OF_SYSTEM.items()}
    for name, id in OF_REGION.items():
        found |= {(name, row["place"].removeprefix("ky-")): row["value"] for row in there.figures(id, **asked)}
    expected = read_expected(KOREA, YEAR)
    assert {key: str(rounded(Fraction(found[key]), Decimal(value))) for key, value in expected.items()} == expected
