"""The events of two Swedish counties say exactly what the published tables say."""

import csv
import gzip
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from deploy.demo.exploder.tables import County, Municipality, Tables
from deploy.demo.sweden import DATA, read_tables
from tests.golden.conftest import Exploded, explode_and_count
from tests.golden.ledger import Ledger, read_posts


def assert_follows_the_tables(exploded: Exploded) -> None:
    for county, tables in exploded.tables.items():
        ledger = exploded.ledgers[county.region]
        assert ledger.contradictions == []
        assert differences(ledger.population, tables.population) == {}
        assert differences(ledger.births, tables.births) == {}
        assert differences(ledger.deaths, tables.deaths) == {}


def differences(
    counted: Counter[tuple[int, str, int]] | Counter[tuple[int, int, str]],
    published: Mapping[tuple[int, str, int], int] | Mapping[tuple[int, int, str], int],
) -> dict[object, tuple[int, int]]:
    """(counted, published) of every cell that differs."""
    expected: dict[object, int] = {**published}
    found: dict[object, int] = {**counted}
    cells = expected.keys() | found.keys()
    return {
        cell: (found.get(cell, 0), expected.get(cell, 0))
        for cell in cells
        if found.get(cell, 0) != expected.get(cell, 0)
    }


def assert_moves_agree(ledgers: Mapping[str, Ledger]) -> int:
    """Every arrival from a region at hand is a departure there: same person, day and areas. Returns
    their number.
    """
    regions = set(ledgers)
    moves = 0
    for here, ledger in ledgers.items():
        arrived = {key: areas for key, areas in ledger.arrivals.items() if key[1] in regions}
        left = {
            (who, origin, on): areas
            for origin in regions - {here}
            for (who, to, on), areas in ledgers[origin].departures.items()
            if to == here
        }
        assert arrived == left
        moves += len(arrived)
    return moves


def test_population_births_and_deaths_follow_exactly_in_every_year_age_and_sex(
    demo_counties: Exploded,
) -> None:
    assert_follows_the_tables(demo_counties)


def test_totals_are_the_published_totals(demo_counties: Exploded) -> None:
    gotland, jamtland = demo_counties.ledgers["gotland"], demo_counties.ledgers["jamtland"]
    population = {
        (region, year): sum(n for (y, _, _), n in ledger.population.items() if y == year)
        for region, ledger in demo_counties.ledgers.items()
        for year in (1994, 2015)
    }
    assert population == {
        ("gotland", 1994): 58_237,
        ("gotland", 2015): 57_391,
        ("jamtland", 1994): 136_301,
        ("jamtland", 2015): 127_376,
    }
    assert gotland.births.total() + jamtland.births.total() == 37_710
    assert gotland.deaths.total() + jamtland.deaths.total() == 46_644


def test_both_registers_agree_about_every_move_between_the_counties(demo_counties: Exploded) -> None:
    assert assert_moves_agree(demo_counties.ledgers) > 1_000


def test_a_person_has_one_birth_date_and_sex_in_both_registers(demo_counties: Exploded) -> None:
    gotland, jamtland = demo_counties.ledgers["gotland"].people, demo_counties.ledgers["jamtland"].people
    both = gotland.keys() & jamtland.keys()
    assert both
    assert [
        who for who in both if (gotland[who].born, gotland[who].sex) != (jamtland[who].born, jamtland[who].sex)
    ] == []


def test_events_come_in_the_order_of_their_registration(demo_counties: Exploded) -> None:
    for files in demo_counties.files.values():
        posts = [(p["type"], p["registered_at"], p["occurred_on"]) for p in read_posts(files.events)]
        enumerated = sum(kind == "PersonEnumerated" for kind, _, _ in posts)
        assert all(kind == "PersonEnumerated" for kind, _, _ in posts[:enumerated])
        later = [registered_at for _, registered_at, _ in posts[enumerated:]]
        assert later == sorted(later)
        assert all(registered_at[:10] >= occurred_on for _, registered_at, occurred_on in posts)


def test_every_event_has_its_own_id_and_nobody_has_a_real_identifier(demo_counties: Exploded) -> None:
    ids: set[str] = set()
    events = 0
    for files in demo_counties.files.values():
        for post in read_posts(files.events):
            events += 1
            ids.add(post["event_id"])
            for subject in post["subjects"]:
                assert [i["kind"] for i in subject["civil"]["identifiers"]] == ["local"]
                assert all(i["value"].startswith("DEMO-") for i in subject["civil"]["identifiers"])
    assert len(ids) == events == sum(files.total() for files in demo_counties.files.values())


def test_the_slice_is_a_part_of_the_whole_table(shared_sweden: Path) -> None:
    names = ("Gotland", "Jamtland")
    for kind in ("population", "births", "deaths"):
        with gzip.open(shared_sweden / f"sweden_{kind}.csv.gz", "rt", newline="") as file:
            whole = list(csv.reader(file))
        with gzip.open(DATA / f"{kind}.csv.gz", "rt", newline="") as file:
            assert list(csv.reader(file)) == [whole[0]] + [row for row in whole[1:] if row[1] in names]


def test_ten_years_of_two_more_counties_follow_exactly(shared_sweden: Path, tmp_path: Path) -> None:
    blekinge = County("10", "Blekinge", "blekinge", "Blekinge", (Municipality("1080", "Karlskrona", 1),))
    kronoberg = County("07", "Kronoberg", "kronoberg", "Kronoberg", (Municipality("0780", "Växjö", 1),))
    whole = read_tables((blekinge, kronoberg), shared_sweden, "sweden_")
    exploded = explode_and_count({county: up_to(2004, tables) for county, tables in whole.items()}, tmp_path)
    assert_follows_the_tables(exploded)
    assert assert_moves_agree(exploded.ledgers) > 1_000
    assert {year for year, _, _ in exploded.ledgers["blekinge"].births} == set(range(1995, 2005))


def up_to(year: int, tables: Tables) -> Tables:
    return Tables(
        {cell: n for cell, n in tables.population.items() if cell[0] <= year},
        {cell: n for cell, n in tables.deaths.items() if cell[0] <= year},
        {cell: n for cell, n in tables.births.items() if cell[0] <= year},
    )
