"""The agents' work on the region's own register: what happened to people becomes entries of the journal."""

from collections.abc import Awaitable, Callable, Sequence

import asyncpg

from services.exchange.journal.entry import Entry
from services.exchange.journal.journal import Journal
from services.exchange.ledger.applying import SCHEMA, Halted
from services.exchange.ledger.aside import Placed
from services.exchange.ledger.positions import Step, advance
from services.kernel.codec import Decoder
from services.kernel.codec.decode import Event
from services.kernel.codec.framing import unframe
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Corrupt
from services.kernel.telemetry.logs import Log

FindEntries = Callable[[Sequence[Event]], Awaitable[Sequence[Entry]]]


class RegisterFollowing:
    """Appends first, then moves the position: a batch that is redone gives the same entries, which count once."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        journal: Journal,
        catalog: Catalog,
        find_entries: FindEntries,
        types: frozenset[str],
        may_matter: Callable[[bytes], bool] = lambda framed: True,
    ) -> None:
        self._pool = pool
        self._journal = journal
        self._decoder = Decoder(catalog)
        self._find_entries, self._may_matter = find_entries, may_matter
        self._wanted = {event.schema_id for event in catalog.events if event.name in types}
        self._log = Log("following")

    async def apply(self, records: Sequence[Placed], steps: Sequence[Step]) -> None:
        """As `taking.Apply`."""
        if await self._pool.fetchval("SELECT EXISTS (SELECT FROM exchange.halt)"):
            raise Halted
        events = [event for record in records if (event := self._read(record)) is not None]
        if events:
            entries = await self._find_entries(events)
            if entries:
                await self._journal.append(entries)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL search_path TO {SCHEMA}; SET LOCAL synchronous_commit TO off")
            await advance(connection, steps)

    def _read(self, record: Placed) -> Event | None:
        """What concerns us. A record that nobody can read is the projections' to complain of; the sweep looks again."""
        try:
            schema_id, _ = unframe(record.value)
            wanted = schema_id in self._wanted and self._may_matter(record.value)
            return self._decoder.decode(record.value) if wanted else None
        except Corrupt as error:
            self._log.error("unreadable", error, topic=record.partition.topic, offset=record.offset)
            return None
