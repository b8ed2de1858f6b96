"""Builds of a projection: numbered, each with its tables in a schema of its own; views show the live one.

Made by the owner's login; the service may read and write rows and nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.kernel.database import Connection
from services.kernel.log.topics import get_topic
from services.kernel.telemetry.logs import Log
from services.projections.engine.projection import Projection, Table

BUILDING, LIVE, RETIRED, FAILED = "building", "live", "retired", "failed"

_NAME = re.compile(r"[a-z][a-z_]{0,39}")
_LOCK = 0x70726F6A  # any constant that all processes share: "proj"


@dataclass(frozen=True, slots=True)
class Version:
    """One build. `halted`: why it takes in nothing more; None while it does."""

    projection: str
    number: int
    state: str
    edition: int
    halted: str | None

    @property
    def schema(self) -> str:
        """Where its tables lie."""
        return get_schema(self.projection, self.number)


def get_schema(projection: str, number: int) -> str:
    """The schema of a build's tables. ValueError for a name that cannot stand in a statement."""
    if not _NAME.fullmatch(projection):
        raise ValueError(f"{projection!r} cannot name a projection")
    return f"{projection}_v{number}"


def list_topics(projection: Projection, region: str) -> list[str]:
    """What a projection reads, in order."""
    return sorted(get_topic(region, context) for context in projection.contexts)


async def find_live(connection: "Connection | asyncpg.Pool", projection: str) -> Version | None:
    """The build that is read now."""
    row = await connection.fetchrow(
        "SELECT projection, number, state, edition, halted_reason FROM projection.version"
        " WHERE projection = $1 AND state = 'live'",
        projection,
    )
    return None if row is None else Version(*row)


async def prepare(url: str, service_role: str, region: str, projections: Sequence[Projection]) -> None:
    """Gives every projection a live build, an empty one if it has none. `url`: the owner's login.

    Concurrent callers wait for one another. A live build of another edition goes on serving, and that is logged.
    """
    connection = await asyncpg.connect(url)
    try:
        for projection in projections:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
                await _prepare(connection, service_role, region, projection)
    finally:
        await connection.close()


async def _prepare(connection: Connection, service_role: str, region: str, projection: Projection) -> None:
    live = await find_live(connection, projection.name)
    if live is None:
        live = await add_version(connection, region, projection, LIVE)
        await make_tables(connection, live.schema, projection.tables, service_role)
        await make_indexes(connection, live.schema, projection.tables)
        await show(connection, live, projection.tables, service_role)
    elif live.edition != projection.edition:
        Log("projections").error("rebuild-wanted", projection=projection.name, version=live.number)


async def add_version(connection: Connection, region: str, projection: Projection, state: str) -> Version:
    """The next number, written down; its tables are made by `make_tables`."""
    number = await connection.fetchval(
        "INSERT INTO projection.version (projection, number, state, edition, topics, switched_at)"
        " SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, CASE WHEN $2 = 'live' THEN now() END"
        " FROM projection.version WHERE projection = $1 RETURNING number",
        projection.name,
        state,
        projection.edition,
        list_topics(projection, region),
    )
    return Version(projection.name, number, state, projection.edition, None)


async def make_tables(connection: Connection, schema: str, tables: Sequence[Table], service_role: str) -> None:
    """The schema and its tables, without indexes, open to the service."""
    await connection.execute(f'CREATE SCHEMA "{schema}"')
    for table in tables:
        await connection.execute(table.create.replace("{schema}", f'"{schema}"'))
    role = _quoted(service_role)
    await connection.execute(
        f'GRANT USAGE ON SCHEMA "{schema}" TO {role};'
        f'GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA "{schema}" TO {role};'
        f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA "{schema}" TO {role}'
    )


async def make_indexes(connection: Connection, schema: str, tables: Sequence[Table]) -> None:
    """All indexes of the tables, and before them what follows from the rows of other tables."""
    for table in tables:
        for statement in (*table.fill, *table.indexes):
            await connection.execute(statement.replace("{schema}", f'"{schema}"'))


async def show(connection: Connection, version: Version, tables: Sequence[Table], service_role: str) -> None:
    """Points the views of the projection's schema to this build. Part of the caller's transaction."""
    get_schema(version.projection, version.number)
    schema, role = f'"{version.projection}"', _quoted(service_role)
    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}; GRANT USAGE ON SCHEMA {schema} TO {role}")
    shown = await connection.fetch("SELECT viewname FROM pg_views WHERE schemaname = $1", version.projection)
    for row in shown:
        await connection.execute(f"DROP VIEW {schema}.{_quoted(row['viewname'])}")
    for table in tables:
        columns = ", ".join(map(_quoted, table.columns))
        await connection.execute(
            f'CREATE VIEW {schema}."{table.name}" AS SELECT {columns} FROM "{version.schema}"."{table.name}"'  # noqa: S608
        )
        await connection.execute(f'GRANT SELECT ON {schema}."{table.name}" TO {role}')


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
