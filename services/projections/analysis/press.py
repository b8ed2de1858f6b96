"""When an edition is made: in the service, a look now and then; the work itself is a process of its own."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg

from services.kernel.database import open_pool
from services.kernel.telemetry.logs import Log
from services.projections.analysis.publishing import find_position, read_position
from services.projections.settings import ProjectionsSettings

_LOOK_EVERY_S = 3.0
_QUIET_S = 6.0
"""The tables stand still for so long before an edition: an import is one, not a hundred."""
_STORM_S = 300.0
"""But where they never do, so long at most."""
_STOP_S = 10.0


class Press:
    """`command`: what makes one edition. `every_s`: from one to the next at least."""

    def __init__(self, source: asyncpg.Pool, target: asyncpg.Pool, command: Sequence[str], every_s: float) -> None:
        self._source = source
        self._target = target
        self._command = command
        self._every_s = every_s
        self._seen = ""
        self._since = self._wanted = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._running: asyncio.subprocess.Process | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """An edition under way is given up; the one before it stays."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self._running is not None and self._running.returncode is None:
            self._running.terminate()
            try:
                async with asyncio.timeout(_STOP_S):
                    await self._running.wait()
            except TimeoutError:
                self._running.kill()

    async def _run(self) -> None:
        while True:
            try:
                if await self._is_due():
                    await self._print()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                Log("analysis").warning("edition-waits", error)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _is_due(self) -> bool:
        now = time.monotonic()
        position = await read_position(self._source)
        if position != self._seen:
            self._seen, self._since = position, now
        async with self._target.acquire() as connection:
            if await find_position(connection) == position:
                self._wanted = now
                return False
            age_s = await connection.fetchval(
                "SELECT extract(epoch FROM now() - max(compiled_at))::float8 FROM edition.edition"
            )
        if age_s is not None and 0 <= age_s < self._every_s:
            return False
        return now - self._since >= _QUIET_S or now - self._wanted >= _STORM_S

    async def _print(self) -> None:
        # Behind whatever serves and follows: figures of last year can wait.
        self._running = await asyncio.create_subprocess_exec(*self._command, preexec_fn=_stand_behind)
        code = await self._running.wait()
        if code:
            Log("analysis").error("edition-failed", code=code)
            await asyncio.sleep(min(self._every_s, 60.0))


@asynccontextmanager
async def open_press(settings: ProjectionsSettings, source: asyncpg.Pool) -> AsyncIterator[None]:
    """Editions are made while this is open, if there is a database for them."""
    if settings.analysis_database_url is None:
        yield
        return
    target = await open_pool(settings.analysis_database_url, name=f"projections {settings.region}", size_max=1)
    press = Press(source, target, [sys.executable, "-m", "services.projections", "publish"], settings.edition_s)
    press.start()
    try:
        yield
    finally:
        await press.stop()
        target.terminate()


def _stand_behind() -> None:
    os.nice(10)
