"""Whether the sums of a build, and what waits to be added to them, are the sums of its lines."""

from collections import Counter
from typing import Any

import asyncpg

from services.projections.tabulation.adding import ALL, Sum
from services.projections.tabulation.rolling import roll_up

Sums = Counter[tuple[Any, ...]]


async def assert_summed(connection: asyncpg.Connection, schema: str) -> None:
    """Rolls up all that waits, in a transaction that is not kept, and compares every sum with the lines."""
    async with connection.transaction(isolation="repeatable_read"):
        transaction = connection.transaction()
        await transaction.start()
        while await roll_up(connection, schema):
            pass
        for of in ALL:
            kept, expected = await read_sums(connection, schema, of), await add_up_lines(connection, schema, of)
            assert (of.name, kept) == (of.name, expected)
        await transaction.rollback()


async def read_sums(connection: asyncpg.Connection, schema: str, of: Sum) -> dict[Any, Any]:
    """As they are kept; rows that are all zero say nothing."""
    return _as_sums(of, await connection.fetch(f"SELECT {', '.join(of.columns)} FROM {schema}.{of.name}"))


async def add_up_lines(connection: asyncpg.Connection, schema: str, of: Sum) -> dict[Any, Any]:
    """As they should be."""
    columns = ", ".join(of.columns)
    grouped = " UNION ALL ".join(each.replace("{lines}", f"{schema}.{of.lines}") for each in of.grouped)
    parts = ["SELECT * FROM every", *(each.replace("{grouped}", "every") for each in of.derived)]
    rows = await connection.fetch(f"WITH every ({columns}) AS ({grouped}) {' UNION ALL '.join(parts)}")
    return _as_sums(of, rows)


def _as_sums(of: Sum, rows: list[asyncpg.Record]) -> dict[Any, Any]:
    keys = len(of.keys)
    found = {tuple(row)[:keys]: tuple(row)[keys:] for row in rows}
    assert len(found) == len(rows)
    return {key: sums for key, sums in found.items() if any(sums)}
