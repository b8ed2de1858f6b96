"""The second pass: one part at a time becomes rows. What a part holds is closed: nothing else is needed to fold it.

Most of what a part holds is plain: events of which there is one copy, and of which nothing else speaks. They stay in
columns, and so do the rows of people of whom little else is said (`alike`). All else becomes facts, and is folded.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import polars

from services.projections.engine.projection import Place, Poisoned, Rows
from services.projections.register.bulk.alike import PERSON, Copier
from services.projections.register.bulk.part import Part, PlainEvents
from services.projections.register.bulk.routing import Router
from services.projections.register.bulk.spill import read_part
from services.projections.register.evidence import Evidence, Pair, edges_of, join, people_of, threads_of, timeline_of
from services.projections.register.life import Fact, LifeCourse, fold_people, rows
from services.projections.register.life.handling import ACTS, MERGES
from services.projections.register.reading import FactReader
from services.projections.register.shapes import take
from services.projections.register.tables import EVENT, MERGE_EDGE, TIMELINE
from services.projections.register.writing import Row, event_row
from services.projections.statistics.rows import count_rows
from services.projections.statistics.vintages import Vintages

_LIVES_AT_ONCE = 4_000
_BIND = ACTS | MERGES


class PartFolder:
    """Folds one part. `topics`: names by the numbers that stand in entries."""

    def __init__(self, reader: FactReader, copier: Copier, topics: Sequence[str], router: Router, number: int) -> None:
        self._reader, self._copier, self._topics, self._router = reader, copier, topics, router
        self._number = number
        self._kept: dict[bytes, Evidence] = {}
        self._people: dict[bytes, bytes] = {}  # event id -> whom its record names, as it was dealt out
        self._timeline: list[Pair] = []
        self._bound: set[Pair] = set()
        self._edges: set[Pair] = set()

    def fold(self, folders: Sequence[Path], without: Collection[Place]) -> Iterator[Rows | Poisoned]:
        """All rows of the part, and what cannot be read in it. `without`: records that are left out."""
        part = Part.of(chain.from_iterable(read_part(folders, self._number)), self._topics)
        if without:
            part = part.leave_out(without)
        sheets, left = self._reader.read_sheets(part.values, _BIND)
        yield from self._take(part, left)
        # Also of what a copy speaks that does not count.
        spoken_of = self._kept.keys() | {thread for _, thread in self._bound}
        spoken_of |= {thread for evidence in self._kept.values() for thread in threads_of(evidence.fact)}
        plain = PlainEvents(part, sheets, spoken_of, self._router, self._number) if sheets else None
        if plain:
            yield from self._take(part, plain.list_others())
            yield {EVENT: plain.write_events(), TIMELINE: plain.write_timeline()}
        yield {EVENT: list(self._write_events())}
        own = list(self._write_timeline())
        yield {TIMELINE: own, MERGE_EDGE: [pair for pair in self._edges if self._is_own(pair[0])]}
        facts = [evidence.fact for evidence in self._kept.values()]
        people = {person for person, _ in own}
        if plain:
            bound = {person for evidence in self._kept.values() for person in people_of(evidence.fact)}
            copied, done = self._copier.copy(plain.pages, _leave_out(plain.mentions, bound | self._router.merged))
            yield {table: polars.concat(frames) for table, frames in copied.items()}
            facts += plain.make_facts(done)
            people.update(plain.list_people(done))
        lives = fold_people(facts, people)
        yield from _write_lives(lives.values(), Vintages(facts))

    def _take(self, part: Part, indexes: Sequence[int]) -> Iterator[Poisoned]:
        """Takes in what is not plain."""
        values = take(part.values, indexes)
        read = self._reader.read(values, part.get_stands(indexes))
        kept, people, timeline = self._kept, self._people, self._timeline
        for index, fact in zip(read.indexes, read.facts, strict=True):
            event_id = fact.event_id
            known = kept.get(event_id)
            copy = Evidence(fact, values[index])
            if known is not None:
                copy = join(known, copy)
            if known is None or copy.value is not known.value:
                people[event_id] = part.people[indexes[index]]
            kept[event_id] = copy
            if known is None and fact.type not in _BIND:
                timeline += [(person, event_id) for person in people_of(fact)]
            else:
                self._bound.update(timeline_of(fact))
                self._edges.update(edges_of(fact))
        for poison in read.poison:
            yield Poisoned(part.get_record(indexes[poison.index]), poison.reason)

    def _write_events(self) -> Iterator[Row]:
        """Of those that are at home here: each event stands in one part by whom it names first."""
        people, home, number = self._people, self._router.get_home, self._number
        for event_id, evidence in self._kept.items():
            if home(people[event_id], event_id) == number:
                yield event_row(evidence)

    def _write_timeline(self) -> Iterator[Pair]:
        """Of people who are at home here; each pair once."""
        yield from (pair for pair in self._timeline if self._is_own(pair[0]))
        if self._bound:
            threads = {thread for _, thread in self._bound}
            written = {pair for pair in self._timeline if pair[1] in threads}
            yield from (pair for pair in self._bound - written if self._is_own(pair[0]))

    def _is_own(self, person: bytes) -> bool:
        return self._router.get_part(person) == self._number


def _leave_out(mentions: polars.DataFrame, people: Collection[bytes]) -> polars.DataFrame:
    return mentions.filter(~mentions[PERSON].is_in(polars.Series(list(people), dtype=polars.Binary).implode()))


def write_life(facts: Sequence[Fact], person: bytes) -> dict[str, Sequence[Row]]:
    """All rows of one life."""
    life = fold_people(facts, (person,))[person]
    written = rows(life)
    return {**written, **count_rows(life, Vintages(facts), written.get("residence", ()))}


def _write_lives(lives: Collection[LifeCourse], vintages: Vintages) -> Iterator[Rows]:
    each = iter(lives)
    while some := list(islice(each, _LIVES_AT_ONCE)):
        tables: dict[str, list[Row]] = {}
        for life in some:
            written = rows(life)
            for table, lines in (*written.items(), *count_rows(life, vintages, written.get("residence", ())).items()):
                if (known := tables.get(table)) is None:
                    tables[table] = lines
                else:
                    known += lines
        yield tables
