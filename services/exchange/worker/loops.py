"""Loops that run beside the agents: most of them in one worker of the region only, the leader."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import asyncpg

from services.kernel.database.weather import is_all_weather, is_weather
from services.kernel.telemetry.logs import Log

LEADER_LOCK = 0x65786368
"""An advisory lock of the region's database: "exch". Who holds it leads, until its session ends."""

LOOK_AGAIN_S = 1.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 10.0


@dataclass(frozen=True, slots=True)
class Loop:
    """`run_once`: whether something was done, so that it is asked again at once. `channels`: NOTIFYs that wake it.

    `every_s`: how long it sleeps at most. Neither has to catch what it raises.
    """

    name: str
    run_once: Callable[[], Awaitable[bool]]
    channels: tuple[str, ...] = ()
    every_s: float = LOOK_AGAIN_S


@dataclass(frozen=True, slots=True)
class Endless:
    """A loop that keeps its own time; it is started again when it ends."""

    name: str
    run: Callable[[], Awaitable[None]]


@dataclass
class Leading:
    """Runs the loops while this process leads. `run` works until it is cancelled."""

    database_url: str
    name: str
    loops: Sequence[Loop | Endless]
    is_leader: bool = False
    failures: dict[str, int] = field(default_factory=dict)
    _events: dict[str, list[asyncio.Event]] = field(default_factory=dict)
    _log: Log = field(default_factory=lambda: Log("leader"))

    async def run(self) -> None:
        """Waits to lead, leads, waits again."""
        while True:
            try:
                await self._lead()
            except Exception as error:
                if not is_all_weather(error):
                    self._log.error("leading-failed", error)
            finally:
                self.is_leader = False
            await asyncio.sleep(LOOK_AGAIN_S)

    async def _lead(self) -> None:
        session = await asyncpg.connect(
            self.database_url, server_settings={"application_name": f"{self.name} leader"}, command_timeout=20.0
        )
        try:
            while not await session.fetchval("SELECT pg_try_advisory_lock($1)", LEADER_LOCK):  # noqa: ASYNC110
                await asyncio.sleep(LOOK_AGAIN_S)
            self.is_leader = True
            self._log.info("leading")
            await self._work(session)
        finally:
            session.terminate()

    async def _work(self, session: "asyncpg.Connection[asyncpg.Record]") -> None:
        """Until the session is lost, and the lock with it."""
        lost = asyncio.Event()
        session.add_termination_listener(lambda _: lost.set())
        for loop in self.loops:
            for channel in loop.channels if isinstance(loop, Loop) else ():
                await session.add_listener(channel, self._wake)
        tasks = [asyncio.create_task(self._keep(loop), name=loop.name) for loop in self.loops]
        try:
            await lost.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._events.clear()

    def _wake(self, session: object, pid: int, channel: str, payload: object) -> None:
        for event in self._events.get(channel, ()):
            event.set()

    async def _keep(self, loop: Loop | Endless) -> None:
        """Runs it again and again, whatever it raises."""
        event = asyncio.Event()
        for channel in loop.channels if isinstance(loop, Loop) else ():
            self._events.setdefault(channel, []).append(event)
        failures = 0
        while True:
            try:
                if isinstance(loop, Endless):
                    await loop.run()
                    did = False
                else:
                    event.clear()
                    did = await loop.run_once()
                failures = 0
            except Exception as error:
                did, failures = False, failures + 1
                self.failures[loop.name] = self.failures.get(loop.name, 0) + 1
                if not is_weather(error) or failures in (1, 5) or failures % 20 == 0:
                    self._log.error("loop-failed", error, loop=loop.name)
                await asyncio.sleep(min(_FIRST_WAIT_S * 2**failures, _LONGEST_WAIT_S))
                continue
            if not did:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(loop.every_s if isinstance(loop, Loop) else LOOK_AGAIN_S):
                        await event.wait()
