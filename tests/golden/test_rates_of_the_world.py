"""World Population Prospects, from posted events: small populations whose rates are exactly the published ones.

A population of so many, with so many births, deaths and net moves, has the published crude rates to all their three
decimals: such a one was looked for among whole numbers. The identities hold for it without any tolerance.
"""

import csv
import os
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy.local.stack import Running
from services.projections.statistics.indicators.claims import rounded
from tests.golden.asking import Statistician
from tests.golden.posting import post_file, post_map, wait_until_counted, write_posts
from tests.ingest.offices import area, new_id

WPP = Path(__file__).resolve().parents[3] / "shared" / "data" / "wpp2024" / "wpp2024_china_world.csv"
MARK = "w-"
PUBLISHED = {
    "cbr": "crude-birth-rate",
    "cdr": "crude-death-rate",
    "natural_change_rate": "natural-increase-rate",
    "sex_ratio_at_birth": "sex-ratio-at-birth",
    "cnmr": "net-migration-rate",
}

pytestmark = pytest.mark.skipif(
    not WPP.is_file(), reason="the rates are not beside this clone (../shared/data/wpp2024)"
)


class Sample(NamedTuple):
    """`people` when the year began; `net`: moves in less moves out."""

    location: str
    year: int
    people: int
    boys: int
    girls: int
    deaths: int
    net: int

    @property
    def code(self) -> str:
        return f"{MARK}{self.location[:5]}-{self.year}"


SAMPLES = [Sample("World", 2023, 9147, 77, 73, 70, 0)]
if os.environ.get("DOMICILE_TEST_LONG"):
    SAMPLES += [Sample("Iceland", 2004, 31917, 238, 227, 202, 67), Sample("China", 2017, 44423, 306, 270, 317, -3)]


@pytest.fixture(scope="module")
def ask(stack: Running, tmp_path_factory: pytest.TempPathFactory) -> Statistician:
    region, file = stack.regions["north"], tmp_path_factory.mktemp("world") / "posts.ndjson"
    post_map(region, [area(sample.code, None, level=2) for sample in SAMPLES])
    write_posts(file, (post for sample in SAMPLES for post in posts_of(sample)))
    post_file(region, file)
    wait_until_counted(region)
    return Statistician(region)


def posts_of(sample: Sample) -> Iterator[Mapping[str, Any]]:
    """Everybody is enumerated before the year; what happens is spread over it."""
    before = f"{sample.year - 1}-12-31"
    for number in range(sample.people):
        yield about(sample, "PersonEnumerated", "person", number, before, birth_on=birthday(number))
    for number in range(sample.boys + sample.girls):
        sex = "male" if number < sample.boys else "female"
        born = sample.people + number
        yield about(sample, "BirthRegistered", "child", born, day(sample, number), sex=sex, live_birth=True)
    for number in range(sample.deaths):
        yield about(sample, "DeathRegistered", "deceased", number, day(sample, number), birth_on=birthday(number))
    for number in range(abs(sample.net)):
        if sample.net > 0:
            mover, kind = sample.people + sample.boys + sample.girls + number, "ArrivalRegistered"
            where = {"to_area": sample.code, "from_kind": "abroad", "residence_kind": "permanent"}
        else:
            mover, kind = sample.deaths + number, "DepartureRegistered"
            where = {"from_area": sample.code, "to_kind": "abroad"}
        yield about(sample, kind, "mover", mover, day(sample, number), birth_on=birthday(mover), **where)


def birthday(number: int) -> str:
    """From 1930 to 2001: before any of the years."""
    return (date(1930, 1, 1) + timedelta(3 * number % 26_000)).isoformat()


def day(sample: Sample, number: int) -> str:
    return (date(sample.year, 1, 1) + timedelta(7 * number % 365)).isoformat()


def about(sample: Sample, kind: str, role: str, number: int, on: str, **more: Any) -> Mapping[str, Any]:
    identifier = {"kind": "local", "value": f"{sample.code}-{number}"}
    return {
        "type": kind,
        "event_id": new_id(),
        "source": "import",
        "occurred_on": on,
        "registered_at": f"{on}T20:00:00Z",
        "residence_area": sample.code,
        "occurrence_area": sample.code,
        "office": sample.code,
        "subjects": [{"role": role, "civil": {"identifiers": [identifier]}}],
        "sex": ("female", "male")[number % 2],
        **more,
    }


def asked_of(ask: Statistician, sample: Sample, indicator: str) -> Mapping[str, Any]:
    return ask.figure(indicator, area=sample.code, from_=sample.year, basis="mid-year-population")


def published_of(sample: Sample) -> Mapping[str, str]:
    with WPP.open(newline="") as file:
        rows = csv.DictReader(file)
        return next(row for row in rows if (row["location"], row["year"]) == (sample.location, str(sample.year)))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.code)
def test_the_rates_are_the_published_ones_to_all_their_decimals(ask: Statistician, sample: Sample) -> None:
    row = published_of(sample)
    three = Decimal("0.001")
    found = {name: rounded(Fraction(asked_of(ask, sample, id)["value"]), three) for name, id in PUBLISHED.items()}
    assert found == {name: Decimal(row[name]).quantize(three) for name in PUBLISHED}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.code)
def test_the_identities_hold_exactly(ask: Statistician, sample: Sample) -> None:
    cbr, cdr, rni = (asked_of(ask, sample, PUBLISHED[name]) for name in ("cbr", "cdr", "natural_change_rate"))
    assert rni["numerator"]["value"] == cbr["numerator"]["value"] - cdr["numerator"]["value"]
    assert rni["denominator"]["value"] == cbr["denominator"]["value"] == cdr["denominator"]["value"]
    assert rni["value"] == float(Fraction(1000 * rni["numerator"]["value"]) / Fraction(rni["denominator"]["value"]))
    balance = ask.figure("balancing-equation", area=sample.code, from_=sample.year)
    assert balance["value"] == 0
