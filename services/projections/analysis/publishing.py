"""Makes one edition: plain sums are read in one moment, compiled under the rule, and written in one transaction.

    python -m services.projections publish

A process of its own, for it computes for as long as a country needs. Exit code: 0 done or nothing new, 1 it cannot.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from services.kernel.clock import open_clock
from services.kernel.database import Connection
from services.kernel.http.serving import run_service
from services.kernel.telemetry.logs import Log
from services.projections.analysis.compiling import Compiler, Rows
from services.projections.analysis.contents import TABLES_SCHEMA, VIEWS
from services.projections.analysis.corridors import Due, fetch_due, list_corridors
from services.projections.analysis.listing import list_indicators, list_map
from services.projections.analysis.schema import list_table_columns
from services.projections.analysis.sums import Sums, fetch_sums
from services.projections.api.statistics.releasing import ANALYST, read_release
from services.projections.settings import ProjectionsSettings
from services.projections.statistics.disclosure import NO_RULE
from services.projections.statistics.disclosure.rules import Rule

_LOCK = 0x65646974  # any constant that all processes share: "edit"
TABLE = "analysis"
"""What the rule for editions is called in the region's disclosure policy; unless it is there, the default holds."""
_POSITION = "position"
MAP = "as at the end of each year or quarter"


def main() -> int:
    """The exit code."""

    async def run(settings: ProjectionsSettings) -> int:
        if settings.analysis_database_url is None:
            raise OSError("DOMICILE_ANALYSIS_DATABASE_URL is not set")
        await publish(settings)
        return 0

    return run_service("projections-publish", __doc__ or "", ProjectionsSettings, run)


class Reading(NamedTuple):
    """What was read in one moment. `position`: how far the tables had come. `vintage`: the last record in them."""

    sums: Sums
    position: str
    vintage: datetime | None
    due: list[Due]


async def publish(settings: ProjectionsSettings) -> bool:
    """Whether there is a new edition; there is none when the tables stand where the last one was made."""
    assert settings.analysis_database_url is not None
    now = open_clock(settings.clock_offset_file).now()
    async with (
        _connect(settings.analysis_database_url, settings.region) as target,
        _connect(settings.read_database_url or settings.database_url, settings.region) as source,
    ):
        if not await target.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            return False
        former = await find_position(target)
        async with source.transaction(isolation="repeatable_read", readonly=True):
            if await read_position(source) == former:
                return False
            reading = await _read(source)
        rule = read_release(settings.disclosure).policy.find_rule(TABLE, ANALYST)
        rows = await asyncio.to_thread(compile_rows, reading.sums, rule, now.year - 1)
        rows["corridors"] = list_corridors(reading.due, rule, now.date())
        number = await write(target, rows, reading, rule, now)
    Log("analysis").info("edition-published", version=number, count=sum(map(len, rows.values())))
    return True


def compile_rows(sums: Sums, rule: Rule | None, last_year: int) -> Rows:
    """Every table but that of the edition itself."""
    compiled = Compiler(sums, rule).compile(last_year)
    return {**compiled, **list_map(sums.atlas), **list_indicators()}


async def find_position(target: Connection) -> str | None:
    """Where the tables stood when the edition that is read now was made."""
    found: str | None = await target.fetchval(
        f"SELECT digest FROM {TABLES_SCHEMA}.source WHERE name = $1",  # noqa: S608
        _POSITION,
    )
    return found


async def read_position(source: "Connection | asyncpg.Pool") -> str:
    """How far the tables that editions are made of have come, and which builds they are."""
    found: str = await source.fetchval(
        "SELECT md5(coalesce(string_agg(format('%s %s %s %s', p.projection, p.number, p.topic, p.partition)"
        " || ' ' || p.next_offset,"
        " ',' ORDER BY v.projection, p.topic, p.partition), ''))"
        " FROM projection.version v JOIN projection.position p USING (projection, number)"
        " WHERE v.state = 'live' AND v.projection IN ('register', 'geography')"
    )
    return found


async def _read(source: Connection) -> Reading:
    vintage = await source.fetchval(
        "SELECT max(p.recorded_at) FROM projection.version v JOIN projection.position p USING (projection, number)"
        " WHERE v.state = 'live' AND v.projection IN ('register', 'geography')"
    )
    due = await fetch_due(source)
    return Reading(await fetch_sums(source), await read_position(source), vintage, due)


async def write(target: Connection, rows: Rows, reading: Reading, rule: Rule | None, now: datetime) -> int:
    """All tables in one transaction; readers see the former edition until then. Those that stay as they are stay."""
    async with target.transaction():
        held = {row[0]: row[1] for row in await target.fetch(f"SELECT name, digest FROM {TABLES_SCHEMA}.source")}  # noqa: S608
        number = 1 + (await target.fetchval(f"SELECT max(number) FROM {TABLES_SCHEMA}.edition") or 0)  # noqa: S608
        years = sorted({row[0] for row in rows.get("balance", ())})
        conventions = (rule.threshold, rule.base) if rule else (None, None)
        span = (years[0], years[-1]) if years else (None, None)
        version = rule.version if rule else NO_RULE
        edition = (number, now, *span, *conventions, MAP, reading.vintage, version)
        for view in VIEWS:
            own = [edition] if view.name == "edition" else rows.get(view.name, [])
            digest = hashlib.sha256(repr(own).encode()).hexdigest()
            if held.get(view.name) != digest:
                columns = [column.name for column in list_table_columns(view)]
                await _replace(target, view.name, columns, own)
                await _note(target, view.name, digest)
        await _note(target, _POSITION, reading.position)
    return number


async def _replace(target: Connection, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
    await target.execute(f"DELETE FROM {TABLES_SCHEMA}.{table}")  # noqa: S608
    await target.copy_records_to_table(table, schema_name=TABLES_SCHEMA, columns=columns, records=rows, timeout=None)


async def _note(target: Connection, name: str, digest: str) -> None:
    await target.execute(f"DELETE FROM {TABLES_SCHEMA}.source WHERE name = $1", name)  # noqa: S608
    await target.execute(f"INSERT INTO {TABLES_SCHEMA}.source (name, digest) VALUES ($1, $2)", name, digest)  # noqa: S608


@asynccontextmanager
async def _connect(url: str, region: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(url, server_settings={"application_name": f"editions {region}", "jit": "off"})
    try:
        yield connection
    finally:
        await connection.close()
