"""The projection `geography`: the map at every day, in tables.

A map is small (a country's is some ten thousand events in forty years) and one event may concern any area, so each
batch folds all of it again and writes the rows of those areas and days that came out otherwise.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.contract.upcasting import Upcaster
from services.kernel.database import Connection, Uuid, uuid_array
from services.kernel.errors import Corrupt
from services.projections.engine.projection import Batch, Poison, Record, Table
from services.projections.geography.atlas import AreaFact, Atlas, choose_copies, fold_atlas, merge_copies
from services.projections.geography.atlas.fact import ACTS, CORRECTED, RANKS, make_fact
from services.projections.geography.tables import CHANGE, CLOSURE, EVENT, FINDING, TABLES, VERSION

_LOCK = 0x6D6170  # any constant that all workers share: "map"
_GROUPED_BY: Mapping[str, tuple[str, str]] = {
    VERSION: ("area", "text[]"),
    CHANGE: ("day", "integer[]"),
    CLOSURE: ("descendant", "text[]"),
    FINDING: ("area", "text[]"),
}
"""A table's rows are replaced by groups: the column of the group, and the type of an array of it."""
_COLUMNS: Mapping[str, tuple[str, ...]] = {table.name: table.columns for table in TABLES}

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(AreaFact).decode

Row = tuple[Any, ...]
Groups = Mapping[str, Mapping[Any, list[Row]]]
"""Table → group → rows."""


class _Folded(NamedTuple):
    """Rows and the events from which they follow."""

    events: Mapping[bytes, bytes]
    groups: Groups


class GeographyProjection:
    """Implements `services.projections.engine.projection.Projection`."""

    name = "geography"
    contexts: tuple[str, ...] = ("geography",)
    edition = 1
    tables: Sequence[Table] = TABLES

    def __init__(self, catalog: Catalog) -> None:
        self._decoder, self._upcaster = Decoder(catalog), Upcaster(catalog)
        self._folded: dict[str, _Folded] = {}

    def read(self, records: Sequence[Record]) -> Batch:
        """Facts of all records that can be read; of each event one."""
        facts = []
        poison = []
        for index, record in enumerate(records):
            try:
                fact = self._read(record)
            except Corrupt as error:
                poison.append(Poison(index, error.code))
                continue
            if fact is not None:
                facts.append(fact)
        return Batch(choose_copies(facts), tuple(poison))

    async def apply(self, connection: Connection, schema: str, content: Mapping[bytes, AreaFact]) -> None:
        """Folds the map before and after, and writes the difference."""
        await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        rows = await connection.fetch(f'SELECT uuid_send(event_id), fact FROM "{schema}".event')  # noqa: S608
        stored: dict[bytes, bytes] = {row[0]: row[1] for row in rows}
        news = _find_news(stored, content)
        if not news:
            return
        # A country takes about a second: the worker's other partitions go on meanwhile.
        before = await asyncio.to_thread(self._fold, schema, stored)
        after = await asyncio.to_thread(_fold, stored | news)
        await _keep(connection, schema, stored, news)
        for table, groups in after.groups.items():
            await _replace(connection, schema, table, before.groups[table], groups)
        self._folded[schema] = after

    def find_subjects(self, record: Record) -> tuple[str, ...]:
        """Nobody: events about areas have no subjects."""
        return ()

    def _read(self, record: Record) -> AreaFact | None:
        event_type, said = self._decode(record.value)
        if event_type not in RANKS and event_type not in ACTS:
            return None
        replacement = self._decode(said["replacement"]) if event_type == CORRECTED else None
        stand = (record.recorded_at, record.place.partition, record.place.offset)
        return make_fact(event_type, said, stand, replacement)

    def _decode(self, value: bytes) -> tuple[str, dict[str, Any]]:
        event = self._decoder.decode(value)
        version, said = self._upcaster.upcast(event.record, event.version)
        return version.name, said

    def _fold(self, schema: str, stored: Mapping[bytes, bytes]) -> _Folded:
        """What was folded last, if it was the same: a transaction may have failed, or another worker been here."""
        known = self._folded.get(schema)
        return known if known is not None and known.events == stored else _fold(stored)


def _find_news(stored: Mapping[bytes, bytes], content: Mapping[bytes, AreaFact]) -> dict[bytes, bytes]:
    """Events that are new, or of which another copy counts now."""
    news = {}
    for event_id, fact in content.items():
        known = stored.get(event_id)
        packed = _pack(fact if known is None else merge_copies(_unpack(known), fact))
        if packed != known:
            news[event_id] = packed
    return news


def _fold(events: Mapping[bytes, bytes]) -> _Folded:
    return _Folded(events, _group(fold_atlas(map(_unpack, events.values()))))


def _group(atlas: Atlas) -> Groups:
    groups: dict[str, dict[Any, list[Row]]] = {table: defaultdict(list) for table in _GROUPED_BY}
    for version in atlas.versions:
        groups[VERSION][version.area].append((*version[:-1], Uuid(version.event_id)))
    for change in atlas.changes:
        groups[CHANGE][change.day].append(tuple(change))
    for link in atlas.links:
        groups[CLOSURE][link.descendant].append(tuple(link))
    for kind, area, day, event_id, other in atlas.findings:
        groups[FINDING][area].append((area, kind, day, None if event_id is None else Uuid(event_id), other))
    return groups


async def _keep(
    connection: Connection, schema: str, stored: Mapping[bytes, bytes], news: Mapping[bytes, bytes]
) -> None:
    changed = [Uuid(event_id) for event_id in news if event_id in stored]
    if changed:
        await connection.execute(
            f'DELETE FROM "{schema}".event WHERE event_id = ANY ($1::text::uuid[])',  # noqa: S608
            uuid_array(changed),
        )
    rows = [(Uuid(event_id), packed) for event_id, packed in sorted(news.items())]
    await connection.copy_records_to_table(EVENT, schema_name=schema, columns=_COLUMNS[EVENT], records=rows)


async def _replace(
    connection: Connection, schema: str, table: str, before: Mapping[Any, list[Row]], after: Mapping[Any, list[Row]]
) -> None:
    gone = [group for group, rows in before.items() if after.get(group) != rows]
    if gone:
        column, array = _GROUPED_BY[table]
        await connection.execute(f'DELETE FROM "{schema}".{table} WHERE {column} = ANY ($1::{array})', gone)  # noqa: S608
    rows = [row for group, each in after.items() if before.get(group) != each for row in each]
    if rows:
        await connection.copy_records_to_table(table, schema_name=schema, columns=_COLUMNS[table], records=rows)
