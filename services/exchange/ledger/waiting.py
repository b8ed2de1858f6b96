"""Appends and waits: told by PostgreSQL which positions were committed, it looks up what became of the entries."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import asyncpg

from services.exchange.journal.entry import Entry, Outcome
from services.exchange.journal.journal import Journal
from services.exchange.ledger.documents import read_outcome
from services.exchange.ledger.positions import CHANNEL
from services.kernel.database.listening import listen
from services.kernel.database.weather import is_weather
from services.kernel.log.producer import Position
from services.kernel.log.reader import Partition
from services.kernel.telemetry.logs import Log

LOOK_AGAIN_S = 1.0
"""A word may be lost with its connection: then it is looked for."""


@dataclass(frozen=True, slots=True)
class _Wait:
    partition: Partition
    offset: int
    outcome: "asyncio.Future[Outcome | None]"


class WaitingJournal:
    """`run` listens until it is cancelled. Everybody who waits is served by one question for each word that comes."""

    def __init__(self, journal: Journal, pool: asyncpg.Pool) -> None:
        self._journal = journal
        self._pool = pool
        self._waiting: dict[UUID, _Wait] = {}
        self._passed: dict[Partition, int] = {}
        self._told = asyncio.Event()
        self._log = Log("journal")

    async def append(self, entries: Sequence[Entry]) -> list[Position]:
        """As of `Journal`."""
        return await self._journal.append(entries)

    async def append_and_wait(self, entries: Sequence[Entry], timeout_s: float = 10.0) -> list[Outcome | None]:
        """What became of each entry, in order; None where that is not known in time or the entry was set aside."""
        positions = await self._journal.append(entries)
        loop = asyncio.get_running_loop()
        waits = []
        for entry, position in zip(entries, positions, strict=True):
            wait = _Wait(Partition(position.topic, position.partition), position.offset, loop.create_future())
            waits.append(self._waiting.setdefault(entry.event_id, wait))
        self._told.set()
        outcomes = [wait.outcome for wait in waits]
        await asyncio.wait(outcomes, timeout=timeout_s)
        for entry, wait in zip(entries, waits, strict=True):
            if not wait.outcome.done():
                self._waiting.pop(entry.event_id, None)
        return [each.result() if each.done() else None for each in outcomes]

    async def run(self) -> None:
        """Listens and looks, through all weather."""
        complain = partial(self._log.error, "listening-failed")
        listening = asyncio.create_task(listen(self._pool, CHANNEL, self._hear, complain))
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN_S):
                        await self._told.wait()
                was_told = self._told.is_set()
                self._told.clear()
                try:
                    if not was_told and self._waiting:
                        await self._ask_positions()
                    await self._look()
                except Exception as error:
                    if not is_weather(error):
                        self._log.error("looking-failed", error)
        finally:
            listening.cancel()

    def _hear(self, told: str) -> None:
        topic, number, next_offset = told.rsplit("/", 2)
        partition = Partition(topic, int(number))
        self._passed[partition] = max(self._passed.get(partition, 0), int(next_offset))
        self._told.set()

    async def _ask_positions(self) -> None:
        rows = await self._pool.fetch("SELECT topic, partition, next_offset FROM exchange.position")
        self._passed.update({Partition(row[0], row[1]): row[2] for row in rows})

    async def _look(self) -> None:
        """What was committed and has no outcome was set aside."""
        passed = [id_ for id_, each in self._waiting.items() if each.offset < self._passed.get(each.partition, 0)]
        if not passed:
            return
        rows = await self._pool.fetch("SELECT event_id, outcome FROM exchange.applied WHERE event_id = ANY($1)", passed)
        found = {row["event_id"].bytes: read_outcome(row["outcome"]) for row in rows}
        for id_ in passed:
            wait = self._waiting.pop(id_, None)
            if wait is not None and not wait.outcome.done():
                wait.outcome.set_result(found.get(id_.bytes))
