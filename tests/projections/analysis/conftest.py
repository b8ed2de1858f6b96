"""A region with a map and some people, and an edition of it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from deploy.local.options import Options
from deploy.local.services import ROOT
from deploy.local.stack import Region, Running
from services.projections.analysis.publishing import find_position, read_position
from tests.ingest.offices import Office, area, birth
from tests.stacks import start_stack

COUNTY = "9100"
NORTH, SOUTH = f"{COUNTY}-N", f"{COUNTY}-S"


@pytest.fixture(scope="session")
def stack() -> Iterator[Running]:
    """A stack that only the tests of this folder write to: what is hidden depends on all that a region holds."""
    with start_stack("analysis", Options(regions=("north", "south"))) as running:
        yield running


@pytest.fixture(scope="session")
async def region(stack: Running) -> Region:
    """The region north: of one county, births of 2003 in two municipalities, few in one of them."""
    region = stack.regions["north"]
    geographer = Office(region, "geographer")
    for code, parent in ((COUNTY, None), (NORTH, COUNTY), (SOUTH, COUNTY)):
        assert geographer.post(area(code, parent)).status_code == 201
    office = Office(region, "registrar")
    posts = [
        birth(
            office=f"{COUNTY}-1",
            residence_area=code,
            occurrence_area=code,
            sex=sex,
            mother_birth_on=str(1960 + number % 24),
        )
        for code, n in ((NORTH, 31), (SOUTH, 4))
        for sex in ("female", "male")
        for number in range(n)
    ]
    give_up_at_s = time.monotonic() + 60
    while (told := office.post_lines(posts).json())["recorded"] + told["repeated"] < len(posts):
        assert time.monotonic() < give_up_at_s, told
        await asyncio.sleep(0.2)
    await publish(region)
    return region


async def publish(region: Region) -> None:
    """Until the edition that analysts read is of what the log holds."""
    settings = region.get_settings("projections")
    source = await asyncpg.connect(region.database)
    target = await asyncpg.connect(settings["DOMICILE_ANALYSIS_DATABASE_URL"])
    give_up_at_s = time.monotonic() + 60
    try:
        while True:
            await _wait_until_applied(source, give_up_at_s)
            run_publish(region)
            if await find_position(target) == await read_position(source):
                return
            assert time.monotonic() < give_up_at_s
    finally:
        await source.close()
        await target.close()


def run_publish(region: Region) -> str:
    """What `python -m services.projections publish` says."""
    done = subprocess.run(
        [sys.executable, "-m", "services.projections", "publish"],
        env={**region.get_settings("projections"), "PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


async def _wait_until_applied(source: asyncpg.Connection, give_up_at_s: float) -> None:
    people = "SELECT count(*) FROM register.occurrence WHERE area = ANY($1)"
    while await source.fetchval(people, [NORTH, SOUTH]) < 70:
        assert time.monotonic() < give_up_at_s
        await asyncio.sleep(0.1)


@pytest.fixture
async def analyst(region: Region) -> AsyncIterator[asyncpg.Connection]:
    """A session of the login that `domicile status --json` names."""
    connection = await asyncpg.connect(region.analyst_database)
    yield connection
    await connection.close()


@pytest.fixture
async def owner(region: Region) -> AsyncIterator[asyncpg.Connection]:
    """A session of the owner in the region's own database."""
    connection = await asyncpg.connect(region.database)
    yield connection
    await connection.close()
