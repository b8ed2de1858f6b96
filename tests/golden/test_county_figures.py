"""Counties, from posted events to published figures: through ingest, the log, the projections and the reading service.

Every population, birth and death by age and sex of every year, and every rate that the tables come to: exactly.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.demo.exploder.areas import area_posts
from deploy.demo.exploder.tables import OPEN_AGE, County
from deploy.demo.published import Published
from deploy.local.stack import Region, Running
from services.projections.statistics.indicators.claims import rounded
from tests.golden.asking import Row, Statistician, year_of
from tests.golden.conftest import LONG, SHARED_SWEDEN, Exploded
from tests.golden.posting import post_file, post_map, rename, wait_until_counted, write_posts
from tests.golden.swedish import COUNTIES, PUBLISHED, SWEDEN, posts_of, share, whole_country
from tests.ingest.offices import area

MARK, ONE_IN = "g-", 10
SMALL = ("07", "10")
"""Of Kronoberg and Blekinge one in ten live here, and all of them in `test_all_counties`."""


@dataclass(frozen=True)
class Golden:
    """What is posted, and who asks. `whole`: the counties that are not a share of themselves."""

    region: Region
    ask: Statistician
    counties: Mapping[str, Published]
    whole: frozenset[str]

    @property
    def years(self) -> range:
        return next(iter(self.counties.values())).years

    def each(self, indicator: str, **asked: Any) -> Iterator[tuple[str, int, Row]]:
        """(area, year, figure) of all years."""
        span = {"from_": self.years[0], "to": self.years[-1] + 1, "every": "year"}
        for figure in self.ask.figures(indicator, area=list(self.counties), **span, **asked):
            yield figure["place"], year_of(figure), figure


@pytest.fixture(scope="module")
def golden(stack: Running, demo_counties: Exploded, tmp_path_factory: pytest.TempPathFactory) -> Golden:
    region, folder = stack.regions["north"], tmp_path_factory.mktemp("golden")
    chosen = [county for county in demo_counties.tables if LONG or county.region == "gotland"]
    found = {f"{MARK}{county.code}": Published(demo_counties.tables[county]) for county in chosen}
    sources = {county: demo_counties.files[county.region].events for county in chosen}
    whole = frozenset(found)
    if SHARED_SWEDEN.is_dir():
        for county, tables in whole_country(SHARED_SWEDEN).items():
            if county.code in SMALL:
                small = share(tables, ONE_IN)
                found[f"{MARK}{county.code}"] = Published(small)
                sources[county] = folder / f"{county.code}.source"
                write_posts(sources[county], posts_of(county, small))
    post_map(region, map_of(sources))
    for county, source in sources.items():
        post_file(region, rename(source, folder / f"{county.code}.ndjson", MARK, f"{MARK}{county.code}-"))
    wait_until_counted(region)
    return Golden(region, Statistician(region), found, whole)


def map_of(counties: Mapping[County, Path]) -> Iterator[Mapping[str, Any]]:
    """The counties in one country, each with its municipalities."""
    yield area(f"{MARK}{SWEDEN}", None, level=0)
    for county in counties:
        for post in area_posts(county):
            parent = SWEDEN if post["area"] == county.code else post["parent_area"]
            yield area(f"{MARK}{post['area']}", f"{MARK}{parent}", name=post["name"], level=post["level"] + 1)


def differences(counted: Mapping[Any, Any], reckoned: Mapping[Any, Any]) -> dict[Any, tuple[Any, Any]]:
    """(counted, reckoned) of every cell that differs."""
    cells = counted.keys() | reckoned.keys()
    both = {cell: (counted.get(cell, 0), reckoned.get(cell, 0)) for cell in cells}
    return {cell: pair for cell, pair in both.items() if pair[0] != pair[1]}


def in_every_year(golden: Golden, what: str) -> dict[Any, int]:
    """`population`, `births` or `deaths` of the tables, by area, year and cell."""
    return {
        (code, year, *cell): n
        for code, reckoned in golden.counties.items()
        for year in golden.years
        for cell, n in getattr(reckoned, what)(year).items()
    }


def test_population_by_age_and_sex_at_the_end_of_every_year(golden: Golden) -> None:
    counted: Counter[Any] = Counter()
    span = {"from_": golden.years[0], "to": golden.years[-1] + 1, "every": "year", "by": "sex,age"}
    for code in golden.counties:
        for row in golden.ask.population(area=code, **span):
            assert row["at"].endswith("-12-31")
            counted[code, year_of(row), row["sex"], min(int(row["age"]), OPEN_AGE)] += row["people"]
    assert differences(counted, in_every_year(golden, "population")) == {}


def test_births_by_age_of_the_mother_and_sex_of_the_child(golden: Golden) -> None:
    counted: Counter[Any] = Counter()
    for code, year, figure in golden.each("births", by="sex,age", age_at="year-end"):
        age = figure["by"]["age"]
        counted[code, year, figure["by"]["sex"], int(age) if age.isdigit() else None] += figure["value"]
    assert differences(counted, in_every_year(golden, "births")) == {}


def test_deaths_by_age_and_sex(golden: Golden) -> None:
    counted: Counter[Any] = Counter()
    for code, year, figure in golden.each("deaths", by="sex,age"):
        counted[code, year, figure["by"]["sex"], min(int(figure["by"]["age"]), OPEN_AGE)] += figure["value"]
    assert differences(counted, in_every_year(golden, "deaths")) == {}


def test_the_rates_of_every_year_and_what_they_are_made_of(golden: Golden) -> None:
    ids = next(iter(golden.counties.values())).rates(golden.years[0])
    counted = {
        (code, year, id): (figure["value"], *(figure[part]["value"] for part in ("numerator", "denominator")))
        for id in ids
        for code, year, figure in golden.each(id, basis="mid-year-population")
    }
    reckoned = {
        (code, year, id): tuple(None if each is None else float(each) for each in parts)
        for code, county in golden.counties.items()
        for year in golden.years
        for id, parts in county.rates(year).items()
    }
    assert differences(counted, reckoned) == {}


def test_total_fertility_of_every_year_by_both_rules(golden: Golden) -> None:
    for id, same_age in (("total-fertility-rate", False), ("total-fertility-rate-mixed-ages", True)):
        asked = golden.each(id, basis="mid-year-population", age_at="year-end")
        counted = {(code, year): figure["value"] for code, year, figure in asked}
        reckoned = {
            (code, year): float(county.total_fertility(year, same_age=same_age))
            for code, county in golden.counties.items()
            for year in golden.years
        }
        assert differences(counted, reckoned) == {}


def test_the_rates_published_of_these_counties_are_reproduced(golden: Golden) -> None:
    if not SHARED_SWEDEN.is_dir():
        pytest.skip("the published rates are not beside this clone (../shared/data/sweden)")
    assert compare_published_rates(golden) >= 3


def compare_published_rates(golden: Golden) -> int:
    """How many rates the source prints of the whole counties here; each must come out to its decimals."""
    codes = {county.table_name: f"{MARK}{county.code}" for county in COUNTIES}
    compared = 0
    with (SHARED_SWEDEN / "sweden_published_rates.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            code = codes.get(row["area"])
            if row["level"] == "county" and code in golden.whole:
                figure = golden.ask.figure(
                    PUBLISHED[row["indicator"]], area=code, from_=row["year"], basis="mid-year-population",
                    age_at="year-end",
                )  # fmt: skip
                assert rounded(Fraction(figure["value"]), Decimal(row["value"])) == Decimal(row["value"]), row
                compared += 1
    return compared


def test_every_year_balances_in_every_county(golden: Golden) -> None:
    left_over = {(code, year): figure["value"] for code, year, figure in golden.each("balancing-equation")}
    assert set(left_over.values()) == {0}
    assert len(left_over) == len(golden.counties) * len(golden.years)


def test_natural_increase_is_births_less_deaths_of_the_same_years_lived(golden: Golden) -> None:
    """The identities of World Population Prospects, of years lived by the day."""
    cbr, cdr, rni = (
        {(code, year): figure for code, year, figure in golden.each(id)}
        for id in ("crude-birth-rate", "crude-death-rate", "natural-increase-rate")
    )
    for key, figure in rni.items():
        lived = {each[key]["denominator"]["value"] for each in (cbr, cdr, rni)}
        assert len(lived) == 1
        assert figure["numerator"]["value"] == cbr[key]["numerator"]["value"] - cdr[key]["numerator"]["value"]
        assert figure["value"] == pytest.approx(cbr[key]["value"] - cdr[key]["value"], rel=1e-12)


def test_the_country_is_the_sum_of_its_counties(golden: Golden) -> None:
    for year in (golden.years[0], golden.years[-1]):
        figure = golden.ask.figure("births", area=f"{MARK}{SWEDEN}", from_=year)
        assert figure["value"] == sum(sum(each.births(year).values()) for each in golden.counties.values())
        (row,) = golden.ask.population(area=f"{MARK}{SWEDEN}", at=f"{year}-12-31")
        assert row["people"] == sum(sum(each.population(year).values()) for each in golden.counties.values())


def test_a_figure_says_what_it_is_made_of_and_passes_its_checks(golden: Golden) -> None:
    figure = golden.ask.figure("crude-birth-rate", area=f"{MARK}09", from_=2015, basis="mid-year-population")
    assert (figure["numerator"]["value"], figure["denominator"]["value"]) == (491, 57323)
    assert (figure["definition"], figure["period"]) == ("crude-birth-rate/1", "2015-01-01/2016-01-01")
    assert (figure["map"], figure["vintage"], figure["population"]) == ("event", "current", "usual")
    assert len(figure["checks"]) == 6
    assert [check for check in figure["checks"] if check["outcome"] == "failed"] == []


async def test_the_register_itself_has_the_same_residents_and_nothing_to_find_fault_with(golden: Golden) -> None:
    """By plain SQL over its tables, apart from whatever counts figures."""
    connection = await asyncpg.connect(golden.region.database)
    try:
        counted = await count_residents(connection, golden.years)
        whose = "SELECT person_id FROM register.residence WHERE usual_area LIKE $1"
        findings = f"SELECT count(*) FROM register.finding WHERE person_id IN ({whose})"
        assert await connection.fetchval(findings, f"{MARK}%") == 0
    finally:
        await connection.close()
    reckoned: Counter[Any] = Counter()
    for (_, year, sex, age), n in in_every_year(golden, "population").items():
        reckoned[year, sex, age] += n
    assert differences(counted, reckoned) == {}


async def count_residents(connection: asyncpg.Connection, years: range) -> Counter[tuple[int, str, int]]:
    """(year, sex, completed age up to 100) → people."""
    rows = await connection.fetch(
        """
        SELECT extract(year FROM date '1970-01-01' + day)::int, sex,
               least(extract(year FROM age(date '1970-01-01' + day, date '1970-01-01' + born_day))::int, 100), count(*)
        FROM (SELECT make_date(year, 12, 31) - date '1970-01-01' AS day FROM unnest($1::int[]) AS year) AS ends
        JOIN register.residence ON from_day <= day AND (to_day IS NULL OR to_day > day)
        JOIN register.person USING (person_id)
        WHERE residence.usual_area LIKE $2
        GROUP BY 1, 2, 3
        """,
        list(years),
        f"{MARK}%",
    )
    return Counter({(year, sex, age): people for year, sex, age, people in rows})
