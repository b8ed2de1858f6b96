"""Several processes that share a phase: started, watched, ended; one that fails ends the phase.

A lane shares nothing with the others but files, the database, and a few numbers in shared memory. It ends by itself
when its parent is gone, and at any moment it may be killed: what it does is either whole or done again.
"""

import fcntl
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from services.kernel.telemetry.logs import Log
from services.projections.engine.rebuild.order import Stop

_ASK_EVERY_S = 0.5
_END_S = 10.0
_SAID_BYTES = 1000
_CONTEXT = get_context("spawn")


class ParentGone(BaseException):
    """Nobody waits for the work of this lane any more."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What a lane's work is given besides its own arguments. `number`: from 0."""

    number: int
    parent: int
    done: Any
    troubled: Any
    taken: Any
    said: Any

    def tell(self, count: int) -> None:
        """So many records more are done. Raises ParentGone."""
        self.done[self.number] += count
        self.check()

    def check(self) -> None:
        """Raises ParentGone."""
        if os.getppid() != self.parent:
            raise ParentGone

    def take(self, count: int) -> Iterator[int]:
        """The next of `count` pieces of work that no other lane has taken, one by one."""
        while True:
            with self.taken.get_lock():
                number = self.taken.value
                self.taken.value += 1
            if number >= count:
                return
            yield number

    def wait_for_weather(self, error: BaseException, attempt: int) -> None:
        """Waits, longer each time, and lets the parent say so."""
        Log("rebuild").warning("rebuild-waits", error, attempt=attempt)
        self.troubled[self.number] = 1
        until = time.monotonic() + min(0.1 * 2 ** min(attempt, 6), 5.0)
        while time.monotonic() < until:
            self.check()
            time.sleep(0.05)

    def cheer(self) -> None:
        """The weather is good again."""
        self.troubled[self.number] = 0


Work = Callable[..., None]


class Lanes:
    """Processes that live through several phases, for each costs half a second to start.

    `begin(work, arguments)`, then `look()` some times a second until it says that all is done; `end` in any case.
    `work(lane, *arguments)` must be a function of a module, its arguments picklable.
    """

    def __init__(self, count: int) -> None:
        # Lanes are as many as processors: threads of each would only wait for those of the others.
        os.environ.setdefault("POLARS_MAX_THREADS", "1")
        self._done = _CONTEXT.RawArray("q", count)
        self._troubled = _CONTEXT.RawArray("b", count)
        self._said = _CONTEXT.RawArray("c", _SAID_BYTES)
        # Its lock goes when nobody here holds it any more, even if a lane has not taken it over yet.
        self._taken = _CONTEXT.Value("q", 0)
        self._busy: set[int] = set()
        self._pipes = []
        self._processes = []
        for number in range(count):
            ours, theirs = _CONTEXT.Pipe()
            lane = Lane(number, os.getpid(), self._done, self._troubled, self._taken, self._said)
            process = _CONTEXT.Process(target=_serve, args=(lane, theirs), name=f"rebuild-{number}", daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def begin(self, work: Work, arguments: Sequence[tuple[Any, ...]]) -> None:
        """`arguments`: one tuple per lane, for the first lanes."""
        self._taken.value = 0
        for number, (pipe, each) in enumerate(zip(self._pipes, arguments, strict=False)):
            self._done[number] = 0
            pipe.send((work, each))
            self._busy.add(number)

    def look(self) -> tuple[int, int, bool]:
        """Records done, lanes that wait for better weather, whether all is done. Raises Stop when a lane has failed."""
        for number in list(self._busy):
            try:
                if self._pipes[number].poll():
                    self._pipes[number].recv()
                    self._busy.discard(number)
            except EOFError:
                break
        codes = [code for process in self._processes if (code := process.exitcode) is not None]
        if codes and self._said.value:
            raise Stop(self._said.value.decode(errors="replace"))
        if codes:
            how = f"exit code {codes[0]}" if codes[0] >= 0 else f"signal {-codes[0]}"
            raise Stop(f"A process of the rebuild ended with {how}. The same command goes on from there.")
        return sum(self._done), sum(self._troubled), not self._busy

    def end(self) -> None:
        """None of them lives when this returns."""
        for process in self._processes:
            if process.pid and process.exitcode is None:
                process.kill()
        for process in self._processes:
            if process.pid:
                process.join(_END_S)


def _serve(lane: Lane, pipe: "Connection[Any, Any]") -> None:
    # Most of what is made lives as long as its part: looking for what does not costs more than it frees.
    gc.disable()
    try:
        while True:
            while not pipe.poll(_ASK_EVERY_S):
                lane.check()
            work, arguments = pipe.recv()
            gc.freeze()
            work(lane, *arguments)
            pipe.send(True)
    except (ParentGone, EOFError):
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(1)
    except Stop as doubt:
        lane.said.value = str(doubt).encode()[: _SAID_BYTES - 1]
        sys.exit(1)
    except BaseException as error:
        Log("rebuild").error("rebuild-lane-failed", error)
        sys.exit(1)


@contextmanager
def hold(file: Path) -> Iterator[None]:
    """Waits until no other process holds the file: one that outlived its parent for a moment."""
    handle = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
