"""The second pass: one part at a time becomes rows. What a part holds is closed: nothing else is needed to fold it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from services.projections.engine.projection import Place, Poisoned, Record, Rows
from services.projections.register.bulk.routing import Router
from services.projections.register.bulk.spill import Entry, read_part
from services.projections.register.evidence import Evidence, Pair, edges_of, join, people_of, timeline_of
from services.projections.register.life import LifeCourse, fold_people, rows
from services.projections.register.life.handling import ACTS, MERGES
from services.projections.register.reading import FactReader, Stands
from services.projections.register.tables import EVENT, MERGE_EDGE, TIMELINE
from services.projections.register.writing import Row, event_row
from services.projections.statistics.rows import count_rows
from services.projections.statistics.vintages import Vintages

_READ_AT_ONCE = 4_000
_LIVES_AT_ONCE = 4_000
_BIND = ACTS | MERGES


class PartFolder:
    """Folds one part. `topics`: names by the numbers that stand in entries."""

    def __init__(self, reader: FactReader, topics: Sequence[str], router: Router, part: int) -> None:
        self._reader, self._topics, self._router, self._part = reader, topics, router, part
        self._kept: dict[bytes, Evidence] = {}
        self._people: dict[bytes, bytes] = {}  # event id -> whom its record names, as it was dealt out
        self._timeline: list[Pair] = []
        self._bound: set[Pair] = set()
        self._edges: set[Pair] = set()

    def fold(self, folders: Sequence[Path]) -> Iterator[Rows | Poisoned]:
        """All rows of the part, and what cannot be read in it."""
        for entries in _batches(read_part(folders, self._part)):
            yield from self._take(entries)
        yield {EVENT: list(self._write_events())}
        own = list(self._write_timeline())
        yield {TIMELINE: own, MERGE_EDGE: [pair for pair in self._edges if self._is_own(pair[0])]}
        facts = [evidence.fact for evidence in self._kept.values()]
        lives = fold_people(facts, {person for person, _ in own})
        yield from _write_lives(lives.values(), Vintages(facts))

    def _take(self, entries: Sequence[Entry]) -> Iterator[Poisoned]:
        named, topics, partitions, offsets, times, values = zip(*entries, strict=True)
        names = [self._topics[topic] for topic in topics]
        read = self._reader.read(values, Stands(times, names, partitions, offsets, [False] * len(values)))
        kept, people, timeline = self._kept, self._people, self._timeline
        for index, fact in zip(read.indexes, read.facts, strict=True):
            event_id = fact.event_id
            known = kept.get(event_id)
            copy = Evidence(fact, values[index])
            if known is not None:
                copy = join(known, copy)
            if known is None or copy.value is not known.value:
                people[event_id] = named[index]
            kept[event_id] = copy
            if known is None and fact.type not in _BIND:
                timeline += [(person, event_id) for person in people_of(fact)]
            else:
                self._bound.update(timeline_of(fact))
                self._edges.update(edges_of(fact))
        for poison in read.poison:
            at = poison.index
            record = Record(Place(names[at], partitions[at], offsets[at]), times[at], "", values[at])
            yield Poisoned(record, poison.reason)

    def _write_events(self) -> Iterator[Row]:
        """Of those that are at home here: each event stands in one part by whom it names first."""
        people, home, part = self._people, self._router.get_home, self._part
        for event_id, evidence in self._kept.items():
            if home(people[event_id], event_id) == part:
                yield event_row(evidence)

    def _write_timeline(self) -> Iterator[Pair]:
        """Of people who are at home here; each pair once."""
        yield from (pair for pair in self._timeline if self._is_own(pair[0]))
        if self._bound:
            threads = {thread for _, thread in self._bound}
            written = {pair for pair in self._timeline if pair[1] in threads}
            yield from (pair for pair in self._bound - written if self._is_own(pair[0]))

    def _is_own(self, person: bytes) -> bool:
        return self._router.get_part(person) == self._part


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


def _batches(chunks: Iterable[list[Entry]]) -> Iterator[list[Entry]]:
    """Chunks put together, so that many records of one type are read at once."""
    batch: list[Entry] = []
    for chunk in chunks:
        batch += chunk
        if len(batch) >= _READ_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
