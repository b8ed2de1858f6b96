"""A projection that is halted takes in nothing more, in no process, until somebody has looked and starts it again."""

from collections.abc import Sequence

import asyncpg

from services.projections.engine.builds import Version

TOO_MANY_ASIDE = "too-many-set-aside"
OUTSIDE_LOG = "position-outside-log"


async def halt(pool: asyncpg.Pool, version: Version, reason: str) -> None:
    """All workers find out with their next batch. The first reason stays."""
    await pool.execute(
        "UPDATE projection.version SET halted_at = now(), halted_reason = $3"
        " WHERE projection = $1 AND number = $2 AND halted_at IS NULL",
        version.projection,
        version.number,
        reason,
    )


async def resume(pool: asyncpg.Pool, projections: Sequence[str]) -> list[str]:
    """What a start of the service does: whoever started it has looked. The names of those that were halted."""
    rows = await pool.fetch(
        "UPDATE projection.version SET halted_at = NULL, halted_reason = NULL"
        " WHERE halted_at IS NOT NULL AND projection = ANY($1) RETURNING projection",
        list(projections),
    )
    return [row["projection"] for row in rows]
