"""The number of this process among those of ingest, and the lock that tells the others that it lives."""

import asyncio

import asyncpg

from services.ingest.pipeline.claim import LOCK_CLASS
from services.kernel.database import TRANSIENT
from services.kernel.telemetry.logs import Log

LOOK_EVERY_S = 2.0
RETRY_S = 0.5
_log = Log("pipeline")


class Instance:
    """`number` stands in the claims of this process. `locked_times` changes whenever the lock was lost or taken."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._keeper: asyncio.Task[None] | None = None
        self.number = 0
        self.locked_times = 0

    async def start(self) -> None:
        """Takes a number and its lock. Raises what the database raises."""
        self.number = await self._pool.fetchval("SELECT nextval('ingest.instance')::int")
        locked = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep(locked))
        await locked

    async def stop(self) -> None:
        """Lets the lock go."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)

    async def _keep(self, locked: "asyncio.Future[None]") -> None:
        """Holds the lock in a session of its own, and takes it again whenever that session is lost."""
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await connection.execute("SELECT pg_advisory_lock($1, $2)", LOCK_CLASS, self.number)
                    connection.add_termination_listener(self._note)
                    self.locked_times += 1
                    if not locked.done():
                        locked.set_result(None)
                    while not connection.is_closed():
                        await connection.execute("SELECT 1")
                        await asyncio.sleep(LOOK_EVERY_S)
            except TRANSIENT as error:
                _log.warning("instance-lock-lost", error)
                await asyncio.sleep(RETRY_S)

    def _note(self, _connection: object) -> None:
        self.locked_times += 1
