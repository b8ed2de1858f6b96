"""One worker process: a follower for each projection. Its standard output is a line of figures a second."""

import asyncio
import os
import sys
from collections.abc import Sequence

import msgspec

from services.kernel.database import open_pool
from services.kernel.telemetry.logs import Log
from services.projections.engine.figures import Line
from services.projections.engine.follower import Follower, Pace
from services.projections.engine.projection import Projection

TELL_EVERY_S = 0.5
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
    telling = asyncio.create_task(_tell(followers, stop))
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


async def follow_parent(stop: asyncio.Event) -> None:
    """Sets `stop` when standard input ends: our parent is gone, however it went."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while await reader.read(1024):
        continue
    Log("worker").info("stopping")
    stop.set()


async def _tell(followers: Sequence[Follower], stop: asyncio.Event) -> None:
    while True:
        line = Line(os.getpid(), [follower.measure() for follower in followers])
        try:
            os.write(1, msgspec.json.encode(line) + b"\n")
        except OSError:
            stop.set()
            return
        await asyncio.sleep(TELL_EVERY_S)
