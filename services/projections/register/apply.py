"""A batch of facts into the tables: only the people it concerns are folded, before and after, and the difference
is written. A fact of nine years ago, a correction, a second copy: the same lines.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from services.kernel.database import Connection
from services.projections.register.evidence import Evidence, Pair, collapse, edges_of, join, timeline_of
from services.projections.register.holding import Held, hold
from services.projections.register.life import fold_people, rows
from services.projections.register.life.fact import Fact
from services.projections.register.reading import FactReader
from services.projections.register.writing import Row, Writer
from services.projections.statistics.rows import count_rows
from services.projections.statistics.vintages import Vintages

_MANY = 100
"""From so many events on a thread is worth its start."""


class Arrived(NamedTuple):
    """What the records of a batch say, each event once; and what each copy says of who is concerned."""

    events: Mapping[bytes, Evidence]
    timeline: Set[Pair]
    edges: Set[Pair]

    @classmethod
    def of(cls, copies: Sequence[Evidence]) -> "Arrived":
        """From all records of a batch."""
        return cls(
            collapse(copies),
            {pair for copy in copies for pair in timeline_of(copy.fact)},
            {pair for copy in copies for pair in edges_of(copy.fact)},
        )


async def apply(connection: Connection, schema: str, reader: FactReader, arrived: Arrived) -> None:
    """Writes what follows from a batch. In the caller's transaction, which must be READ COMMITTED."""
    people = {person for person, _ in arrived.timeline}
    held = await hold(connection, schema, reader, people, arrived.events)
    added, changed = _compare(held.stored, arrived.events)
    news = (*added, *changed)
    writer = Writer(connection, schema)
    timeline = arrived.timeline - held.timeline
    if len(news) < _MANY:
        await _keep(writer, added, changed, timeline, arrived.edges)
        removed, written = _difference(held, news)
    else:
        # The database takes the events in while we fold.
        keeping = asyncio.create_task(_keep(writer, added, changed, timeline, arrived.edges))
        try:
            removed, written = await asyncio.to_thread(_difference, held, news)
        finally:
            await keeping
    await writer.delete(removed)
    for table, lines in written.items():
        await writer.copy(table, lines)


async def _keep(
    writer: Writer,
    added: Sequence[Evidence],
    changed: Sequence[Evidence],
    timeline: Iterable[Pair],
    edges: Iterable[Pair],
) -> None:
    await writer.keep(added, changed)
    await writer.join(timeline, edges)


def _compare(
    stored: Mapping[bytes, Evidence], arrived: Mapping[bytes, Evidence]
) -> tuple[list[Evidence], list[Evidence]]:
    """What is new, and what is kept of known events where that is something else now."""
    added, changed = [], []
    for event_id, evidence in arrived.items():
        known = stored.get(event_id)
        if known is None:
            added.append(evidence)
        elif (kept := join(known, evidence)) is not known:
            changed.append(kept)
    return added, changed


def _difference(held: Held, news: Sequence[Evidence]) -> tuple[dict[str, list[bytes]], dict[str, list[Row]]]:
    """Whose rows go, and which come, by table."""
    if not news:
        return {}, {}
    known = {event_id: evidence.fact for event_id, evidence in held.stored.items()}
    with_past = {person for person, _ in held.timeline}
    before = _fold(known.values(), sorted(with_past & held.people))
    known |= {evidence.fact.event_id: evidence.fact for evidence in news}
    after = _fold(known.values(), sorted(held.people))
    removed: dict[str, list[bytes]] = defaultdict(list)
    written: dict[str, list[Row]] = defaultdict(list)
    for person in sorted(held.people):
        old, new = before.get(person, {}), after.get(person, {})
        for table, lines in old.items():
            if lines != new.get(table):
                removed[table].append(person)
        for table, lines in new.items():
            if lines != old.get(table):
                written[table] += lines
    return removed, written


def _fold(facts: Collection[Fact], people: Sequence[bytes]) -> dict[bytes, Mapping[str, Sequence[Row]]]:
    if not people:
        return {}
    vintages = Vintages(facts)
    found: dict[bytes, Mapping[str, Sequence[Row]]] = {}
    for person, life in fold_people(facts, people).items():
        written = rows(life)
        found[person] = {**written, **count_rows(life, vintages, written.get("residence", ()))}
    return found
