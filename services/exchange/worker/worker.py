"""One worker process: a member of the region's group, and, where it leads, everything that runs once per region."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from services.exchange.journal.journal import Journal
from services.exchange.ledger.applying import Ledger
from services.exchange.ledger.aside import Placed, Recent
from services.exchange.ledger.positions import Step, get_positions
from services.exchange.settings import ExchangeSettings
from services.exchange.worker.assembly import assemble_following, assemble_loops
from services.exchange.worker.faust_app import Group
from services.exchange.worker.loops import Leading
from services.exchange.worker.parts import Parts, open_parts
from services.exchange.worker.taking import Taking
from services.exchange.worker.watchdog import Watchdog
from services.kernel.contract.catalog import Catalog
from services.kernel.log.topics import get_topic
from services.kernel.processes.parent import tell_parent
from services.kernel.telemetry.logs import Log

USELESS = 70
"""Exit code of a worker that its watchdog ended; its parent starts another one."""
PATIENCE_S = 20.0
LEAVE_S = 5.0


class TopicFigures(msgspec.Struct):
    """One topic in one worker; counts begin with the worker."""

    topic: str
    state: str
    partitions: int
    entries: int
    batches: int
    retries: int
    aside: int = 0


class Line(msgspec.Struct):
    """What a worker tells its parent twice a second."""

    leads: bool
    lag: int
    failures: dict[str, int]
    topics: list[TopicFigures]


def read_line(text: bytes) -> dict[str, Line]:
    """As `kernel.processes.workers` wants it."""
    return {"worker": msgspec.json.decode(text, type=Line)}


@dataclass
class _Worker:
    parts: Parts
    takings: Sequence[Taking]
    leading: Leading
    asides: int = 0
    lag: int = 0

    def line(self) -> bytes:
        topics = [
            TopicFigures(each.topic, each.state, len(each.ours), each.entries, each.batches, each.retries)
            for each in self.takings
        ]
        topics[0].aside = self.asides
        return msgspec.json.encode(Line(self.leading.is_leader, self.lag, self.leading.failures, topics))


async def work(settings: ExchangeSettings, catalog: Catalog, stop: asyncio.Event) -> int:
    """Until `stop` is set: 0; or until the watchdog says why this process should end: USELESS."""
    async with open_parts(settings, catalog, "exchange worker") as parts:
        worker = _assemble(parts)
        group_name = f"{settings.region}.exchange"

        def assigned(partitions: set[object]) -> None:
            for taking in worker.takings:
                taking.assign(partitions)  # type: ignore[arg-type]

        group = Group(
            group_name,
            settings.kafka,
            {taking.topic: taking.take for taking in worker.takings},
            assigned,  # type: ignore[arg-type]
            settings.session_timeout_s,
        )
        patience_s = max(PATIENCE_S, 2.0 * settings.session_timeout_s)
        watchdog = Watchdog(
            settings.kafka, group_name, group.member, worker.takings, lambda: group.has_crashed, patience_s
        )
        tasks = [asyncio.create_task(taking.run()) for taking in worker.takings]
        tasks += [asyncio.create_task(worker.leading.run()), asyncio.create_task(tell_parent(worker.line, stop))]
        joining = asyncio.create_task(group.start())
        watching, stopping = asyncio.create_task(watchdog.run()), asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, stopping):
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with contextlib.suppress(Exception):
                async with asyncio.timeout(LEAVE_S):
                    joining.cancel()
                    await group.stop()
        if watching.done() and not stop.is_set():
            Log("watchdog").error("worker-ends", reason=_reason(watching))
            return USELESS
        watching.cancel()
        return 0


def _reason(watching: "asyncio.Task[str]") -> str:
    error = watching.exception()
    return watching.result() if error is None else type(error).__name__


def _assemble(parts: Parts) -> _Worker:
    settings = parts.settings
    ledger = Ledger(parts.house, parts.coder, Recent(settings.aside_max))
    journal = Journal(parts.producer, parts.coder)
    leading = Leading(settings.database_url, f"exchange {settings.region}", assemble_loops(parts, journal))
    worker = _Worker(parts, (), leading)

    async def apply(records: Sequence[Placed], steps: Sequence[Step]) -> None:
        asides = await ledger.apply(parts.pool, records, steps)
        worker.asides += len(asides)
        for each in asides:
            Log("agent").error("set-aside", each.raised, offset=each.record.offset, partition=each.record.partition[1])

    async def halt(reason: str) -> None:
        await parts.pool.execute("INSERT INTO exchange.halt (reason) VALUES ($1) ON CONFLICT DO NOTHING", reason)

    following = assemble_following(parts, journal)
    applies = {get_topic(settings.region, "exchange"): apply}
    if following is not None:
        applies |= {get_topic(settings.region, context): following.apply for context in ("migration", "registration")}
    worker.takings = [
        Taking(
            topic,
            settings.kafka,
            each,
            lambda partitions: get_positions(parts.pool, partitions),
            halt,
            batch_max=settings.batch_max,
            linger_s=settings.linger_ms / 1000,
        )
        for topic, each in applies.items()
    ]
    return worker
