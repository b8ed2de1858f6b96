"""Framed records become facts: by columns where many of one schema come together, else one by one.

Only the envelope, who is named, and the fields that a handler asks for become Python values. Sealed blocks never do.
Both ways give equal facts. An old version of a type takes the slow way through the upcaster.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import pairwise, repeat
from operator import itemgetter
from typing import Any, NamedTuple, Self

import polars

from services.kernel.codec import Decoder
from services.kernel.codec.columns import ColumnReader, Columns, split_by_schema
from services.kernel.codec.posts.dates import EPOCH, YEAR_MAX, YEAR_MIN
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.contract.upcasting import Upcaster
from services.kernel.errors import Corrupt
from services.projections.engine.projection import Poison, Record
from services.projections.register.life.fact import Fact, Subject

COLUMNS_FROM = 24
"""From about so many records of one schema on, columns are faster than one by one."""

TARGET, REPLACEMENT = "target_event_id", "replacement"
NOT_A_DATE, NOT_A_TEXT = "date-out-of-range", "text-with-zero"
"""Reasons of poison that is Avro and that nobody can live with: ingest takes no such thing, and no table, calendar or
answer could hold it."""

_DAYS = date(YEAR_MIN - 1, 1, 1).toordinal() - EPOCH, date(YEAR_MAX + 1, 12, 31).toordinal() - EPOCH
_TIMES = _DAYS[0] * 86_400_000, _DAYS[1] * 86_400_000
_BEFORE_SUBJECTS = (
    "content_tag",
    "occurred_on",
    "occurred_on_precision",
    "registered_at",
    "residence_area",
    "occurrence_area",
    "office",
    "source",
    "caused_by",
    "link_id",
)
_SUBJECT = ("role", "region", "person_id", "identified_by")
_make_fact: Callable[[Iterable[Any]], Fact] = partial(tuple.__new__, Fact)
_make_subject: Callable[[Iterable[Any]], Subject] = partial(tuple.__new__, Subject)


class Stands(NamedTuple):
    """Where records stand on the log, as columns of equal length. `contested`: see `Fact`."""

    recorded_at: Sequence[int]
    topic: Sequence[str]
    partition: Sequence[int]
    offset: Sequence[int]
    contested: Sequence[bool]

    @classmethod
    def of(cls, records: Sequence[Record]) -> Self:
        """Those of records as they come from the log."""
        places = [record.place for record in records]
        return cls(
            [record.recorded_at for record in records],
            [place.topic for place in places],
            [place.partition for place in places],
            [place.offset for place in places],
            [False] * len(records),
        )

    def take(self, indexes: Sequence[int]) -> Self:
        """The stands of some of the records."""
        return type(self)(*(_take(column, indexes) for column in self))


class Facts(NamedTuple):
    """What was read: `facts[n]` is record `indexes[n]` of what was given; the order is by schema."""

    facts: list[Fact]
    indexes: list[int]
    poison: tuple[Poison, ...]


class FactReader:
    """Reads framed records of every event type. `wanted`: event type → the fields whose values a fact carries.

    Keep it: it prepares each schema once. Raises ValueError for a wanted field that the type does not have.
    """

    def __init__(self, catalog: Catalog, wanted: Mapping[str, Sequence[str]], columns_from: int = COLUMNS_FROM) -> None:
        self._decoder, self._upcaster, self._columns_from = Decoder(catalog), Upcaster(catalog), columns_from
        latest = {event.name: _Shape(event, tuple(wanted.get(event.name, ()))) for event in catalog.latest_events}
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
                yield shape.version, shape.reader.read(_take(values, indexes)), indexes

    def _read(self, values: Sequence[bytes], stands: Stands, event_ids: Sequence[bytes] | None) -> Facts:
        """`event_ids`: whose replacements `values` are."""
        groups, damaged = split_by_schema(values)
        facts: list[Fact] = []
        places: list[int] = []
        poison = [Poison(each.index, each.reason) for each in damaged]
        for schema_id, indexes in groups.items():
            shape = self._by_id.get(schema_id)
            ids = event_ids and _take(event_ids, indexes)
            some, theirs = _take(values, indexes), stands.take(indexes)
            if shape is None or len(indexes) < self._columns_from:
                read = self._read_one_by_one(some, theirs, ids)
            else:
                read = self._read_by_columns(shape, some, theirs, ids)
            facts += read.facts
            places += [indexes[index] for index in read.indexes]
            poison += [Poison(indexes[each.index], each.reason) for each in read.poison]
        return Facts(facts, places, tuple(poison))

    def _read_by_columns(
        self, shape: "_Shape", values: Sequence[bytes], stands: Stands, event_ids: Sequence[bytes] | None
    ) -> Facts:
        columns = shape.reader.read(values)
        indexes = list(columns.indexes)
        if columns.poison:
            stands = stands.take(indexes)
            event_ids = event_ids and _take(event_ids, indexes)
        poison = tuple(Poison(each.index, each.reason) for each in columns.poison)
        if not shape.fits_all(columns.frame):
            slow = self._read_one_by_one(_take(values, indexes), stands, event_ids)
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

    def _decode(self, value: bytes) -> tuple["_Shape", dict[str, Any]]:
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


class _Shape:
    """How records of one version become facts."""

    def __init__(self, version: EventVersion, wanted: tuple[str, ...]) -> None:
        known = {field["name"] for field in version.document["fields"]}
        if missing := set(wanted) - known:
            raise ValueError(f"{version.name} has no field {', '.join(sorted(missing))}")
        self.version, self._wanted = version, wanted
        self.is_act, self.replaces = TARGET in known, REPLACEMENT in known
        read = {*_BEFORE_SUBJECTS, *wanted}
        types = {each["name"]: _list_types(each["type"]) for each in version.document["fields"] if each["name"] in read}
        limits = (("date", _DAYS), ("timestamp-millis", _TIMES))
        self._limits = [(name, limit) for name, said in types.items() for kind, limit in limits if kind in said]
        self._texts = [name for name, said in types.items() if "string" in said]

    def find_fault(self, record: Mapping[str, Any]) -> str | None:
        """Why nobody can live with what the record says in the fields that are read; None if all is well."""
        for name, (least, most) in self._limits:
            if record[name] is not None and not least <= record[name] <= most:
                return NOT_A_DATE
        for name in self._texts:
            said = record[name]
            if said is not None and any("\0" in each for each in (said if isinstance(said, list) else (said,))):
                return NOT_A_TEXT
        return None

    def fits_all(self, frame: polars.DataFrame) -> bool:
        """Whether `find_fault` finds none in any row."""
        for name, (least, most) in self._limits:
            column = frame[name]
            # Of no values there is no least.
            if (column.min() or least) < least or (column.max() or most) > most:
                return False
        texts = (frame[name] for name in self._texts)
        return not any(
            (each.explode() if each.dtype == polars.List else each).str.contains("\0", literal=True).any()
            for each in texts
        )

    @cached_property
    def reader(self) -> ColumnReader:
        own = [name for name, said in ((TARGET, self.is_act), (REPLACEMENT, self.replaces)) if said]
        return ColumnReader(self.version, ("subjects", *_BEFORE_SUBJECTS, *self._wanted, *own))

    def make_fact(self, record: Mapping[str, Any], stand: Sequence[Any], event_id: bytes | None) -> Fact:
        """The fact of one record. `event_id`: whose replacement it is."""
        own = event_id or record["event_id"]
        thread_id = record[TARGET] if self.is_act and event_id is None else own
        tag, *envelope = (record[name] for name in _BEFORE_SUBJECTS)
        subjects = tuple(_make_subject(each[name] for name in _SUBJECT) for each in record["subjects"])
        values = tuple(record[name] for name in self._wanted)
        *place, contested = stand
        content = (tag, self.version.name, *envelope, subjects, values)
        return _make_fact((own, thread_id, *place, *content, None, contested))

    def make_facts(self, frame: polars.DataFrame, stands: Stands, event_ids: Sequence[bytes] | None) -> list[Fact]:
        """The facts of all rows."""
        own = event_ids or frame["event_id"].to_list()
        threads = frame[TARGET].to_list() if self.is_act and event_ids is None else own
        tags, *envelope = (frame[name].to_list() for name in _BEFORE_SUBJECTS)
        values = _rows([frame[name].to_list() for name in self._wanted], len(frame))
        *places, contested = stands
        same: tuple[Iterable[Any], Iterable[Any]] = repeat(self.version.name), repeat(None)
        content = (tags, same[0], *envelope, _subjects(frame["subjects"]), values)
        return list(map(_make_fact, zip(own, threads, *places, *content, same[1], contested, strict=False)))


def _subjects(column: polars.Series) -> list[tuple[Subject, ...]]:
    """Who is named in each row, without the blocks."""
    lengths = column.list.len()
    # An empty list explodes into a row of nulls.
    filled = column.filter(lengths > 0) if (lengths == 0).any() else column
    members = filled.list.explode().struct
    each = list(map(_make_subject, zip(*(members.field(name).to_list() for name in _SUBJECT), strict=True)))
    if len(each) == len(column) and len(filled) == len(column):
        return list(zip(each, strict=True))
    ends = [0, *lengths.cum_sum().to_list()]
    return [tuple(each[start:end]) for start, end in pairwise(ends)]


def _rows(columns: Sequence[Sequence[Any]], length: int) -> Iterable[tuple[Any, ...]]:
    return zip(*columns, strict=True) if columns else repeat((), length)


def _list_types(said: Any) -> set[str]:
    """Names of types and logical types, of all branches and of what a list holds."""
    if isinstance(said, list):
        return {name for branch in said for name in _list_types(branch)}
    if isinstance(said, dict):
        return {said["logicalType"]} if "logicalType" in said else _list_types(said.get("items", said["type"]))
    return {said}


def _take(column: Sequence[Any], indexes: Sequence[int]) -> Sequence[Any]:
    if len(indexes) == len(column):
        return column
    return itemgetter(*indexes)(column) if len(indexes) > 1 else [column[index] for index in indexes]
