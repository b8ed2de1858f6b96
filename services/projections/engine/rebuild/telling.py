"""Tells whoever looks on how far it is, here and in the database, and hears from both whether to stop."""

import time
from collections.abc import Awaitable
from typing import TypeVar

from services.kernel.database import Connection
from services.projections.engine.builds import Version
from services.projections.engine.rebuild.order import Cancelled, Watch
from services.projections.engine.rebuild.plan import keep_progress

_EVERY_S = 1.0
T = TypeVar("T")


class Telling:
    """Of one build. `seconds`: by phase. The owner's session belongs to it while it tells."""

    def __init__(
        self, owner: Connection, version: Version, watch: Watch, seconds: dict[str, float] | None = None
    ) -> None:
        self._owner, self._version, self._watch = owner, version, watch
        self._told_s, self._phase = 0.0, ""
        self.seconds: dict[str, float] = {} if seconds is None else seconds

    async def tell(self, phase: str, done: int, total: int) -> None:
        """Call it often. Raises Cancelled, or whatever the weather is: what was committed stays.

        The database is asked once a second and whenever a phase begins, so nothing that was cancelled is switched to.
        """
        self._watch.show(phase, done, total)
        if self._watch.is_cancelled():
            raise Cancelled(CANCELLED)
        if phase == self._phase and time.monotonic() < self._told_s + _EVERY_S:
            return
        self._told_s, self._phase = time.monotonic(), phase
        if await keep_progress(self._owner, self._version, done, total):
            raise Cancelled(CANCELLED)

    def say(self, sentence: str) -> None:
        self._watch.say(sentence)

    async def time(self, phase: str, work: Awaitable[T]) -> T:
        """Adds up how long each phase takes."""
        begun_s = time.monotonic()
        try:
            return await work
        finally:
            self.seconds[phase] = self.seconds.get(phase, 0.0) + time.monotonic() - begun_s


CANCELLED = "Cancelled. The build and its files are gone; the live tables were not touched."
