"""Claims: an event id is taken, durably, before its event is appended, and answered, durably, before the sender is.

One statement claims a whole burst. A claim that exists already is one of:
- answered: the same content gets the same answer, another content is a conflict;
- under way, here or in another living process: wait for its answer;
- left without an answer by a process that died or a log that did not confirm: *unknown*; take it over and append
  again (a second copy on the log is allowed then; a second effect is not, the projections see to that).

A living process is one that holds the advisory lock of its instance number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from msgspec import msgpack

from services.ingest.pipeline.entry import Entry
from services.ingest.pipeline.outcome import Answer
from services.kernel.database import Connection, Uuid
from services.kernel.log.producer import Position
from services.kernel.privacy.newcomers import Newcomers, Welcome

LOCK_CLASS = 0x696E6773  # "ings": the first half of every instance's advisory lock
RETENTION_DAYS = 400

_TAKE = "SELECT * FROM ingest.take($1, $2, $3, $4)"
_EXISTING = """
SELECT c.event_id, c.content_tag, c.batch, c.ordinal, b.owner, b.answers IS NOT NULL AS settled,
       EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = $2::oid
               AND l.objid = b.owner::oid AND l.granted
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS owner_lives
FROM ingest.claim c JOIN ingest.batch b ON b.number = c.batch WHERE c.event_id = ANY($1)
"""
_TAKE_OVER = """
UPDATE ingest.claim c SET batch = $4, ordinal = taken.ordinal
FROM unnest($1::uuid[], $2::bigint[], $3::int[]) taken(event_id, batch, ordinal)
WHERE c.event_id = taken.event_id AND c.batch = taken.batch RETURNING c.event_id
"""

_OURS = "SELECT ordinal FROM ingest.claim WHERE batch = $1"

_Answers = list[Answer | None]
_decoder = msgpack.Decoder(_Answers)


@dataclass(slots=True)
class Claimed:
    """What became of claiming a burst. `mine` are to be appended as batch `number`, in the order of their places.

    `taken_over`: how many of them somebody else had claimed and never answered. `welcome`: who is named by a burst of
    which nothing was claimed before.
    """

    number: int
    mine: dict[int, Entry] = field(default_factory=dict)
    answered: list[tuple[Entry, Answer]] = field(default_factory=list)
    conflicting: list[Entry] = field(default_factory=list)
    under_way: list[Entry] = field(default_factory=list)
    taken_over: int = 0
    welcome: Welcome | None = None


async def claim(
    connection: Connection, owner: int, running: Iterable[int], entries: Sequence[Entry], newcomers: Newcomers
) -> Claimed:
    """Claims the ids of `entries` (no id twice, in their order). `running`: the batches that this very process is
    working on. `newcomers`: of all the entries; they are welcomed if all entries are new.

    Rows are written in the order of ids, so that bursts never lock each other out.
    """
    claims: list[bytes] = []
    for entry in entries:
        claims += (entry.event_id, entry.content_tag)
    row = await connection.fetchrow(_TAKE, owner, b"".join(claims), *newcomers.arguments())
    assert row is not None
    result = Claimed(row["number"])
    if row["fresh"] is None:
        result.mine = dict(enumerate(entries))
        result.welcome = newcomers.read(dict(row))
        return result
    fresh = set(row["fresh"])
    result.mine = {place: entry for place, entry in enumerate(entries) if place in fresh}
    known = {entry.event_id: entry for place, entry in enumerate(entries) if place not in fresh}
    orphans = await _sort_known(connection, owner, frozenset(running), known, result) if known else []
    if orphans:
        await _take_over(connection, orphans, known, result, first_place=len(entries))
    return result


async def _sort_known(
    connection: Connection, owner: int, running: frozenset[int], known: dict[bytes, Entry], result: Claimed
) -> list[asyncpg.Record]:
    """Puts those that were claimed before where they belong; returns the rows that nobody works on."""
    rows = await connection.fetch(_EXISTING, [Uuid(event_id) for event_id in known], LOCK_CLASS)
    answers = await _fetch_answers(connection, {row["batch"] for row in rows if row["settled"]})
    orphans: list[asyncpg.Record] = []
    for row in rows:
        entry = known[row["event_id"].bytes]
        answer = _answer_of(row, answers)
        at_work = row["batch"] in running if row["owner"] == owner else row["owner_lives"]
        if row["content_tag"] != entry.content_tag:
            result.conflicting.append(entry)
        elif answer is not None:
            result.answered.append((entry, answer))
        elif at_work and not row["settled"]:
            result.under_way.append(entry)
        else:
            orphans.append(row)
    return sorted(orphans, key=lambda row: row["event_id"])


async def _take_over(
    connection: Connection,
    orphans: Sequence[asyncpg.Record],
    known: dict[bytes, Entry],
    result: Claimed,
    first_place: int,
) -> None:
    places = range(first_place, first_place + len(orphans))
    taken = await connection.fetch(
        _TAKE_OVER,
        [row["event_id"] for row in orphans],
        [row["batch"] for row in orphans],
        list(places),
        result.number,
    )
    won = {row["event_id"] for row in taken}
    for place, row in zip(places, orphans, strict=True):
        entry = known[row["event_id"].bytes]
        if row["event_id"] in won:
            result.mine[place] = entry
            result.taken_over += 1
        else:
            result.under_way.append(entry)


async def find_answers(connection: Connection, entries: Sequence[Entry]) -> dict[bytes, tuple[bytes, Answer | None]]:
    """What is known of these ids, without claiming them: content tag and answer, by event id."""
    rows = await connection.fetch(_EXISTING, [Uuid(entry.event_id) for entry in entries], LOCK_CLASS)
    answers = await _fetch_answers(connection, {row["batch"] for row in rows if row["settled"]})
    return {row["event_id"].bytes: (row["content_tag"], _answer_of(row, answers)) for row in rows}


async def find_position(connection: Connection, event_id: UUID) -> Position | None:
    """Where the event stands on the log, if its claim was answered and not yet forgotten."""
    rows = await connection.fetch(_EXISTING, [event_id], LOCK_CLASS)
    answers = await _fetch_answers(connection, {row["batch"] for row in rows if row["settled"]})
    for row in rows:
        answer = _answer_of(row, answers)
        if answer is not None:
            return answer.position
    return None


async def settle(connection: Connection, number: int, answers: Mapping[int, Answer]) -> None:
    """Keeps the answers of a batch by their places. A place without one: the outcome is unknown."""
    listed = [answers.get(place) for place in range(max(answers, default=-1) + 1)]
    await connection.execute("UPDATE ingest.batch SET answers = $2 WHERE number = $1", number, msgpack.encode(listed))


async def abandon(connection: Connection, numbers: Iterable[int]) -> None:
    """Says of batches that could not be settled that nobody works on them any more: any process may take them over."""
    unanswered = "UPDATE ingest.batch SET answers = $2 WHERE number = ANY($1) AND answers IS NULL"
    await connection.execute(unanswered, sorted(numbers), msgpack.encode([]))


async def keep_ours(connection: Connection, number: int, answers: Mapping[int, Answer]) -> dict[int, Answer]:
    """The answers whose claims still point at batch `number`; others were taken over and get another answer."""
    ours = {row["ordinal"] for row in await connection.fetch(_OURS, number)}
    return {place: answer for place, answer in answers.items() if place in ours}


async def forget_old(connection: Connection, batches_max: int = 1000) -> int:
    """Drops claims past their retention, some at a time; returns how many batches went."""
    numbers = await connection.fetch(
        f"SELECT number FROM ingest.batch WHERE claimed_at < now() - interval '{RETENTION_DAYS} days' LIMIT $1",  # noqa: S608
        batches_max,
    )
    gone = [row["number"] for row in numbers]
    if gone:
        await connection.execute("DELETE FROM ingest.claim WHERE batch = ANY($1)", gone)
        await connection.execute("DELETE FROM ingest.batch WHERE number = ANY($1)", gone)
    return len(gone)


def _answer_of(row: asyncpg.Record, answers: Mapping[int, _Answers]) -> Answer | None:
    listed = answers.get(row["batch"], [])
    return listed[row["ordinal"]] if row["ordinal"] < len(listed) else None


async def _fetch_answers(connection: Connection, numbers: Iterable[int]) -> dict[int, _Answers]:
    wanted: list[Any] = sorted(numbers)
    if not wanted:
        return {}
    rows = await connection.fetch("SELECT number, answers FROM ingest.batch WHERE number = ANY($1)", wanted)
    return {row["number"]: _decoder.decode(row["answers"]) for row in rows}
