"""One build goes live in place of another, in one transaction; and builds that nobody needs any more are dropped."""

from collections.abc import Sequence
from dataclasses import replace

import asyncpg

from services.kernel.database import Connection
from services.kernel.log.reader import Partition
from services.projections.engine.builds import LIVE, RETIRED, Version, find_live, show
from services.projections.engine.projection import Table
from services.projections.engine.rebuild.found import exchange
from services.projections.engine.rebuild.order import Stop

_LOCK_TIMEOUT_MS = 5000


async def hold_live(connection: Connection, live: Version) -> dict[Partition, int]:
    """Where the live build stands; it stays there until the caller's transaction ends. Raises Stop if it is not live.

    Batches hold a lock on this row while they are applied, so this waits for those under way.
    """
    await connection.execute(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}")
    held = await connection.fetchval(
        "SELECT number FROM projection.version WHERE projection = $1 AND number = $2 AND state = 'live' FOR UPDATE",
        live.projection,
        live.number,
    )
    if held is None:
        raise Stop("Another build went live meanwhile.")
    return await read_positions(connection, live)


async def read_positions(connection: Connection, version: Version) -> dict[Partition, int]:
    """Where a build stands, as the connection's transaction sees it."""
    rows = await connection.fetch(
        "SELECT topic, partition, next_offset FROM projection.position WHERE projection = $1 AND number = $2",
        version.projection,
        version.number,
    )
    return {Partition(topic, number): offset for topic, number, offset in rows}


async def switch(
    connection: Connection, old: Version, new: Version, tables: Sequence[Table], service_role: str
) -> None:
    """In the transaction that holds the live build. Workers find out because their next batch is refused."""
    await connection.execute(
        "UPDATE projection.version SET state = $3 WHERE projection = $1 AND number = $2",
        old.projection,
        old.number,
        RETIRED,
    )
    await connection.execute(
        "UPDATE projection.version SET state = $3, switched_at = now() WHERE projection = $1 AND number = $2",
        new.projection,
        new.number,
        LIVE,
    )
    await show(connection, replace(new, state=LIVE), tables, service_role)
    await exchange(connection, old, new)
    await connection.execute(
        "DELETE FROM projection.rebuild WHERE projection = $1 AND number = $2", new.projection, new.number
    )


async def find_retired(connection: Connection, projection: str) -> Version | None:
    """The build that was live before."""
    row = await connection.fetchrow(
        "SELECT projection, number, state, edition, halted_reason FROM projection.version"
        " WHERE projection = $1 AND state = 'retired' ORDER BY switched_at DESC LIMIT 1",
        projection,
    )
    return None if row is None else Version(*row)


async def drop_older(connection: Connection, projection: str) -> list[int]:
    """Drops what was retired before the last one. A build in use by a long reading is left for the next time."""
    live = await find_live(connection, projection)
    retired = await find_retired(connection, projection)
    rows = await connection.fetch(
        "SELECT projection, number, state, edition, halted_reason FROM projection.version"
        " WHERE projection = $1 AND state IN ('retired', 'failed') ORDER BY number",
        projection,
    )
    dropped = []
    for row in rows:
        version = Version(*row)
        if live is None or version == retired:
            continue
        try:
            await drop(connection, version)
        except asyncpg.LockNotAvailableError:
            continue
        dropped.append(version.number)
    return dropped


async def drop(connection: Connection, version: Version) -> None:
    """The tables of a build and all that is known of it. ValueError for the live one."""
    if version.state == LIVE:
        raise ValueError("the live build is never dropped")
    async with connection.transaction():
        await connection.execute(f"SET LOCAL lock_timeout = {_LOCK_TIMEOUT_MS}")
        await connection.execute(f'DROP SCHEMA IF EXISTS "{version.schema}" CASCADE')
        await connection.execute(
            "DELETE FROM projection.version WHERE projection = $1 AND number = $2 AND state <> 'live'",
            version.projection,
            version.number,
        )
