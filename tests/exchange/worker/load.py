"""Entries on a region's real journal, and what became of them in its tables."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import psutil

from deploy.local.stack import Running
from services.exchange.journal.entry import Beginning, Entry
from services.exchange.journal.journal import Journal
from services.exchange.journal.records import EntryCoder
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Find, Finding, Say, Stimulus, Tick
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Unavailable
from services.kernel.log.producer import LogProducer
from services.kernel.log.reader import LogReader
from services.kernel.log.topics import get_topic
from services.kernel.privacy.region_key import RegionKey
from tests.exchange.journal.contract import entry
from tests.exchange.protocol.words import body_of
from tests.stacks import ROOT

PATIENCE_S = 180.0
PARTNERS = tuple(f"partner{number}" for number in range(8))
"""Regions of which the directory knows nothing: they are on all partitions, and nobody answers."""


@dataclass
class Load:
    """One region of a running stack. `entries`: all that were appended for certain."""

    stack: Running
    region: str
    producer: LogProducer
    entries: list[Entry] = field(default_factory=list)

    @cached_property
    def journal(self) -> Journal:
        key = RegionKey.derive(bytes(32))
        return Journal(self.producer, EntryCoder(self.region, Catalog.load(), key))

    @classmethod
    def open(cls, stack: Running, region: str) -> "Load":
        return cls(stack, region, LogProducer(stack.kafka, client_id="load", delivery_timeout_s=60))

    async def append(self, entries: list[Entry]) -> None:
        """For certain, however often it takes; twice is once."""
        while True:
            try:
                await self.journal.append(entries)
            except Unavailable:
                await asyncio.sleep(0.2)
                continue
            self.entries += entries
            return

    def make(self, conversations: int) -> list[list[Entry]]:
        """Of each conversation four entries in their order; as four lists, to be appended one after the other."""
        ids = [(str(uuid4()), PARTNERS[number % len(PARTNERS)]) for number in range(conversations)]
        begins = Beginning(Talk.MOVE, Role.DESTINATION)
        notice: Callable[[], Stimulus] = lambda: Say(  # noqa: E731
            "201", body_of("201", registration_id=str(uuid4())), str(uuid4())
        )
        steps: list[tuple[Callable[[], Stimulus], Beginning | None]] = [
            (notice, begins),
            (lambda: Find(Finding.RECONFIRMED), None),
            (Tick, None),
            (Tick, None),
        ]
        return [[entry(id_, step(), begin, partner) for id_, partner in ids] for step, begin in steps]

    async def settled(self) -> None:
        """Returns when everything on the journal is applied."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.count_missing():  # noqa: ASYNC110 processes of their own, which tell nobody
                await asyncio.sleep(0.2)

    async def count_missing(self) -> int:
        """Entries that were appended and have no outcome yet; all, while the database does not answer."""
        try:
            rows = await self.rows("SELECT event_id FROM exchange.applied")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return len(self.entries)
        applied = {row[0].bytes for row in rows}
        return sum(entry.event_id.bytes not in applied for entry in self.entries)

    async def revisions(self) -> set[int]:
        """How many entries each of our conversations has seen, and was told of."""
        rows = await self.rows(
            "SELECT revision FROM exchange.conversation WHERE conversation_id::text = ANY($1)",
            sorted({entry.conversation_id for entry in self.entries}),
        )
        assert len(rows) == len({entry.conversation_id for entry in self.entries})
        return {row[0] for row in rows}

    async def rows(self, query: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(self.stack.regions[self.region].database)
        try:
            return await connection.fetch(query, *values)
        finally:
            await connection.close()

    def workers(self) -> list[psutil.Process]:
        """The worker processes of the region's exchange that live now."""
        try:
            parent = self.stack.get_process(f"{self.region}-exchange")
            return [each for each in parent.children() if "work" in each.cmdline()]
        except (KeyError, psutil.NoSuchProcess):
            return []

    def ask(self, method: str, path: str) -> httpx.Response:
        """As an operator."""
        own = self.stack.regions[self.region]
        headers = {"authorization": f"Bearer {own.token('operator')}"}
        return httpx.request(method, f"{own.exchange}{path}", headers=headers, timeout=30)

    def rebuild(self) -> subprocess.CompletedProcess[str]:
        """Folds the journal anew and compares."""
        own = self.stack.regions[self.region].get_settings("exchange")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
        return subprocess.run(
            [sys.executable, "-m", "services.exchange", "rebuild"],
            cwd=ROOT,
            env={**kept, **own},
            capture_output=True,
            text=True,
            check=False,
        )

    def end_of_journal(self) -> dict[Any, int]:
        reader = LogReader(self.stack.kafka)
        topic = get_topic(self.region, "exchange")
        ends = {place: span.next_offset for place, span in reader.ranges(reader.partitions([topic])).items()}
        reader.close()
        return ends
