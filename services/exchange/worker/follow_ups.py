"""The outbox of the journal: entries that follow from a decision go to the log. By their ids twice is once."""

import asyncpg

from services.exchange.journal.journal import Appender
from services.exchange.journal.records import EntryCoder
from services.kernel.errors import Unavailable

AT_ONCE = 500


class FollowUps:
    """Brings what lies in `exchange.journal_outbox` to the log, in its order."""

    def __init__(self, pool: asyncpg.Pool, log: Appender, coder: EntryCoder) -> None:
        self._pool = pool
        self._log = log
        self._coder = coder

    async def run_once(self) -> bool:
        """Whether there may be more."""
        rows = await self._pool.fetch(
            "SELECT event_id, record FROM exchange.journal_outbox ORDER BY ordinal LIMIT $1", AT_ONCE
        )
        if not rows:
            return False
        records = [self._coder.encode(self._coder.decode(row["record"])) for row in rows]
        positions = await self._log.append(records)
        certain = [row["event_id"] for row, position in zip(rows, positions, strict=True) if position is not None]
        await self._pool.execute("DELETE FROM exchange.journal_outbox WHERE event_id = ANY($1)", certain)
        if len(certain) < len(rows):
            raise Unavailable("log-unavailable")
        return len(rows) == AT_ONCE
