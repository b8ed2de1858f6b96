"""Editions of made-up regions: exact without a rule, and under it nothing small follows from all tables together."""

from random import Random
from typing import Any

import numpy as np
import pytest

from services.projections.analysis.compiling import Rows
from services.projections.analysis.contents import VIEWS
from services.projections.analysis.publishing import compile_rows
from services.projections.analysis.sums import Event, Move, Quarter, Stock, Sums
from services.projections.analysis.trees import REGION, find_line, make_tree
from services.projections.statistics.disclosure import TEN_FIVE
from services.projections.statistics.disclosure.rules import Rule
from services.projections.statistics.indicators.spans import day_of
from tests.projections.analysis.population import make_atlas, make_sums

EXACT = Rule(id="attack", base=1)
PLACES = {"a": None, "a1": "a", "a2": "a", "a3": "a", "b": None, "b1": "b", "b2": "b"}
LEAVES = [area for area, parent in PLACES.items() if parent]
OUT_THERE = "country:NO"


def by_key(rows: list[Any], width: int) -> dict[Any, Any]:
    return {row[:width]: row[width:] for row in rows}


def make_year(seed: int) -> tuple[Sums, dict[str, dict[str, int]], dict[tuple[str, str], int]]:
    """Two years of which the second has events; parts of each leaf's balance, and the moves."""
    chance = Random(seed)
    sums = Sums(atlas=make_atlas(PLACES))  # type: ignore[arg-type]
    small = chance.choice((0.1, 0.4, 0.7))
    most = {leaf: 9 if chance.random() < small else 60 for leaf in LEAVES}
    places = [*LEAVES, OUT_THERE]
    moves = {
        (a, b): chance.randint(0, min(most.get(a, 60), most.get(b, 60)))
        for a in places
        for b in places
        if a != b and chance.random() < 0.8
    }
    parts: dict[str, dict[str, int]] = {}
    for leaf in LEAVES:
        own = {name: chance.randint(0, most[leaf]) for name in ("births", "deaths")}
        own["found"] = chance.choice((0, 0, 4, 30))
        own["before"] = chance.randint(0, most[leaf]) + 70
        coming = sum(n for (_, to), n in moves.items() if to == leaf)
        going = sum(n for (origin, _), n in moves.items() if origin == leaf)
        own["after"] = own["before"] + own["births"] - own["deaths"] + own["found"] + coming - going
        own["after"] += max(0, -own["after"])
        parts[leaf] = own
        sums.stocks.append(Stock(leaf, "female", 1970, 2000, own["before"]))
        sums.stocks.append(Stock(leaf, "female", 1970, 2001, own["after"] - own["before"]))
        sums.quarters.append(Quarter(leaf, 2000, 0, own["before"], own["before"] * 366))
        sums.quarters.append(Quarter(leaf, 2001, 3, own["after"] - own["before"], 0))
        sums.events.append(Event("birth", leaf, 2001, "female", 30, 0, own["births"]))
        sums.events.append(Event("death", leaf, 2001, "female", 50, 0, own["deaths"]))
        sums.moves.append(Move("found", None, leaf, 2001, own["found"]))
    sums.moves.extend(Move("internal", a, b, 2001, n) for (a, b), n in moves.items())
    return sums, parts, moves


def test_nothing_small_follows_from_balances_flows_and_sums_over_areas_together() -> None:
    """Every published figure of a year as an equation over all that is not known of every innermost area."""
    attacked = 0
    for seed in range(60):
        sums, parts, moves = make_year(seed)
        if any(own["after"] != own["before"] + own["births"] - own["deaths"] + own["found"]
               + sum(n for (_, b), n in moves.items() if b == leaf) - sum(n for (a, _), n in moves.items() if a == leaf)
               for leaf, own in parts.items()):  # fmt: skip
            continue
        attacked += _attack(compile_rows(sums, EXACT, 2001), parts, moves)
    assert attacked > 200


NAMES = ("before", "births", "deaths", "found", "after")
COLUMNS = ("before", "births", "deaths", "moved_in", "moved_out", "found", "after")


def _attack(rows: Rows, parts: dict[str, dict[str, int]], moves: dict[tuple[str, str], int]) -> int:
    lines = find_line(make_tree(make_atlas(PLACES), day_of(2001, 12, 31), LEAVES))  # type: ignore[arg-type]
    places = [*LEAVES, "outside"]
    unknowns: list[Any] = [(leaf, name) for leaf in LEAVES for name in NAMES]
    unknowns += [("pair", a, b) for a in places for b in places if a != b]
    place = {name: at for at, name in enumerate(unknowns)}

    def row(signs: dict[Any, int]) -> Any:
        found = np.zeros(len(unknowns))
        for name, sign in signs.items():
            found[place[name]] += sign
        return found

    def inside(area: str) -> list[str]:
        return [leaf for leaf in LEAVES if area in lines[leaf]]

    def crossing(own: list[str], into: bool) -> dict[Any, int]:
        return {("pair", a, b): 1 for a in places for b in places
                if (b in own and a not in own if into else a in own and b not in own)}  # fmt: skip

    known = []
    for leaf in LEAVES:
        signs: dict[Any, int] = {(leaf, "after"): -1, (leaf, "before"): 1, (leaf, "births"): 1}
        signs |= {(leaf, "deaths"): -1, (leaf, "found"): 1, **crossing([leaf], True)}
        known.append(row({**signs, **dict.fromkeys(crossing([leaf], False), -1)}))
    targets: list[tuple[Any, int]] = []
    balance = by_key([r for r in rows["balance"] if r[0] == 2001], 2)
    for (_, area), figures in balance.items():
        told = dict(
            zip(("before", "births", "deaths", "moved_in", "moved_out", "found", "after"), figures, strict=False)
        )
        own = inside(area)
        for name in NAMES:
            wanted = row({(leaf, name): 1 for leaf in own})
            known += [wanted] * (told[name] is not None)
            targets.append((wanted, sum(parts[leaf][name] for leaf in own)))
        for name, into in (("moved_in", True), ("moved_out", False)):
            known += [row(crossing(own, into))] * (told[name] is not None)
    for (_, origin, destination), (n, _) in by_key([r for r in rows["flows"] if r[0] == 2001], 3).items():
        if "other" not in (origin, destination):
            wanted = row({("pair", origin, destination): 1})
            known += [wanted] * (n is not None)
            pair = tuple(OUT_THERE if end == "outside" else end for end in (origin, destination))
            targets.append((wanted, moves.get(pair, 0)))  # type: ignore[arg-type]
    matrix = np.array(known)
    rank = np.linalg.matrix_rank(matrix)
    small = [(wanted, n) for wanted, n in targets if 0 < n < EXACT.threshold]
    for wanted, n in small:
        assert np.linalg.matrix_rank(np.vstack([matrix, wanted])) > rank, (wanted.nonzero(), n)
    return len(small)


@pytest.fixture(scope="module")
def exact() -> Rows:
    return compile_rows(make_sums(3), None, 2002)


def test_without_a_rule_everything_is_exact_and_adds_up(exact: Rows) -> None:
    sums = make_sums(3)
    people = {(row[0], row[1]): row[6] for row in exact["population"] if row[2] == "total"}
    assert people[2000, REGION] == sum(row.n for row in sums.stocks if row.year == 2000)
    for breakdown in ("sex", "sex-age5", "sex-age1"):
        found: dict[Any, int] = {}
        for row in exact["population"]:
            if row[2] == breakdown:
                found[row[0], row[1]] = found.get((row[0], row[1]), 0) + row[6]
        assert found == people
    births = {row[:2]: row[6] for row in exact["births"] if row[2] == "total"}
    assert births[2001, REGION] == sum(row.n for row in sums.events if row.kind == "birth" and row.year == 2001)
    assert not any(row[-1] for table in ("population", "births", "deaths", "flows") for row in exact[table])


def test_a_year_that_is_not_over_is_not_published(exact: Rows) -> None:
    rows = compile_rows(make_sums(3), None, 2001)
    assert {row[0] for row in rows["population"]} == {2000, 2001}
    assert {row[0] for row in exact["population"]} == {2000, 2001, 2002}


def test_the_end_of_the_fourth_quarter_is_the_end_of_the_year() -> None:
    rows = compile_rows(make_sums(5), TEN_FIVE, 2002)
    years = {(row[0], row[1]): row[6] for row in rows["population"] if row[2] == "total"}
    quarters = {(day.year, area): n for day, area, n, _ in rows["population_quarters"] if day.month == 12}
    assert quarters == years


def test_under_the_rule_every_count_is_held_back_or_rounded() -> None:
    rows = compile_rows(make_sums(5), TEN_FIVE, 2002)
    counted = {"population": 6, "births": 6, "deaths": 6, "marriages": 3, "flows": 3, "population_quarters": 2}
    for table, at in counted.items():
        assert all((row[at] is None) == row[-1] for row in rows[table])
        assert {row[at] % 5 for row in rows[table] if row[at] is not None} == {0}
        assert all(row[at] == 0 or row[at] >= 10 for row in rows[table] if row[at] is not None)


def test_a_rate_is_made_of_the_figures_beside_it() -> None:
    rows = compile_rows(make_sums(5), TEN_FIVE, 2002)
    given = [row for row in rows["rates"] if row[8] is not None]
    assert given
    for row in given:
        above, below, value, scale = row[5], row[7], row[8], row[9]
        assert value == pytest.approx(scale * above / below, rel=1e-5)
        assert below >= 100
    assert all(row[12] for row in rows["rates"] if row[8] is None), "no null without a reason"


def test_every_view_gets_rows_as_wide_as_its_columns() -> None:
    rows = compile_rows(make_sums(5), TEN_FIVE, 2002)
    for view in VIEWS:
        assert {len(row) for row in rows.get(view.name, [])} <= {len(view.columns)}, view.name
    assert rows.keys() <= {view.name for view in VIEWS}


def test_an_empty_register_has_an_edition_too() -> None:
    rows = compile_rows(Sums(), TEN_FIVE, 2025)
    assert rows["indicators"]
    assert "population" not in rows
