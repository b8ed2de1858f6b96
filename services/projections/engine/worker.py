"""One worker process: a follower for each projection. Its standard output is a line of figures a second."""

import asyncio
import os
import sys
from collections.abc import Sequence

import msgspec

from services.kernel.database import open_pool
from services.kernel.processes.parent import tell_parent
from services.projections.engine.figures import Line
from services.projections.engine.follower import Follower, Pace
from services.projections.engine.projection import Projection

CLOSE_S = 5.0


async def work(
    region: str, bootstrap: str, database_url: str, projections: Sequence[Projection], pace: Pace, stop: asyncio.Event
) -> None:
    """Returns when `stop` is set and what was under way is committed or given up."""
    # Batches are read and folded on threads beside the one that talks to the servers.
    sys.setswitchinterval(0.001)
    pool = await open_pool(
        database_url,
        name=f"projections {region} worker",
        size_max=len(projections) + 1,
        # A worker that was frozen in a transaction must not keep its successor waiting.
        statement_timeout_s=20.0,
        idle_in_transaction_timeout_s=4.0,
        lock_timeout_s=8.0,
        # Rows and positions are lost together, if a crash of the database loses any, and are then applied again.
        synchronous_commit=False,
    )
    followers = [Follower(projection, region, bootstrap, pool, pace, stop) for projection in projections]

    def line() -> bytes:
        return msgspec.json.encode(Line(os.getpid(), [follower.measure() for follower in followers]))

    telling = asyncio.create_task(tell_parent(line, stop))
    try:
        await asyncio.gather(*(follower.run() for follower in followers))
        await stop.wait()
    finally:
        telling.cancel()
        try:
            async with asyncio.timeout(CLOSE_S):
                await pool.close()
        except TimeoutError:
            pool.terminate()
