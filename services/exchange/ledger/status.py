"""How the exchange of a region stands, in numbers: what an operator looks at, and what is measured."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from services.kernel.log.reader import Partition


async def describe(pool: asyncpg.Pool) -> dict[str, Any]:
    """Positions, what was set aside, why it is halted, what waits: counts only, of nobody in particular."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        halted = await connection.fetchrow("SELECT reason, halted_at FROM exchange.halt")
        aside = await connection.fetchrow(
            "SELECT count(*) FILTER (WHERE skipped_at IS NULL) AS waiting,"
            " count(*) FILTER (WHERE skipped_at IS NOT NULL) AS skipped FROM exchange.set_aside"
        )
        duties = await connection.fetch(
            "SELECT duty, count(*) AS n FROM exchange.conversation WHERE duty IS NOT NULL GROUP BY duty ORDER BY duty"
        )
        outboxes = await connection.fetchrow(
            "SELECT (SELECT count(*) FROM exchange.journal_outbox) AS journal,"
            " (SELECT count(*) FROM exchange.register_outbox WHERE next_at <> 'infinity') AS register,"
            " (SELECT count(*) FROM exchange.register_outbox r WHERE next_at = 'infinity' AND NOT EXISTS"
            "  (SELECT FROM exchange.given_up g WHERE g.event_id = r.event_id)) AS refused,"
            " (SELECT count(*) FROM exchange.message WHERE send_at IS NOT NULL) AS letters,"
            " (SELECT count(*) FROM exchange.message WHERE delivery = 'DEAD_LETTERED') AS dead"
        )
        positions = await connection.fetch(
            "SELECT topic, partition, next_offset, moved_at FROM exchange.position ORDER BY topic, partition"
        )
    return {
        "halted": None if halted is None else {"reason": halted["reason"], "since": halted["halted_at"]},
        "set_aside": dict(aside or {}),
        "duties": {row["duty"]: row["n"] for row in duties},
        "waiting": dict(outboxes or {}),
        "positions": [dict(row) for row in positions],
    }


async def count_lag(pool: asyncpg.Pool, ends: Mapping[Partition, int]) -> int:
    """Records on the log that are not applied yet."""
    rows = await pool.fetch("SELECT topic, partition, next_offset FROM exchange.position")
    known = {Partition(row[0], row[1]): row[2] for row in rows}
    return sum(max(0, end - known.get(partition, 0)) for partition, end in ends.items())


async def resume(pool: asyncpg.Pool) -> str | None:
    """What a start of the service does: whoever started it has looked. Why it was halted, if it was."""
    reason: str | None = await pool.fetchval("DELETE FROM exchange.halt RETURNING reason")
    return reason
