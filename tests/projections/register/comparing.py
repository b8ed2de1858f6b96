"""What stands in the tables, and what the pure fold says should."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import asyncpg

from services.projections.engine.projection import Record
from services.projections.register.evidence import Evidence, collapse, edges_of, people_of, timeline_of
from services.projections.register.life import fold_people, rows
from services.projections.register.projection import make_reader
from services.projections.register.shapes import Stands
from services.projections.register.tables import TABLES
from services.projections.register.writing import event_row
from services.projections.statistics.rows import count_rows
from services.projections.statistics.vintages import Vintages
from tests.projections.register.records import CATALOG

Contents = dict[str, Counter[tuple[Any, ...]]]
ONE_BY_ONE = 1_000_000


def fold_all(records: Sequence[Record]) -> Contents:
    """Every table as it must be: everything folded at once, in the memory of one process."""
    reader = make_reader(CATALOG, ONE_BY_ONE)
    values = [record.value for record in records]
    read = reader.read(values, Stands.of(records))
    assert read.poison == ()
    copies = [Evidence(fact, values[index]) for fact, index in zip(read.facts, read.indexes, strict=True)]
    kept = collapse(copies)
    everybody = sorted(set().union(*(people_of(copy.fact) for copy in copies)))
    found: dict[str, Counter[tuple[Any, ...]]] = defaultdict(Counter)
    facts = [evidence.fact for evidence in kept.values()]
    vintages = Vintages(facts)
    for life in fold_people(facts, everybody).values():
        written = rows(life)
        for table, lines in (*written.items(), *count_rows(life, vintages, written.get("residence", ())).items()):
            found[table].update(lines)
    found["event"] = Counter(event_row(evidence) for evidence in kept.values())
    found["timeline"] = Counter({pair for copy in copies for pair in timeline_of(copy.fact)})
    found["merge_edge"] = Counter({pair for copy in copies for pair in edges_of(copy.fact)})
    return {table.name: found[table.name] for table in TABLES if table.compared}


async def read_tables(connection: asyncpg.Connection, schema: str) -> Contents:
    """Every table that is compared, as it is."""
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")
    try:
        found = {}
        for table in filter(lambda table: table.compared, TABLES):
            columns = ", ".join(f'"{column}"' for column in table.columns)
            lines = await connection.fetch(f"SELECT {columns} FROM {schema}.{table.name}")
            found[table.name] = Counter(tuple(line) for line in lines)
        return found
    finally:
        await connection.reset_type_codec("uuid", schema="pg_catalog")


def assert_equal(found: Contents, expected: Contents) -> None:
    """Names the first rows that differ."""
    for table, lines in expected.items():
        missing, surplus = lines - found[table], found[table] - lines
        assert (table, list(missing.items())[:3], list(surplus.items())[:3]) == (table, [], [])
