"""What was set aside: shown, tried again, or skipped for good by somebody who answers for it."""

from typing import Any

import asyncpg

from services.exchange.ledger.applying import SCHEMA, Ledger
from services.exchange.ledger.aside import Placed
from services.kernel.errors import NotFound
from services.kernel.log.reader import LogReader, Partition, Range

LIST_MAX = 500


async def list_set_aside(pool: asyncpg.Pool) -> list[dict[str, Any]]:
    """The latest first; by their places on the log."""
    rows = await pool.fetch(
        'SELECT topic, partition, "offset", event_id, conversation_id, reason, error, set_aside_at,'
        " skipped_at, skipped_by"
        " FROM exchange.set_aside ORDER BY set_aside_at DESC LIMIT $1",
        LIST_MAX,
    )
    return [dict(row) for row in rows]


async def skip(pool: asyncpg.Pool, place: Partition, offset: int, actor: str) -> None:
    """It stays listed as skipped; NotFound if it is not set aside."""
    done = await pool.fetchval(
        "UPDATE exchange.set_aside SET skipped_at = now(), skipped_by = $4"
        ' WHERE topic = $1 AND partition = $2 AND "offset" = $3 RETURNING true',
        place.topic,
        place.number,
        offset,
        actor,
    )
    if not done:
        raise NotFound("unknown-set-aside")


async def retry(pool: asyncpg.Pool, ledger: Ledger, bootstrap: str, place: Partition, offset: int) -> bool:
    """Whether it could be applied now. What follows it in its conversation was applied before it. Blocks on the log."""
    listed = await pool.fetchval(
        'SELECT true FROM exchange.set_aside WHERE topic = $1 AND partition = $2 AND "offset" = $3', *place, offset
    )
    if not listed:
        raise NotFound("unknown-set-aside")
    reader = LogReader(bootstrap)
    try:
        records = [each for batch in reader.read_range({place: Range(offset, offset + 1)}) for each in batch]
    finally:
        reader.close()
    asides = await ledger.apply(pool, [Placed(place, offset, records[0].value() or b"")], ())
    if asides:
        return False
    await pool.execute(
        f'DELETE FROM {SCHEMA}.set_aside WHERE topic = $1 AND partition = $2 AND "offset" = $3',  # noqa: S608
        *place,
        offset,
    )
    return True
