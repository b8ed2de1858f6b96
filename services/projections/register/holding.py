"""Whom a batch concerns, held against every other writer, with all that is known of them.

Each person is an advisory lock, and so is each event id: two workers meet at a person or at an event, never at
more. A lock on rows would not do, because most people of a batch are new and have none. Groups of merged people are
held as a whole: whoever would change a group names somebody of it and waits. Locks are taken in one order; only
people who turn out to be concerned after that are locked later, and if two workers then wait for each other, the
database refuses one of them, whose batch is tried again.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from services.kernel.database import Connection
from services.projections.register.evidence import Evidence, Pair, people_of, threads_of
from services.projections.register.reading import FactReader
from services.projections.register.shapes import Stands

# Everything here is found by key. Fresh tables have no statistics, and then the planner reads them whole, or compiles
# a statement for longer than it runs.
_BY_KEY = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)
"""
_LOCK = """
SELECT count(pg_advisory_xact_lock(key)) FROM (
    SELECT uuid_hash_extended(id, $3) AS key FROM unnest($1::text::uuid[]) AS person (id)
    UNION
    SELECT uuid_hash_extended(other_id, $3) FROM "{schema}".merge_edge WHERE person_id = ANY ($1::text::uuid[])
    UNION
    SELECT uuid_hash_extended(id, $3) FROM unnest($2::text::uuid[]) AS thread (id)
    ORDER BY 1
) AS keys
"""
_OTHERS = """
SELECT uuid_send(other_id) FROM "{schema}".merge_edge WHERE person_id = ANY ($1::text::uuid[])
"""
_TIMELINE = """
SELECT uuid_send(person_id), uuid_send(thread_id) FROM "{schema}".timeline
WHERE person_id = ANY ($1::text::uuid[])
"""
EVENT_COLUMNS = 'recorded_at, topic, partition, "offset", contested, value'
_EVENTS = f"""
SELECT {EVENT_COLUMNS} FROM "{{schema}}".event WHERE event_id = ANY ($1::text::uuid[])
UNION ALL
SELECT {EVENT_COLUMNS} FROM "{{schema}}".event
WHERE target_id = ANY ($1::text::uuid[]) AND event_id <> ALL ($1::text::uuid[])
"""  # noqa: S608 - the schema's name is the engine's


class Held:
    """People and what stands of them in the tables. `stored`: by event id; `timeline`: their rows."""

    def __init__(self) -> None:
        self.people: set[bytes] = set()
        self.threads: set[bytes] = set()
        self.timeline: set[Pair] = set()
        self.stored: dict[bytes, Evidence] = {}


async def hold(
    connection: Connection, schema: str, reader: FactReader, people: set[bytes], arrived: Mapping[bytes, Evidence]
) -> Held:
    """Locks everybody whom a batch concerns until the transaction ends, and reads what is known of them.

    `people`: whom the events that arrived name.
    """
    held = Held()
    threads = {thread for evidence in arrived.values() for thread in threads_of(evidence.fact)}
    concerned = set(threads)
    await connection.execute(_BY_KEY)
    while people or threads:
        await connection.fetchval(_LOCK.format(schema=schema), as_array(people), as_array(threads), _seed(schema))
        held.people |= people
        grouped = await _fetch_others(connection, schema, people)
        timeline = await fetch_timeline(connection, schema, people)
        held.timeline.update(timeline)
        wanted = (threads | {thread for _, thread in timeline}) - held.threads
        held.threads |= wanted
        found = await fetch_events(connection, schema, reader, wanted) if wanted else {}
        held.stored |= found
        # Another copy of what arrived may speak of another event: whoever that one names is concerned as well.
        threads = {t for key, each in found.items() if key in arrived for t in threads_of(each.fact)} - concerned
        concerned |= threads
        people = grouped
        for evidence in held.stored.values():
            if not concerned.isdisjoint(threads_of(evidence.fact)):
                people |= people_of(evidence.fact)
        people -= held.people
    return held


async def fetch_group(connection: Connection, schema: str, people: Iterable[bytes]) -> set[bytes]:
    """These people and whoever was ever named in a merge with any of them, directly or not."""
    group: set[bytes] = set()
    found = set(people)
    while found:
        group |= found
        found = await _fetch_others(connection, schema, found) - group
    return group


async def _fetch_others(connection: Connection, schema: str, people: Iterable[bytes]) -> set[bytes]:
    rows = await connection.fetch(_OTHERS.format(schema=schema), as_array(people))
    return {row[0] for row in rows}


async def fetch_timeline(connection: Connection, schema: str, people: Iterable[bytes]) -> list[Pair]:
    """(person, thread) of these people."""
    rows = await connection.fetch(_TIMELINE.format(schema=schema), as_array(people))
    return [(person, thread) for person, thread in rows]


async def fetch_history(
    connection: Connection, schema: str, reader: FactReader, people: Iterable[bytes]
) -> dict[bytes, Evidence]:
    """Everything in whose threads any of these people are named, by event id."""
    threads = {thread for _, thread in await fetch_timeline(connection, schema, people)}
    return await fetch_events(connection, schema, reader, threads) if threads else {}


async def fetch_events(
    connection: Connection, schema: str, reader: FactReader, threads: Iterable[bytes]
) -> dict[bytes, Evidence]:
    """All that was ever said about some events, by event id."""
    rows = await connection.fetch(_EVENTS.format(schema=schema), as_array(threads))
    return evidence_of(reader, rows)


def evidence_of(reader: FactReader, rows: Iterable[Any]) -> dict[bytes, Evidence]:
    """Rows of `EVENT_COLUMNS` as evidence. What was read once can be read again: ValueError if not."""
    columns = list(zip(*rows, strict=True))
    if not columns:
        return {}
    *stands, values = columns
    read = reader.read(values, Stands(*stands))
    if read.poison:
        raise ValueError(f"{len(read.poison)} events of the table cannot be read: {read.poison[0].reason}")
    return {fact.event_id: Evidence(fact, values[index]) for fact, index in zip(read.facts, read.indexes, strict=True)}


def as_array(ids: Iterable[bytes]) -> str:
    """For `$1::text::uuid[]`."""
    return "{" + ",".join(map(bytes.hex, ids)) + "}"


def _seed(schema: str) -> int:
    """Builds of a projection do not wait for one another."""
    return int.from_bytes(schema.encode()[-7:], "big")
