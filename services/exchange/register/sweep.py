"""The sweep: what the register shows and no conversation knows is opened after all, from the corridor's start on.

Losing a record in transit, or a worker between two steps, can so delay a conversation and never lose it. Compared is
what the log took since the last time, with a margin, and of a long history some at a time.
"""

from datetime import timedelta

import asyncpg

from services.exchange.journal.entry import Entry
from services.exchange.register.facts import TYPES
from services.exchange.register.following import Follower
from services.kernel.clock import Clock
from services.kernel.codec import Decoder
from services.kernel.codec.framing import frame
from services.kernel.contract.catalog import Catalog
from services.kernel.database import Connection

MARGIN = timedelta(minutes=10)
AT_ONCE = 10_000
"""Of a history that was just imported: so many events in one sweep, for a machine has other things to do."""
_STEP = 2000


class Sweep:
    """`read`: the pool that may look at the register; `pool`: that of the exchange."""

    def __init__(
        self, pool: asyncpg.Pool, read: asyncpg.Pool, catalog: Catalog, follower: Follower, clock: Clock
    ) -> None:
        self._pool, self._read, self._follower, self._clock = pool, read, follower, clock
        self._decoder = Decoder(catalog)
        self._frames = [frame(event.schema_id, b"") for event in catalog.events if event.name in TYPES]
        self._annulments = [frame(event.schema_id, b"") for event in catalog.events if event.name == "EventAnnulled"]
        self._latest = 0

    async def find_missing(self) -> list[Entry]:
        """Entries of moves of which no conversation knows. Call `done` when they are on the log."""
        async with self._pool.acquire() as connection:
            since = await connection.fetchval("SELECT recorded_at FROM exchange.swept WHERE topic = 'register'")
        # The log's clock is nobody else's: what it took in the last minutes is looked at again.
        margin = int((self._clock.now() - MARGIN).timestamp() * 1000)
        start = min(since or 0, margin)
        missing: list[Entry] = []
        self._latest, left = since or 0, AT_ONCE
        async with self._read.acquire() as connection, connection.transaction():
            cursor = await connection.cursor(_EVENTS, start, self._frames, self._annulments)
            while left > 0 and (rows := await cursor.fetch(_STEP)):
                left -= len(rows)
                self._latest = max(self._latest, rows[-1]["recorded_at"])
                entries = await self._follower.take([self._decoder.decode(row["value"]) for row in rows])
                missing += await self._without_known(entries)
        return missing

    async def done(self) -> None:
        """What was missing is on the log."""
        async with self._pool.acquire() as connection:
            await connection.execute(
                "INSERT INTO exchange.swept VALUES ('register', $1) ON CONFLICT (topic) DO UPDATE"
                " SET recorded_at = greatest(swept.recorded_at, excluded.recorded_at)",
                self._latest,
            )

    async def _without_known(self, entries: list[Entry]) -> list[Entry]:
        if not entries:
            return []
        async with self._pool.acquire() as connection:
            known = await _find_known(connection, [entry.conversation_id for entry in entries])
        return [entry for entry in entries if entry.conversation_id not in known]


async def _find_known(connection: Connection, ids: list[str]) -> set[str]:
    rows = await connection.fetch(
        "SELECT conversation_id::text FROM exchange.conversation WHERE conversation_id = ANY($1::text[]::uuid[])"
        " UNION ALL SELECT other_id::text FROM exchange.alias WHERE other_id = ANY($1::text[]::uuid[])",
        ids,
    )
    return {row[0] for row in rows}


# An annulled move opens nothing; one that was corrected does, by what it said first.
_EVENTS = """
SELECT e.recorded_at, e.value FROM register.event e
WHERE e.recorded_at >= $1 AND substring(e.value FROM 1 FOR 5) = ANY($2)
  AND NOT EXISTS (
    SELECT 1 FROM register.event a
    WHERE a.target_id = e.event_id AND substring(a.value FROM 1 FOR 5) = ANY($3)
  )
ORDER BY e.recorded_at
"""
