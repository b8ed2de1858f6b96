"""The journal as it is written to: entries are appended, and who must know what became of them waits."""

from collections.abc import Sequence
from typing import Protocol

from services.exchange.journal.entry import Entry, Outcome
from services.exchange.journal.records import EntryCoder
from services.kernel.errors import Unavailable
from services.kernel.log.producer import Position, Record


class Appender(Protocol):
    """The log, as far as it is written to here."""

    async def append(self, records: Sequence[Record]) -> Sequence[Position | None]: ...


class Journal:
    """Appends. Who folds the entries is the worker."""

    def __init__(self, log: Appender, coder: EntryCoder) -> None:
        self._log = log
        self._coder = coder

    async def append(self, entries: Sequence[Entry]) -> list[Position]:
        """Where each stands. Unavailable if that is not certain: append the same entries again, under the same ids."""
        records = [self._coder.encode(entry) for entry in entries]
        positions = [position for position in await self._log.append(records) if position is not None]
        if len(positions) < len(records):
            raise Unavailable("log-unavailable", retry_after_s=2.0, outcome_unknown=True)
        return positions


class Waiting(Protocol):
    """A journal of which outcomes can be awaited; see ledger/waiting.py."""

    async def append(self, entries: Sequence[Entry]) -> list[Position]:
        """As of `Journal`."""

    async def append_and_wait(self, entries: Sequence[Entry], timeout_s: float = 10.0) -> list[Outcome | None]:
        """What became of each entry, in order; None where that is not known in time or the entry was set aside.

        Unavailable as for `append`.
        """
