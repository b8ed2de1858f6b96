"""The exploder follows any table exactly, and always in the same way."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deploy.demo.exploder.explode import explode
from deploy.demo.exploder.lexis import match_moves, split_deaths
from deploy.demo.exploder.rules import DAYS, Lots, event_id, iso_date, registration_time
from deploy.demo.exploder.tables import (
    OPEN_AGE,
    SEXES,
    UNKNOWN_MOTHER_AGE,
    County,
    Imbalance,
    Municipality,
    Tables,
)

NORTH = County("01", "North", "north", "North", (Municipality("0101", "Upper", 2), Municipality("0102", "Lower", 1)))
SOUTH = County("02", "South", "south", "South", (Municipality("0201", "Only", 1),))
AGES = (0, 1, 2, 98, 99, OPEN_AGE)

small_counts = st.integers(0, 4)
by_age = st.fixed_dictionaries({(sex, age): small_counts for sex in SEXES for age in AGES})


@st.composite
def tables(draw: st.DrawFn) -> Tables:
    """A few years of any stocks, deaths and births at all, as contradictory as they come."""
    population: dict[tuple[int, str, int], int] = {(2000, "female", 30): 1}
    deaths: dict[tuple[int, str, int], int] = {}
    births: dict[tuple[int, int, str], int] = {}
    for year in (2000, 2001, 2002):
        population |= {(year, sex, age): n for (sex, age), n in draw(by_age).items()}
        population[year, "male", 50] = 1
    for year in (2001, 2002):
        deaths |= {(year, sex, age): n for (sex, age), n in draw(by_age).items()}
        births |= {(year, UNKNOWN_MOTHER_AGE, sex): draw(small_counts) for sex in SEXES}
    return Tables(population, deaths, births)


@given(tables(), tables())
@settings(deadline=None, max_examples=60)
def test_any_tables_are_followed_and_deaths_have_the_age_that_was_asked(north: Tables, south: Tables) -> None:
    counted: Counter[tuple[str, int, str, int]] = Counter()
    for county, post in explode({NORTH: north, SOUTH: south}):
        if post["type"] == "DeathRegistered":
            on, born = post["occurred_on"], post["birth_on"]
            age = int(on[:4]) - int(born[:4]) - (on[5:] < born[5:])
            counted[county.region, int(on[:4]), post["sex"], min(age, OPEN_AGE)] += 1
    asked = Counter({("north", *cell): n for cell, n in north.deaths.items()})
    asked.update({("south", *cell): n for cell, n in south.deaths.items()})
    assert counted == +asked


@given(
    st.lists(st.integers(0, 9), min_size=101, max_size=101),
    st.lists(st.integers(0, 9), min_size=101, max_size=101),
    st.integers(0, 9),
)
def test_deaths_are_split_without_loss_and_never_beyond_the_living(
    deaths: list[int], stock: list[int], older_stock: int
) -> None:
    rows = split_deaths(deaths, stock, older_stock, 2001)
    assert sum(row.total() for row in rows) == sum(deaths)
    assert all(row.young + row.old <= stock[age] for age, row in enumerate(rows))
    assert rows[OPEN_AGE].older <= older_stock
    for age in range(OPEN_AGE):
        assert rows[age].young + rows[age + 1].old + rows[age].doomed == deaths[age]


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5))
def test_moves_between_counties_never_exceed_what_one_loses_and_another_gains(nets: list[int]) -> None:
    moves = match_moves(nets, [0] * len(nets))
    for here, net in enumerate(nets):
        out = sum(n for (origin, _), n in moves.items() if origin == here)
        into = sum(n for (_, destination), n in moves.items() if destination == here)
        assert out <= max(-net, 0)
        assert into <= max(net, 0)
    lost, gained = sum(-n for n in nets if n < 0), sum(n for n in nets if n > 0)
    assert sum(moves.values()) == min(lost, gained)


def test_tables_with_a_gap_in_their_years_are_refused() -> None:
    with pytest.raises(Imbalance, match="consecutive years"):
        list(explode({NORTH: Tables({(2000, "male", 1): 1, (2002, "male", 3): 1}, {}, {})}))


def test_tables_of_different_years_are_refused() -> None:
    north, south = Tables({(2000, "male", 1): 1}, {}, {}), Tables({(2001, "male", 1): 1}, {}, {})
    with pytest.raises(Imbalance, match="different years"):
        list(explode({NORTH: north, SOUTH: south}))


def test_a_birth_without_any_woman_of_the_mothers_age_is_refused() -> None:
    births = {(2001, 30, "male"): 1}
    population = {(2000, "male", 30): 1, (2001, "male", 31): 1, (2001, "male", 0): 1}
    with pytest.raises(Imbalance, match="no mother aged 30"):
        list(explode({NORTH: Tables(population, {}, births)}))


def test_an_office_registers_on_weekdays_and_after_the_fact() -> None:
    lots = Lots(1)
    for day in range(DAYS):
        _, text = registration_time(lots, 2000, day, lots.below(9))
        assert text[:10] >= iso_date(2000, day)
        assert 8 <= int(text[11:13]) < 16
    unix_ms, text = registration_time(lots, 2000, 0, 0)  # a Saturday
    assert text.startswith("2000-01-03T")
    assert unix_ms // 86_400_000 == 10_959


def test_event_ids_have_the_shape_of_a_uuid_of_version_7() -> None:
    text = event_id(Lots(1), 0x0123456789AB)
    assert text.startswith("01234567-89ab-7")
    assert text[19] in "89ab"
    assert [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12]


_HASH = """
import hashlib, sys
from pathlib import Path
from deploy.demo.exploder.tables import GOTLAND
from deploy.demo.files import write_files
from deploy.demo.sweden import read_tables
files = write_files(read_tables((GOTLAND,)), Path(sys.argv[1]))
print(hashlib.sha256(files["gotland"].events.read_bytes() + files["gotland"].areas.read_bytes()).hexdigest())
"""


def test_the_same_tables_give_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    digests = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", _HASH, str(tmp_path / seed)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            cwd=Path(__file__).resolve().parents[3],
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(run.stdout)
    assert len(digests) == 1


def test_small_tables_give_the_bytes_that_they_always_gave() -> None:
    """A region that holds the demo must not get everybody twice from a later version: the ids stay."""
    known = Tables(
        {(2000, "female", 30): 3, (2001, "female", 31): 2, (2001, "male", 0): 1}, {}, {(2001, 31, "male"): 1}
    )
    encoded = b"".join(msgspec.json.encode(post) for _, post in explode({SOUTH: known}))
    assert hashlib.sha256(encoded).hexdigest()[:16] == "c0a2732b394bb3bc"
