"""Records that were set aside: by their place on the log, with whom they are about and a word that says why."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.kernel.database import Connection
from services.kernel.errors import DomicileError
from services.projections.engine.projection import Projection, Record

_WORD = re.compile(r"[a-z][a-z0-9-]{0,59}")
RAISED = "handler-raised"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Reason:
    """`word`: ours, or the projection's. `error`: the type of an exception, never its text: it may quote somebody."""

    word: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """A record that could not be applied. `raised`: for the log, which tells its type and place only."""

    record: Record
    reason: Reason
    subjects: tuple[str, ...]
    raised: Exception | None = None


def set_aside(projection: Projection, record: Record, cause: str | Exception) -> Aside:
    """The entry of a record that the projection calls poison, or for which it raised something."""
    raised = cause if isinstance(cause, Exception) else None
    return Aside(record, as_reason(cause), projection.find_subjects(record), raised)


def as_reason(cause: str | Exception) -> Reason:
    """What may be told of the poison that a projection found, or of what it raised."""
    if isinstance(cause, str):
        return Reason(cause if _WORD.fullmatch(cause) else UNREADABLE)
    if isinstance(cause, DomicileError):
        return Reason(cause.code, type(cause).__qualname__)
    return Reason(RAISED, type(cause).__qualname__)


async def keep(connection: Connection, projection: str, entries: Iterable[Aside]) -> None:
    """Part of the transaction that moves the position past them. What somebody skipped stays skipped."""
    await connection.executemany(
        "INSERT INTO projection.set_aside"
        ' (projection, topic, partition, "offset", reason, error, subjects, recorded_at)'
        " VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::bigint / 1000.0))"
        ' ON CONFLICT (projection, topic, partition, "offset") DO UPDATE'
        " SET reason = excluded.reason, error = excluded.error, subjects = excluded.subjects, tried_at = now()",
        [
            (
                projection,
                *entry.record.place,
                entry.reason.word,
                entry.reason.error,
                list(entry.subjects),
                entry.record.recorded_at,
            )
            for entry in entries
        ],
    )


async def keep_found(connection: Connection, projection: str, number: int, entries: Iterable[Aside]) -> None:
    """The same for a build that is not live: nobody has to act on it before it is. See engine/rebuild/found.py."""
    await connection.executemany(
        "INSERT INTO projection.found_aside"
        ' (projection, number, topic, partition, "offset", reason, error, subjects, recorded_at)'
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, to_timestamp($9::bigint / 1000.0))"
        " ON CONFLICT DO NOTHING",
        [
            (
                projection,
                number,
                *entry.record.place,
                entry.reason.word,
                entry.reason.error,
                list(entry.subjects),
                entry.record.recorded_at,
            )
            for entry in entries
        ],
    )
