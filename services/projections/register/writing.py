"""Rows into tables, many at a time by COPY, in the order of their keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from services.kernel.database import Connection, Uuid
from services.projections.engine.projection import Table
from services.projections.register.evidence import Evidence, Pair
from services.projections.register.holding import as_array
from services.projections.register.tables import EVENT, MERGE_EDGE, TABLES, TIMELINE, is_id

Row = tuple[Any, ...]
_TABLES: Final[Mapping[str, Table]] = {table.name: table for table in TABLES}
_IDS: Final[Mapping[str, tuple[int, ...]]] = {
    table.name: tuple(place for place, column in enumerate(table.columns) if is_id(column)) for table in TABLES
}


class _Uuids(dict[bytes | None, Uuid | None]):
    """Ids as the driver writes them; one id stands in several rows."""

    def __missing__(self, key: bytes | None) -> Uuid | None:
        made = self[key] = None if key is None else Uuid(key)
        return made


def as_records(table: str, rows: Sequence[Row], uuids: Mapping[bytes | None, Any] | None = None) -> Iterable[Row]:
    """Rows with ids of 16 bytes, as the driver's COPY takes them."""
    if not rows:
        return rows
    find: Callable[[bytes | None], Any] = (_Uuids() if uuids is None else uuids).__getitem__
    columns: list[Iterable[Any]] = list(zip(*rows, strict=True))
    for place in _IDS[table]:
        columns[place] = map(find, columns[place])
    return zip(*columns, strict=True)


def event_row(evidence: Evidence) -> Row:
    """The row of an event, in the order of its table's columns."""
    fact = evidence.fact
    target = None if fact.thread_id == fact.event_id else fact.thread_id
    return (
        fact.event_id,
        target,
        fact.recorded_at,
        fact.offset,
        fact.partition,
        fact.contested,
        fact.topic,
        evidence.value,
    )


class Writer:
    """Writes into the tables of one schema within the caller's transaction."""

    def __init__(self, connection: Connection, schema: str) -> None:
        self._connection, self._schema = connection, schema
        self._uuids = _Uuids()

    async def copy(self, table: str, rows: Sequence[Row]) -> None:
        """Adds rows."""
        if rows:
            await self._connection.copy_records_to_table(
                table,
                schema_name=self._schema,
                columns=_TABLES[table].columns,
                records=as_records(table, rows, self._uuids),
            )

    async def delete(self, people: Mapping[str, Sequence[bytes]]) -> None:
        """Removes all rows of some people: table → who."""
        deletions = [
            f'd{place} AS (DELETE FROM "{self._schema}".{table} WHERE person_id = ANY (${place}::text::uuid[]))'  # noqa: S608
            for place, table in enumerate(people, 1)
        ]
        if deletions:
            arrays = [as_array(each) for each in people.values()]
            await self._connection.execute(f"WITH {', '.join(deletions)} SELECT", *arrays)

    async def keep(self, added: Sequence[Evidence], changed: Sequence[Evidence]) -> None:
        """Events that are new, and events of which another copy counts now or that are contested now."""
        if changed:
            ids = as_array(evidence.fact.event_id for evidence in changed)
            await self._connection.execute(
                f'DELETE FROM "{self._schema}".event WHERE event_id = ANY ($1::text::uuid[])',  # noqa: S608
                ids,
            )
        await self.copy(EVENT, sorted(map(event_row, (*added, *changed))))

    async def join(self, timeline: Iterable[Pair], edges: Iterable[Pair]) -> None:
        """New rows of the timeline; pairs of people who were named in a merge, known or not."""
        await self.copy(TIMELINE, sorted(timeline))
        ordered = sorted(edges)
        if ordered:
            await self._connection.execute(
                f'INSERT INTO "{self._schema}".{MERGE_EDGE} SELECT * FROM unnest($1::text::uuid[], $2::text::uuid[])'  # noqa: S608
                " ON CONFLICT DO NOTHING",
                as_array(one for one, _ in ordered),
                as_array(other for _, other in ordered),
            )
