"""How records of one version of an event become facts, one by one or by columns; and what is no fact at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from itertools import pairwise, repeat
from operator import itemgetter
from typing import Any, NamedTuple, Self

import polars

from services.kernel.codec.columns import ColumnReader
from services.kernel.codec.posts.dates import EPOCH, YEAR_MAX, YEAR_MIN
from services.kernel.contract.catalog import EventVersion
from services.projections.engine.projection import Record
from services.projections.register.life.fact import Fact, Subject

TARGET, REPLACEMENT = "target_event_id", "replacement"
NOT_A_DATE, NOT_A_TEXT = "date-out-of-range", "text-with-zero"
"""Reasons of poison that is Avro and that nobody can live with: ingest takes no such thing, and no table, calendar or
answer could hold it."""

_DAYS = date(YEAR_MIN - 1, 1, 1).toordinal() - EPOCH, date(YEAR_MAX + 1, 12, 31).toordinal() - EPOCH
_TIMES = _DAYS[0] * 86_400_000, _DAYS[1] * 86_400_000
BEFORE_SUBJECTS = (
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
SUBJECT = ("role", "region", "person_id", "identified_by")
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
        return type(self)(*(take(column, indexes) for column in self))


class Shape:
    """How records of one version become facts."""

    def __init__(self, version: EventVersion, wanted: tuple[str, ...]) -> None:
        known = {field["name"] for field in version.document["fields"]}
        if missing := set(wanted) - known:
            raise ValueError(f"{version.name} has no field {', '.join(sorted(missing))}")
        self.version, self.wanted = version, wanted
        self.is_act, self.replaces = TARGET in known, REPLACEMENT in known
        read = {*BEFORE_SUBJECTS, *wanted}
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
        return ColumnReader(self.version, ("subjects", *BEFORE_SUBJECTS, *self.wanted, *own))

    def make_fact(self, record: Mapping[str, Any], stand: Sequence[Any], event_id: bytes | None) -> Fact:
        """The fact of one record. `event_id`: whose replacement it is."""
        own = event_id or record["event_id"]
        thread_id = record[TARGET] if self.is_act and event_id is None else own
        tag, *envelope = (record[name] for name in BEFORE_SUBJECTS)
        subjects = tuple(_make_subject(each[name] for name in SUBJECT) for each in record["subjects"])
        values = tuple(record[name] for name in self.wanted)
        *place, contested = stand
        content = (tag, self.version.name, *envelope, subjects, values)
        return _make_fact((own, thread_id, *place, *content, None, contested))

    def make_facts(self, frame: polars.DataFrame, stands: Stands, event_ids: Sequence[bytes] | None) -> list[Fact]:
        """The facts of all rows."""
        own = event_ids or frame["event_id"].to_list()
        threads = frame[TARGET].to_list() if self.is_act and event_ids is None else own
        tags, *envelope = (frame[name].to_list() for name in BEFORE_SUBJECTS)
        values = _rows([frame[name].to_list() for name in self.wanted], len(frame))
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
    each = list(map(_make_subject, zip(*(members.field(name).to_list() for name in SUBJECT), strict=True)))
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


def take(column: Sequence[Any], indexes: Sequence[int]) -> Sequence[Any]:
    if len(indexes) == len(column):
        return column
    return itemgetter(*indexes)(column) if len(indexes) > 1 else [column[index] for index in indexes]
