"""Timers: a conversation to which something happens by time alone gets an entry that says that time has passed."""

from uuid import UUID

import asyncpg

from services.exchange.journal.entry import Entry
from services.exchange.journal.journal import Journal
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.stimuli import Tick
from services.kernel.clock import Clock

TICKS_MAX = 500


class Timers:
    """Looks who must be woken. The same look gives the same entries, so a second leader does no harm."""

    def __init__(self, pool: asyncpg.Pool, journal: Journal, own: str, clock: Clock) -> None:
        self._pool = pool
        self._journal = journal
        self._own = own
        self._clock = clock
        self._told: set[bytes] = set()

    async def run_once(self) -> bool:
        """Whether there were any. What was told and is not applied yet is not told again."""
        now = self._clock.now()
        rows = await self._pool.fetch(
            "SELECT conversation_id::text, partner, revision, wake_at FROM exchange.conversation"
            " WHERE wake_at <= $1 ORDER BY wake_at LIMIT $2",
            now,
            TICKS_MAX,
        )
        entries = []
        for conversation_id, partner, revision, wake_at in rows:
            event_id = UUID(derive_id(wake_at, "tick", self._own, conversation_id, revision))
            if event_id.bytes not in self._told:
                entries.append(
                    Entry(event_id=event_id, partner=partner, conversation_id=conversation_id, at=now, stimulus=Tick())
                )
        if not entries:
            return False
        await self._journal.append(entries)
        if len(self._told) > 20 * TICKS_MAX:
            self._told.clear()
        self._told |= {entry.event_id.bytes for entry in entries}
        return len(entries) == TICKS_MAX
