"""Residents at the end of every year, by age and sex, counted from the register's tables: exactly as published."""

import os
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date

import asyncpg
import pytest

from deploy.demo.exploder.tables import County
from deploy.local.stack import Running
from services.kernel.contract.catalog import Catalog
from tests.golden.conftest import Exploded
from tests.golden.test_swedish_counties import differences
from tests.projections.register.conftest import Register
from tests.projections.register.demo import read_records

BATCH = 4000
# Jämtland has twice the events of Gotland, and takes its time.
REGIONS = ("gotland", "jamtland") if os.environ.get("DOMICILE_TEST_LONG") else ("gotland",)


@pytest.fixture
async def register(stack: Running) -> AsyncIterator[Register]:
    connection = await asyncpg.connect(stack.regions["north"].database)
    register = Register("register_golden", connection)
    await register.make()
    yield register
    await connection.execute(f"DROP SCHEMA {register.schema} CASCADE")
    await connection.close()


@pytest.mark.parametrize("region", REGIONS)
async def test_residents_at_the_end_of_every_year_are_the_published_ones(
    demo_counties: Exploded, register: Register, region: str
) -> None:
    records = list(read_records(demo_counties.files[region].events, region, Catalog.load()))
    for start in range(0, len(records), BATCH):
        await register.apply(records[start : start + BATCH])
    (county,) = (county for county in demo_counties.tables if county.region == region)

    published = demo_counties.tables[county].population
    counted = await count_residents(register, sorted({year for year, _, _ in published}))

    assert differences(counted, published) == {}
    assert await register.connection.fetchval(f"SELECT count(*) FROM {register.schema}.finding") == 0
    assert_no_area_is_forgotten(county, await areas_of(register))


async def count_residents(register: Register, years: list[int]) -> Counter[tuple[int, str, int]]:
    """(year, sex, completed age up to 100) → people, by plain SQL."""
    await register.connection.execute(f"ANALYZE {register.schema}.person, {register.schema}.residence")
    ends = [(date(year, 12, 31) - date(1970, 1, 1)).days for year in years]
    rows = await register.connection.fetch(
        f"""
        SELECT extract(year FROM date '1970-01-01' + day)::int, sex,
               least(extract(year FROM age(date '1970-01-01' + day, date '1970-01-01' + born_day))::int, 100), count(*)
        FROM unnest($1::int[]) AS day
        JOIN {register.schema}.residence ON from_day <= day AND (to_day IS NULL OR to_day > day)
        JOIN {register.schema}.person USING (person_id)
        WHERE residence.usual_area IS NOT NULL
        GROUP BY 1, 2, 3
        """,
        ends,
    )
    return Counter({(year, sex, age): people for year, sex, age, people in rows})


async def areas_of(register: Register) -> set[str]:
    rows = await register.connection.fetch(f"SELECT DISTINCT usual_area FROM {register.schema}.residence")
    return {row[0] for row in rows if row[0]}


def assert_no_area_is_forgotten(county: County, areas: set[str]) -> None:
    assert areas == {municipality.code for municipality in county.municipalities}
