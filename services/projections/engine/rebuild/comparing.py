"""Whether two builds hold the same rows: a count and a sum of hashes of each table, made by the database.

Hashes of rows in any order add up to the same sum (64 bits each, added up in 128). Only when two sums differ are the
rows themselves looked for, by their hashes in order, from both sides at once.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple

from services.kernel.database import Connection
from services.projections.engine.projection import Table
from services.projections.engine.rebuild.order import Difference

_EXAMPLES = 5
_FETCH = 10_000


class Digest(NamedTuple):
    """Of one table. Equal digests: equal rows, however they lie."""

    rows: int
    total: int


async def take_digest(connection: Connection, schema: str, table: Table) -> Digest:
    """As the connection's transaction sees it."""
    row = await connection.fetchrow(
        f"SELECT count(*), coalesce(sum({_hash(table)}), 0) FROM {_name(schema, table)} AS t"  # noqa: S608
    )
    assert row is not None
    return Digest(int(row[0]), int(row[1]))


async def find_difference(
    live: Connection, live_schema: str, rebuilt: Connection, rebuilt_schema: str, table: Table
) -> Difference:
    """Which rows only one of both has. Both connections must be in a transaction."""
    only_live: list[int] = []
    only_rebuilt: list[int] = []
    counts = [0, 0]
    async for side, hashed in _unpaired(_hashes(live, live_schema, table), _hashes(rebuilt, rebuilt_schema, table)):
        counts[side] += 1
        kept = only_rebuilt if side else only_live
        if len(kept) < _EXAMPLES:
            kept.append(hashed)
    examples = await _find_rows(live, live_schema, table, only_live)
    examples += await _find_rows(rebuilt, rebuilt_schema, table, only_rebuilt)
    return Difference(table.name, counts[0], counts[1], tuple(dict.fromkeys(examples))[:_EXAMPLES])


async def _hashes(connection: Connection, schema: str, table: Table) -> AsyncIterator[int]:
    ordered = f"SELECT {_hash(table)} AS hash FROM {_name(schema, table)} AS t ORDER BY 1"  # noqa: S608
    async for row in connection.cursor(ordered, prefetch=_FETCH):
        yield row["hash"]


async def _unpaired(one: AsyncIterator[int], other: AsyncIterator[int]) -> AsyncIterator[tuple[int, int]]:
    """(0, hash) for what only the first has, (1, hash) for what only the second has; both are in order."""
    left, right = await anext(one, None), await anext(other, None)
    while left is not None or right is not None:
        if left == right:
            left, right = await anext(one, None), await anext(other, None)
        elif right is None or (left is not None and left < right):
            assert left is not None
            yield 0, left
            left = await anext(one, None)
        else:
            yield 1, right
            right = await anext(other, None)


async def _find_rows(connection: Connection, schema: str, table: Table, hashes: Sequence[int]) -> list[str]:
    """First columns of the rows with these hashes: ids, in tables about people."""
    if not hashes:
        return []
    first = table.columns[0]
    rows = await connection.fetch(
        f'SELECT DISTINCT "{first}"::text FROM {_name(schema, table)} AS t'  # noqa: S608
        f" WHERE {_hash(table)} = ANY ($1::bigint[]) LIMIT {_EXAMPLES}",
        hashes,
    )
    return sorted(str(row[0]) for row in rows)


def _hash(table: Table) -> str:
    return f"hash_record_extended(ROW({_list(table.columns)}), 0)"


def _list(columns: Iterable[str]) -> str:
    return ", ".join(f't."{column}"' for column in columns)


def _name(schema: str, table: Table) -> str:
    return f'"{schema}"."{table.name}"'
