"""The composition root of ingest: what there is, how it hangs together, in which order it starts and stops."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from services.ingest.corrections.expiry import expire_drafts
from services.ingest.corrections.routes import CorrectionRoutes
from services.ingest.corrections.store import DraftStore
from services.ingest.geography.routes import AreaRoutes
from services.ingest.pipeline import Pipeline, open_pipeline
from services.ingest.registry.listing import Listing
from services.ingest.registry.routes import RegistryRoutes
from services.ingest.routes.description import DescriptionRoutes
from services.ingest.routes.echo import EchoRoutes
from services.ingest.routes.events import EventRoutes
from services.ingest.settings import IngestSettings
from services.kernel.clock import Clock, open_clock
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.database import close_pool, find_role, migrate, open_pool, read_migrations
from services.kernel.geography.follower import GeographyFollower
from services.kernel.http.application import make_app, open_door
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.operations import Check, OperationRoutes
from services.kernel.identity.jwks import KeySource, open_keys
from services.kernel.identity.matrix import read_matrix
from services.kernel.log.producer import LogProducer
from services.kernel.log.topics import get_topic
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import ReadRecorder
from services.kernel.telemetry.metrics import Metrics

_HERE = Path(__file__).parent
_PRIVACY_MIGRATIONS = _HERE.parent / "kernel" / "privacy" / "migrations"


@dataclass(frozen=True)
class Parts:
    """What the routes stand on."""

    catalog: Catalog
    pipeline: Pipeline
    follower: GeographyFollower
    drafts: DraftStore
    audit: ReadRecorder
    keys: KeySource
    clock: Clock
    metrics: Metrics
    checks: Mapping[str, Check]


def create_app(settings: IngestSettings, parts: Parts) -> FastAPI:
    """The HTTP application. Does no I/O."""
    metrics, catalog = parts.metrics, parts.catalog
    matrix = read_matrix("ingest")
    door = open_door("ingest", settings, parts.keys, metrics, settings.requests_max)
    budget = ByteBudget(settings.bytes_max, metrics)
    sources = frozenset(catalog.vocabulary("source"))
    return make_app(
        [
            *EventRoutes(parts.pipeline, budget, sources, parts.follower, metrics).routes(door),
            *CorrectionRoutes(
                parts.drafts,
                parts.pipeline,
                parts.follower,
                budget,
                parts.clock,
                frozenset(catalog.vocabulary("purpose")),
                parts.audit,
            ).routes(door),
            *AreaRoutes(parts.follower).routes(door),
            *RegistryRoutes(Listing(catalog)).routes(door),
            *OperationRoutes(parts.checks, metrics).routes(door),
            *DescriptionRoutes(settings.region, catalog, matrix, settings.echo).routes(door),
            *(EchoRoutes(budget).routes(door) if settings.echo else ()),
        ]
    )


@asynccontextmanager
async def open_parts(settings: IngestSettings) -> AsyncIterator[Parts]:
    """Everything that `create_app` needs, opened; closed in the opposite order, what is under way finished first.

    Raises OSError or asyncpg's errors when the database does not answer, Corrupt when the region's key cannot be
    used. A broker that does not answer is waited for: the process is alive and not ready.
    """
    region_key = RegionKey.read(settings.region_key_file)
    catalog, metrics, clock = Catalog.load(), Metrics(), open_clock(settings.clock_offset_file)
    await _migrate(settings)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, name=f"ingest {settings.region}")
        stack.push_async_callback(close_pool, pool)
        producer = LogProducer(
            settings.kafka, client_id=f"ingest-{settings.region}", delivery_timeout_s=settings.delivery_timeout_s
        )
        stack.push_async_callback(producer.close)
        follower = GeographyFollower(settings.kafka, get_topic(settings.region, "geography"), Decoder(catalog), metrics)
        follower.start()
        stack.push_async_callback(follower.stop)
        pipeline = await stack.enter_async_context(
            open_pipeline(
                region=settings.region,
                bootstrap=settings.kafka,
                pool=pool,
                producer=producer,
                catalog=catalog,
                region_key=region_key,
                tree=follower.current_tree,
                clock=clock,
                metrics=metrics,
            )
        )
        metrics.watch("domicile_events_in_flight", lambda: pipeline.in_flight)
        metrics.watch("domicile_appends_in_flight", lambda: len(producer))
        drafts = DraftStore(pool, region_key, settings.region, timedelta(days=settings.draft_days))
        expiring = asyncio.create_task(expire_drafts(drafts, clock))
        stack.callback(expiring.cancel)
        checks = _checks(pool, follower)
        audit = ReadRecorder(producer, catalog, region_key, settings.region, "ingest", clock)
        yield Parts(catalog, pipeline, follower, drafts, audit, open_keys(settings.jwks), clock, metrics, checks)


def _checks(pool: asyncpg.Pool, follower: GeographyFollower) -> dict[str, Check]:
    async def database() -> bool:
        return bool(await pool.fetchval("SELECT true"))

    async def log() -> bool:
        return follower.log_reachable

    async def geography() -> bool:
        return follower.ready

    return {"database": database, "log": log, "geography": geography}


async def _migrate(settings: IngestSettings) -> None:
    if settings.owner_database_url is None:
        return
    service_role = await find_role(settings.database_url)
    migrations = [
        *read_migrations("privacy", _PRIVACY_MIGRATIONS),
        *read_migrations("ingest", _HERE / "migrations"),
    ]
    await migrate(settings.owner_database_url, migrations, {"service_role": service_role})
