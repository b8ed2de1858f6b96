"""The composition root of projections: what there is, how it hangs together, in which order it starts and stops."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from services.kernel.clock import Clock, open_clock
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.database import close_pool, find_role, migrate, open_pool, read_migrations
from services.kernel.database.weather import is_weather
from services.kernel.http.application import make_app, open_door
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.operations import Check, OperationRoutes
from services.kernel.identity.jwks import KeySource, open_keys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.tables import wait_for_tables
from services.kernel.processes.workers import Workers
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.metrics import Metrics
from services.projections.analysis.press import open_press
from services.projections.analysis.schema import at_database_of, prepare_schema
from services.projections.api.composition import ReadingParts, open_reading
from services.projections.api.rights import open_to_readers
from services.projections.api.statistics.releasing import read_release
from services.projections.engine import builds, halting
from services.projections.engine.figures import read_line
from services.projections.engine.log_ends import LogEnds
from services.projections.engine.mending import Mending
from services.projections.engine.projection import Projection
from services.projections.engine.routes import EngineRoutes
from services.projections.engine.status import Status
from services.projections.register.queries import SCHEMA
from services.projections.settings import ProjectionsSettings
from services.projections.tabulation.rolling import Rolling

MEASURE_EVERY_S = 2.0
BODY_BYTES_MAX = 16 << 20


@dataclass(frozen=True)
class Parts:
    """What the routes stand on."""

    catalog: Catalog
    projections: Sequence[Projection]
    pool: asyncpg.Pool
    status: Status
    mending: Mending
    keys: KeySource
    clock: Clock
    metrics: Metrics
    checks: Mapping[str, Check]
    reading: ReadingParts


def create_app(settings: ProjectionsSettings, parts: Parts) -> FastAPI:
    """The HTTP application. Does no I/O."""
    metrics = parts.metrics
    door = open_door("projections", settings, parts.keys, metrics, settings.requests_max)
    budget = ByteBudget(BODY_BYTES_MAX, metrics)
    return make_app(
        [
            *EngineRoutes(parts.status, parts.mending, budget).routes(door),
            *parts.reading.routes(door, budget),
            *OperationRoutes({**parts.checks, **parts.reading.checks}, metrics).routes(door),
        ]
    )


@asynccontextmanager
async def open_parts(
    settings: ProjectionsSettings, catalog: Catalog, projections: Sequence[Projection], worker: Sequence[str]
) -> AsyncIterator[Parts]:
    """Everything that `create_app` needs, opened, and the workers started; closed in the opposite order.

    `worker`: the command of one worker process. Raises SettingsError for a wrong disclosure policy, OSError or errors
    of asyncpg when the database does not answer.
    """
    metrics = Metrics()
    release = read_release(settings.disclosure)
    await _prepare(settings, projections)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, name=f"projections {settings.region}")
        stack.push_async_callback(close_pool, pool)
        for name in await halting.resume(pool, [one.name for one in projections]):
            Log("projections").warning("resumed", projection=name)
        topics = sorted({topic for one in projections for topic in builds.list_topics(one, settings.region)})
        ends = LogEnds(settings.kafka, topics)
        ends.start()
        stack.push_async_callback(ends.stop)
        workers = Workers(worker, os.environ, settings.workers if projections else 0, read_line)
        workers.start()
        stack.push_async_callback(workers.stop)
        await stack.enter_async_context(open_press(settings, pool))
        status = Status(pool, ends, workers, projections, metrics)
        measuring = asyncio.create_task(_measure(status))
        stack.callback(measuring.cancel)
        if any(one.name == SCHEMA for one in projections):
            rolling = asyncio.create_task(Rolling(pool, SCHEMA).run())
            stack.callback(rolling.cancel)
        mending = Mending(pool, settings.kafka, projections, Decoder(catalog))
        clock = open_clock(settings.clock_offset_file)
        looking = await open_pool(
            settings.read_database_url or settings.database_url, name=f"projections {settings.region} reading"
        )
        stack.push_async_callback(close_pool, looking)
        reading = await stack.enter_async_context(
            open_reading(
                region=settings.region,
                bootstrap=settings.kafka,
                pool=looking,
                catalog=catalog,
                region_key=RegionKey.read(settings.region_key_file),
                clock=clock,
                metrics=metrics,
                release=release,
            )
        )
        yield Parts(
            catalog=catalog,
            projections=projections,
            pool=pool,
            status=status,
            mending=mending,
            keys=open_keys(settings.jwks),
            clock=clock,
            metrics=metrics,
            checks=_checks(pool, ends, status),
            reading=reading,
        )


def _checks(pool: asyncpg.Pool, ends: LogEnds, status: Status) -> dict[str, Check]:
    async def database() -> bool:
        return bool(await pool.fetchval("SELECT true"))

    async def log() -> bool:
        return ends.reachable

    async def projections() -> bool:
        return not await status.halted()

    return {"database": database, "log": log, "projections": projections}


async def _prepare(settings: ProjectionsSettings, projections: Sequence[Projection]) -> None:
    """Migrations, and a live build of every projection."""
    if settings.owner_database_url is None:
        return
    service_role = await find_role(settings.database_url)
    await wait_for_tables(settings.owner_database_url)
    migrations = read_migrations("projections", Path(__file__).parent / "migrations")
    await migrate(settings.owner_database_url, migrations, {"service_role": service_role})
    await builds.prepare(settings.owner_database_url, service_role, settings.region, projections)
    if settings.read_database_url is not None:
        reading_role = await find_role(settings.read_database_url)
        await open_to_readers(settings.owner_database_url, reading_role, [each.name for each in projections])
    if settings.analysis_database_url is not None:
        owner_url = at_database_of(settings.owner_database_url, settings.analysis_database_url)
        await prepare_schema(owner_url, service_role, settings.analyst_role)


async def _measure(status: Status) -> None:
    while True:
        try:
            await status.measure()
        except Exception as error:
            if not is_weather(error):
                Log("projections").error("measuring-failed", error)
        await asyncio.sleep(MEASURE_EVERY_S)
