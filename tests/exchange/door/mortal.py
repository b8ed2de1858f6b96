"""Processes that die at a chosen step: before or after anything that they ask of the database, the log or a partner."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

_STEPS = frozenset({
    "fetch", "fetchrow", "fetchval", "execute", "executemany", "append", "append_and_wait", "post", "knock",
})  # fmt: skip


class Killed(BaseException):
    """What nobody catches: the process is gone, its connections with it."""


@dataclass
class Life:
    """`ends_at`: the step at which it ends."""

    ends_at: int
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.ends_at:
            raise Killed


class Mortal:
    """Anything that is asked, in the hands of a process that dies."""

    def __init__(self, what: Any, life: Life) -> None:
        self._what, self._life = what, life

    def __getattr__(self, name: str) -> Any:
        asked = getattr(self._what, name)
        if name not in _STEPS:
            return asked

        async def ask(*values: Any, **more: Any) -> Any:
            self._life.step()
            answer = await asked(*values, **more)
            self._life.step()
            return answer

        return ask

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Mortal"]:
        async with self._what.acquire() as connection:
            yield Mortal(connection, self._life)


def lives() -> Iterator[Life]:
    """One that ends at its first step, one that ends at its second, and so on; the last one outlives its work."""
    life = Life(1)
    while True:
        yield life
        if life.steps < life.ends_at:
            return
        life = Life(life.ends_at + 1)
