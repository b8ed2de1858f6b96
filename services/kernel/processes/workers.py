"""The worker processes of this service: started, listened to, started again when they end, stopped in order."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from services.kernel.telemetry.logs import Log

F = TypeVar("F")

_FIRST_WAIT_S, _LONGEST_WAIT_S, _GOOD_LIFE_S = 0.2, 15.0, 30.0
STOP_S = 15.0
# A worker tells something twice a second. Without a word for so long it counts as silent, then as frozen; the first
# word takes longer, on a busy machine much longer.
SILENT_S, FROZEN_S, FIRST_WORD_S = 5.0, 30.0, 60.0


@dataclass
class Worker(Generic[F]):
    """One place among the workers, whoever fills it. `heard_at_s`: when it last told something, by `time.monotonic`."""

    number: int
    restarts: int = 0
    crashes: int = 0
    pid: int | None = None
    heard_at_s: float = 0.0
    figures: Mapping[str, F] = field(default_factory=dict)

    def is_silent(self) -> bool:
        """Whether what it told last may not be true any more."""
        return time.monotonic() - self.heard_at_s > SILENT_S


class Workers(Generic[F]):
    """Keeps `count` of them alive from `start` to `stop`. `read`: what a line says, by name; ValueError if nothing."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        count: int,
        read: Callable[[bytes], Mapping[str, F]],
    ) -> None:
        self.workers: list[Worker[F]] = [Worker(number) for number in range(1, count + 1)]
        self._read = read
        self._command = list(command)
        # Threads that come and go would keep an arena of memory each.
        self._environment = {"MALLOC_ARENA_MAX": "2", **environment}
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._log = Log("workers")

    def start(self) -> None:
        """Begin to keep them alive."""
        self._tasks = [asyncio.create_task(self._keep(worker)) for worker in self.workers]

    async def stop(self) -> None:
        """Each finishes its batch; who takes too long is killed."""
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def _keep(self, worker: Worker[F]) -> None:
        while not self._stopping.is_set():
            begun_s = time.monotonic()
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=self._environment,
            )
            worker.pid = process.pid
            await self._until_ended(worker, process)
            worker.pid, worker.figures = None, {}
            if self._stopping.is_set():
                return
            worker.restarts += 1
            worker.crashes = 1 if time.monotonic() - begun_s > _GOOD_LIFE_S else worker.crashes + 1
            wait_s = min(_FIRST_WAIT_S * 2 ** (worker.crashes - 1), _LONGEST_WAIT_S)
            self._log.error("worker-ended", pid=process.pid, status=process.returncode, wait_s=wait_s)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait_s)

    async def _until_ended(self, worker: Worker[F], process: asyncio.subprocess.Process) -> None:
        listening = asyncio.create_task(self._listen(worker, process))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({listening, stopping}, return_when=asyncio.FIRST_COMPLETED)
        assert process.stdin is not None
        process.stdin.close()  # asks it to stop
        try:
            # Who is frozen does not hear that it should stop.
            frozen = listening.done() and listening.result()
            async with asyncio.timeout(0.0 if frozen else STOP_S):
                await process.wait()
        except TimeoutError:
            self._log.error("worker-killed", pid=process.pid)
            process.kill()
            await process.wait()
        listening.cancel()
        stopping.cancel()

    async def _listen(self, worker: Worker[F], process: asyncio.subprocess.Process) -> bool:
        """Until the worker has ended: False; or has been silent for so long that it must be frozen: True."""
        assert process.stdout is not None
        try:
            while True:
                async with asyncio.timeout(FROZEN_S if worker.figures else FIRST_WORD_S):
                    text = await process.stdout.readline()
                if not text:
                    return False
                worker.figures = self._read(text)
                worker.heard_at_s = time.monotonic()
        except TimeoutError:
            self._log.error("worker-silent", pid=process.pid)
            return True
        except ValueError as error:
            self._log.error("worker-unclear", error, pid=process.pid)
            return False
