"""Rows into tables by COPY. Ids are 16 bytes in a row and a uuid in a table: they go over as they are."""

import asyncpg

from services.kernel.database import Connection
from services.projections.engine.projection import Rows, Table


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
        if records:
            await connection.copy_records_to_table(
                name, schema_name=schema, columns=tables[name].columns, records=records
            )
            count += len(records)
    return count
