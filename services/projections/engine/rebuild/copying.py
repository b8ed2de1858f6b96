"""Rows into tables by COPY. Ids are 16 bytes in a row and a uuid in a table: they go over as they are."""

from collections.abc import AsyncIterator
from typing import Final

import asyncpg
import polars

from services.kernel.database import Connection
from services.projections.engine.projection import Rows, Table
from services.projections.engine.rebuild.encoding import encode_rows

_PIECE_BYTES: Final = 1 << 19
_BEGIN: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END: Final = b"\xff\xff"


async def open_copier(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A session that takes ids as bytes, and waits for no disk: a part that is lost is written again."""
    connection = await asyncpg.connect(url, server_settings={"application_name": "projections rebuild"})
    await connection.execute("SET synchronous_commit = off")
    # As the driver writes bytes: a function of ours would be called for each of them.
    await connection.set_builtin_type_codec("uuid", schema="pg_catalog", codec_name="bytea", format="binary")
    return connection


async def copy_rows(connection: Connection, schema: str, tables: dict[str, Table], rows: Rows) -> int:
    """All rows; how many."""
    count = 0
    for name, records in rows.items():
        if not len(records):
            continue
        columns = tables[name].columns
        if isinstance(records, polars.DataFrame):
            await connection.copy_to_table(
                name, schema_name=schema, columns=columns, source=_cut(encode_rows(records)), format="binary"
            )
        else:
            await connection.copy_records_to_table(name, schema_name=schema, columns=columns, records=records)
        count += len(records)
    return count


async def _cut(content: memoryview) -> AsyncIterator[bytes]:
    """In pieces, between the beginning and the end that the format asks for."""
    yield _BEGIN
    for first in range(0, len(content), _PIECE_BYTES):
        yield bytes(content[first : first + _PIECE_BYTES])
    yield _END
