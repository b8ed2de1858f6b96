"""Entries that were set aside: by their place on the log, with a word that says why; and when that is too many."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from services.exchange.journal.entry import Entry
from services.kernel.database import Connection
from services.kernel.errors import DomicileError
from services.kernel.log.reader import Partition

_WORD = re.compile(r"[a-z][a-z0-9-]{0,59}")
RAISED, UNREADABLE = "handler-raised", "unreadable"
TOO_MANY = "too-many-set-aside"


class Placed(NamedTuple):
    """A record of the journal as it came from the log."""

    partition: Partition
    offset: int
    value: bytes


class Aside(NamedTuple):
    """`error`: the type of an exception, never its text: it may quote somebody. `raised`: for the process's log."""

    record: Placed
    reason: str
    error: str | None
    entry: Entry | None
    raised: Exception | None = None


class TooManyAside(Exception):
    """So much would be set aside that something must be wrong with us, not with the entries. Nothing was written."""

    def __init__(self, asides: list[Aside]) -> None:
        super().__init__()
        self.asides = asides


def set_aside(record: Placed, entry: Entry | None, error: Exception) -> Aside:
    """What is kept of an entry that could not be read or applied."""
    if isinstance(error, DomicileError):
        word = error.code if _WORD.fullmatch(error.code) else UNREADABLE
        return Aside(record, word, type(error).__qualname__, entry, error)
    return Aside(record, RAISED, type(error).__qualname__, entry, error)


class Recent:
    """How much of the last entries was set aside: more than `few` and more than `share` of them is too much."""

    def __init__(self, few: int = 20, share: float = 0.01, span: int = 10_000) -> None:
        self._few, self._share, self._span = few, share, span
        self._bad = self._seen = 0

    def is_too_much(self, aside: int, records: int) -> bool:
        """Whether a batch of `records`, `aside` of them set aside, is one too many."""
        bad, seen = self._bad + aside, self._seen + records
        return aside > 0 and bad > self._few and bad > self._share * min(seen, self._span)

    def add(self, aside: int, records: int) -> None:
        """Count a batch that was applied. What is long ago counts half."""
        self._bad, self._seen = self._bad + aside, self._seen + records
        if self._seen > self._span:
            self._bad, self._seen = self._bad // 2, self._seen // 2


async def keep(connection: Connection, asides: Iterable[Aside]) -> None:
    """Part of the transaction that moves the position past them."""
    await connection.executemany(
        'INSERT INTO set_aside (topic, partition, "offset", event_id, conversation_id, reason, error)'
        ' VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (topic, partition, "offset") DO UPDATE'
        " SET reason = excluded.reason, error = excluded.error, set_aside_at = now()",
        [
            (
                *each.record.partition,
                each.record.offset,
                each.entry.event_id if each.entry is not None else None,
                UUID(each.entry.conversation_id) if each.entry is not None else None,
                each.reason,
                each.error,
            )
            for each in asides
        ],
    )
