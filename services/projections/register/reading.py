"""Framed records become facts: by columns where many of one schema come together, else one by one.

Only the envelope, who is named, and the fields that a handler asks for become Python values. Sealed blocks never do.
Both ways give equal facts. An old version of a type takes the slow way through the upcaster.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars

from services.kernel.codec import Decoder
from services.kernel.codec.columns import Columns, split_by_schema
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.contract.upcasting import Upcaster
from services.kernel.errors import Corrupt
from services.projections.engine.projection import Poison
from services.projections.register.life.fact import Fact
from services.projections.register.shapes import REPLACEMENT, Shape, Stands, take

COLUMNS_FROM = 24
"""From about so many records of one schema on, columns are faster than one by one."""


class Facts(NamedTuple):
    """What was read: `facts[n]` is record `indexes[n]` of what was given; the order is by schema."""

    facts: list[Fact]
    indexes: list[int]
    poison: tuple[Poison, ...]


class Sheet(NamedTuple):
    """Records of one shape by columns, without poison. Row n is record `indexes[n]` of what was given."""

    shape: Shape
    frame: polars.DataFrame
    indexes: Sequence[int]


class FactReader:
    """Reads framed records of every event type. `wanted`: event type → the fields whose values a fact carries.

    Keep it: it prepares each schema once. Raises ValueError for a wanted field that the type does not have.
    """

    def __init__(self, catalog: Catalog, wanted: Mapping[str, Sequence[str]], columns_from: int = COLUMNS_FROM) -> None:
        self._decoder, self._upcaster, self._columns_from = Decoder(catalog), Upcaster(catalog), columns_from
        latest = {event.name: Shape(event, tuple(wanted.get(event.name, ()))) for event in catalog.latest_events}
        self._shapes = latest
        self._by_id = {shape.version.schema_id: shape for shape in latest.values()}

    def read(self, values: Sequence[bytes], stands: Stands) -> Facts:
        """All facts that can be read, and the poison."""
        return self._read(values, stands, None)

    def read_columns(self, values: Sequence[bytes]) -> Iterator[tuple[EventVersion, Columns, list[int]]]:
        """For who needs no facts: per latest version its columns, and the places of its records in `values`.

        Records of older versions and of unknown schemas are left out: read those with `read`.
        """
        groups, _ = split_by_schema(values)
        for schema_id, indexes in groups.items():
            if (shape := self._by_id.get(schema_id)) is not None:
                yield shape.version, shape.reader.read(take(values, indexes)), indexes

    def read_sheets(self, values: Sequence[bytes], without: Collection[str]) -> tuple[list[Sheet], list[int]]:
        """What stays in columns: many events of one latest version, all of them sound. `without`: types that do not.

        And the places of the records that `read` has to look at.
        """
        sheets, left = [], set(range(len(values)))
        for schema_id, indexes in split_by_schema(values)[0].items():
            shape = self._by_id.get(schema_id)
            if shape is None or shape.version.name in without or len(indexes) < self._columns_from:
                continue
            columns = shape.reader.read(take(values, indexes))
            if not columns.poison and shape.fits_all(columns.frame):
                sheets.append(Sheet(shape, columns.frame, indexes))
                left.difference_update(indexes)
        return sheets, sorted(left)

    def _read(self, values: Sequence[bytes], stands: Stands, event_ids: Sequence[bytes] | None) -> Facts:
        """`event_ids`: whose replacements `values` are."""
        groups, damaged = split_by_schema(values)
        facts: list[Fact] = []
        places: list[int] = []
        poison = [Poison(each.index, each.reason) for each in damaged]
        for schema_id, indexes in groups.items():
            shape = self._by_id.get(schema_id)
            ids = event_ids and take(event_ids, indexes)
            some, theirs = take(values, indexes), stands.take(indexes)
            if shape is None or len(indexes) < self._columns_from:
                read = self._read_one_by_one(some, theirs, ids)
            else:
                read = self._read_by_columns(shape, some, theirs, ids)
            facts += read.facts
            places += [indexes[index] for index in read.indexes]
            poison += [Poison(indexes[each.index], each.reason) for each in read.poison]
        return Facts(facts, places, tuple(poison))

    def _read_by_columns(
        self, shape: "Shape", values: Sequence[bytes], stands: Stands, event_ids: Sequence[bytes] | None
    ) -> Facts:
        columns = shape.reader.read(values)
        indexes = list(columns.indexes)
        if columns.poison:
            stands = stands.take(indexes)
            event_ids = event_ids and take(event_ids, indexes)
        poison = tuple(Poison(each.index, each.reason) for each in columns.poison)
        if not shape.fits_all(columns.frame):
            slow = self._read_one_by_one(take(values, indexes), stands, event_ids)
            wrong = tuple(Poison(indexes[each.index], each.reason) for each in slow.poison)
            return Facts(slow.facts, [indexes[index] for index in slow.indexes], (*poison, *wrong))
        read = Facts(shape.make_facts(columns.frame, stands, event_ids), indexes, poison)
        if shape.replaces and indexes:
            return self._add_replacements(read, dict(enumerate(columns.frame[REPLACEMENT].to_list())))
        return read

    def _read_one_by_one(self, values: Sequence[bytes], stands: Stands, event_ids: Sequence[bytes] | None) -> Facts:
        facts: list[Fact] = []
        indexes: list[int] = []
        poison: list[Poison] = []
        replacing: dict[int, bytes] = {}
        for index, (value, *stand) in enumerate(zip(values, *stands, strict=True)):
            try:
                shape, record = self._decode(value)
            except Corrupt as error:
                poison.append(Poison(index, error.code))
                continue
            if (reason := shape.find_fault(record)) is not None:
                poison.append(Poison(index, reason))
                continue
            if shape.replaces:
                replacing[len(facts)] = record[REPLACEMENT]
            facts.append(shape.make_fact(record, stand, event_ids[index] if event_ids else None))
            indexes.append(index)
        read = Facts(facts, indexes, tuple(poison))
        return self._add_replacements(read, replacing) if replacing else read

    def _decode(self, value: bytes) -> tuple["Shape", dict[str, Any]]:
        event = self._decoder.decode(value)
        version, record = self._upcaster.upcast(event.record, event.version)
        return self._shapes[version.name], record

    def _add_replacements(self, read: Facts, replacing: Mapping[int, bytes]) -> Facts:
        """Gives corrections what they say instead. One whose replacement cannot be read is poison itself."""
        places = list(replacing)
        acts = [read.facts[place] for place in places]
        stands = Stands(*zip(*((a.recorded_at, a.topic, a.partition, a.offset, False) for a in acts), strict=True))
        instead = self._read(list(replacing.values()), stands, [act.thread_id for act in acts])
        found = {places[index]: fact for index, fact in zip(instead.indexes, instead.facts, strict=True)}
        reasons = {places[each.index]: "replacement-unreadable" for each in instead.poison}
        for place, fact in list(found.items()):
            if self._shapes[fact.type].is_act:
                reasons[place] = "replacement-no-fact"
        facts, indexes, poison = [], [], list(read.poison)
        for place, (fact, index) in enumerate(zip(read.facts, read.indexes, strict=True)):
            if place in reasons:
                poison.append(Poison(index, reasons[place]))
                continue
            facts.append(fact._replace(replacement=found[place]) if place in found else fact)
            indexes.append(index)
        return Facts(facts, indexes, tuple(poison))
