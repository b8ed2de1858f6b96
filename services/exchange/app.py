"""The composition root of the exchange: what there is, how it hangs together, in which order it starts and stops."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Route

from services.exchange.clerk.desk import Desk
from services.exchange.delivery.anchoring import Anchoring
from services.exchange.delivery.posting import Posting
from services.exchange.door.acts import ActRoutes
from services.exchange.door.answers import AnswerRoutes
from services.exchange.door.conversations import Cabinet, ConversationRoutes
from services.exchange.door.operators import OperatorRoutes
from services.exchange.door.pairings import PairingRoutes
from services.exchange.door.partner_app import make_partner_app
from services.exchange.door.pauses import PauseRoutes
from services.exchange.door.proofs import ProofRoutes
from services.exchange.door.reconciliations import ReconciliationRoutes
from services.exchange.door.refused_posts import RefusedPostRoutes
from services.exchange.door.scorecards import ScorecardRoutes
from services.exchange.door.speaking import Speaker
from services.exchange.door.worklists import WorklistRoutes
from services.exchange.journal.findings import FindingKind
from services.exchange.ledger import status
from services.exchange.ledger.assessing import assess_anew
from services.exchange.members import Member
from services.exchange.pairing.records import RecordReader
from services.exchange.reconciliation import records
from services.exchange.reconciliation.beginning import Beginning
from services.exchange.settings import ExchangeSettings
from services.exchange.worker.parts import Parts, open_parts
from services.exchange.worker.worker import Line, read_line
from services.kernel.clock import Clock
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import DEFAULT_FOLDER, Catalog
from services.kernel.contract.lints.forbidden import read_phrases
from services.kernel.database import find_role, migrate, read_migrations
from services.kernel.database.weather import is_weather
from services.kernel.http.application import make_app, open_door
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.operations import Check, OperationRoutes
from services.kernel.identity.jwks import KeySource, open_keys
from services.kernel.privacy.tables import wait_for_tables
from services.kernel.processes.workers import Workers
from services.kernel.reading.particulars import ParticularsReader
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.metrics import Metrics

MEASURE_EVERY_S = 2.0
BODY_BYTES_MAX = 16 << 20


@dataclass(frozen=True)
class Serving:
    """What the routes stand on."""

    parts: Parts
    workers: Workers[Line]
    keys: KeySource
    metrics: Metrics
    checks: Mapping[str, Check]


def create_app(settings: ExchangeSettings, serving: Serving) -> FastAPI:
    """The application for offices and operators. Does no I/O."""
    metrics, parts = serving.metrics, serving.parts
    door = open_door("exchange", settings, serving.keys, metrics, settings.requests_max)
    budget = ByteBudget(BODY_BYTES_MAX, metrics)
    return make_app(
        [
            *OperatorRoutes(parts, serving.workers, budget).routes(door),
            *_open_pairings(parts, budget, metrics).routes(door),
            *_open_conversations(parts, budget, door),
            *_open_proofs(parts, door),
            *_open_reconciliations(parts, budget, door),
            *_open_worklists(parts, budget, door),
            *ScorecardRoutes(parts.pool, parts.members, parts.clock, settings.region).routes(door),
            *OperationRoutes(serving.checks, metrics).routes(door),
        ]
    )


def _open_conversations(parts: Parts, budget: ByteBudget, door: Door) -> list[Route]:
    """Where offices see conversations and speak in them."""
    records = RecordReader(Decoder(parts.catalog), ParticularsReader(parts.catalog, parts.region_key))
    cabinet = Cabinet(parts.pool, parts.read_pool, records, parts.audit, parts.clock, parts.settings.region)
    desk = Desk(parts.pool, parts.data_keys, parts.sealer)
    speaker = Speaker(cabinet, desk, parts.journal, tuple(read_phrases(DEFAULT_FOLDER)), parts.clock)
    return [
        *ConversationRoutes(cabinet, desk, parts.members).routes(door),
        *ActRoutes(speaker, parts.members, budget).routes(door),
        *AnswerRoutes(speaker, desk, parts.members, budget).routes(door),
    ]


def _open_pairings(parts: Parts, budget: ByteBudget, metrics: Metrics) -> PairingRoutes:
    """Where people say who is meant."""
    records = RecordReader(Decoder(parts.catalog), ParticularsReader(parts.catalog, parts.region_key))
    letters = Desk(parts.pool, parts.data_keys, parts.sealer)
    return PairingRoutes(
        parts.pool,
        parts.read_pool,
        records,
        letters,
        parts.journal,
        parts.audit,
        parts.clock,
        budget,
        metrics,
        parts.settings.region,
    )


def _open_proofs(parts: Parts, door: Door) -> list[Route]:
    """What was said, for auditors; nothing where there are no partners."""
    if parts.members is None:
        return []
    return ProofRoutes(parts.pool, Anchoring(parts.pool, parts.members, parts.clock)).routes(door)


def _open_worklists(parts: Parts, budget: ByteBudget, door: Door) -> list[Route]:
    """What waits for people, and acts that are no message of a conversation."""
    pool, members, clock, own = parts.pool, parts.members, parts.clock, parts.settings.region
    return [
        *WorklistRoutes(pool, members, clock, own).routes(door),
        *PauseRoutes(pool, parts.journal, members, clock, budget, own).routes(door),
        *RefusedPostRoutes(pool, clock).routes(door),
    ]


def _open_reconciliations(parts: Parts, budget: ByteBudget, door: Door) -> list[Route]:
    """Whether two registers hold the same links; nothing where there are no partners."""
    if parts.members is None:
        return []
    members, opened = parts.members, list[Posting]()

    async def reach(partner: Member, request: bytes) -> bytes:
        if not opened:  # certificates are read when there is somebody to reach
            opened.append(Posting(members.tls))
        return await opened[0].reconcile(partner, request)

    beginning = Beginning(parts.pool, parts.read_pool, parts.journal, members, parts.clock, reach)
    return ReconciliationRoutes(parts.pool, beginning, members, budget).routes(door)


def create_partner_app(serving: Serving) -> Starlette | None:
    """The application for partners; None where there are none."""
    parts = serving.parts
    if parts.members is None:
        return None
    return make_partner_app(
        pool=parts.pool,
        read_pool=parts.read_pool,
        journal=parts.journal,
        members=parts.members,
        data_keys=parts.data_keys,
        sealer=parts.sealer,
        phrases=read_phrases(DEFAULT_FOLDER),
        clock=parts.clock,
        metrics=serving.metrics,
    )


@asynccontextmanager
async def open_serving(settings: ExchangeSettings, catalog: Catalog, worker: Sequence[str]) -> AsyncIterator[Serving]:
    """Everything that the applications need, opened, and the workers started; closed in the opposite order."""
    await prepare(settings)
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings, catalog, "exchange"))
        if (reason := await status.resume(parts.pool)) is not None:
            Log("exchange").warning("resumed", reason=reason)
        if (count := await assess_anew(parts.pool, settings.region, parts.house.directory())) > 0:
            Log("exchange").info("assessed-anew", count=count)
        workers = Workers(worker, os.environ, settings.workers, read_line)
        workers.start()
        stack.push_async_callback(workers.stop)
        measuring = asyncio.create_task(_measure(parts.pool, workers, metrics, parts.clock))
        stack.callback(measuring.cancel)
        yield Serving(parts, workers, open_keys(settings.jwks), metrics, _checks(parts.pool, workers))


async def prepare(settings: ExchangeSettings) -> None:
    """Migrations, where the owner's login is given."""
    if settings.owner_database_url is None:
        return
    role = await find_role(settings.database_url)
    reading = await find_role(settings.read_database_url or settings.database_url)
    await wait_for_tables(settings.owner_database_url)
    migrations = read_migrations("exchange", Path(__file__).parent / "migrations")
    await migrate(settings.owner_database_url, migrations, {"service_role": role, "reading_role": reading})


def _checks(pool: asyncpg.Pool, workers: Workers[Line]) -> dict[str, Check]:
    async def database() -> bool:
        return bool(await pool.fetchval("SELECT true"))

    async def halted() -> bool:
        return not await pool.fetchval("SELECT EXISTS (SELECT FROM exchange.halt)")

    async def agents() -> bool:
        """All partitions are somebody's."""
        told = [each.figures["worker"] for each in workers.workers if each.figures and not each.is_silent()]
        return any(topic.partitions for line in told for topic in line.topics)

    return {"database": database, "applying": halted, "agents": agents}


async def _measure(pool: asyncpg.Pool, workers: Workers[Line], metrics: Metrics, clock: Clock) -> None:
    gauge = metrics.gauge
    while True:
        try:
            told = await status.describe(pool)
            lines = [each.figures["worker"] for each in workers.workers if each.figures]
            gauge("domicile_exchange_lag_entries").set(sum(line.lag for line in lines))
            for state, count in told["set_aside"].items():
                gauge("domicile_exchange_set_aside", state=state).set(count)
            for what, count in told["waiting"].items():
                gauge("domicile_exchange_waiting", what=what).set(count)
            gauge("domicile_exchange_people_waited_for").set(told["duties"].get("PEOPLE", 0))
            findings, ago_s = await records.measure(pool, clock.now())
            for kind in FindingKind:
                gauge("domicile_exchange_findings", kind=kind).set(findings.get(kind, 0))
            gauge("domicile_exchange_reconciled_seconds_ago").set(ago_s)
            gauge("domicile_exchange_halted").set(told["halted"] is not None)
            gauge("domicile_exchange_worker_restarts").set(sum(each.restarts for each in workers.workers))
        except Exception as error:
            if not is_weather(error):
                Log("exchange").error("measuring-failed", error)
        await asyncio.sleep(MEASURE_EVERY_S)
