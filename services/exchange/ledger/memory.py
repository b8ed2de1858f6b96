"""How long the fold knows that an entry counted. Beyond that the same entry would count again, and do nothing: what is
repeated so late is only what the region's own log says when it is read anew, and that opens what is open already.

Whether an entry counts depends on the two instants that it stands on the journal with, never on what was forgotten by
then: so a rebuild, which forgets nothing on its way, comes to the same.
"""

from datetime import timedelta

import asyncpg

from services.kernel.clock import Clock

MEMORY = timedelta(days=400)
_MARGIN = timedelta(days=40)
"""For entries that wait on the journal to be applied, and clocks that differ."""
AT_ONCE = 10_000


class Forgetting:
    """Deletes what cannot matter any more."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    async def run_once(self) -> bool:
        """Whether there may be more."""
        deleted = await self._pool.execute(
            "DELETE FROM exchange.applied WHERE ctid = ANY(ARRAY("
            " SELECT ctid FROM exchange.applied WHERE applied_at < $1 LIMIT $2))",
            self._clock.now() - MEMORY - _MARGIN,
            AT_ONCE,
        )
        return bool(deleted == f"DELETE {AT_ONCE}")
