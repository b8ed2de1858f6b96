"""Makes the schema `analysis` from its list, in the database of analysts; by the owner's login, safe to repeat."""

import hashlib
from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from services.kernel.database import Connection
from services.kernel.telemetry.logs import Log
from services.projections.analysis.contents import SCHEMA, TABLES_SCHEMA, VIEWS, VINTAGE, Column, View
from services.projections.analysis.functions import FUNCTIONS, Function

_LOCK = 0x616E616C  # any constant that all processes share: "anal"
_DECADES = range(1850, 2150, 10)


async def prepare_schema(owner_url: str, service_role: str, analyst_role: str | None) -> bool:
    """Makes what is listed where it is not there as listed, and says whether it had to; then there is no edition.

    `service_role` may write the tables, `analyst_role` read the views and call the functions; neither owns anything.
    """
    digest = hashlib.sha256(";\n".join(list_statements()).encode()).hexdigest()
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            made = await connection.fetchval(
                "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = $1", TABLES_SCHEMA
            )
            anew = made is None or not str(made).endswith(digest)
            if anew:
                await _end_sessions(connection, analyst_role)
                await connection.execute(
                    f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; DROP SCHEMA IF EXISTS {TABLES_SCHEMA} CASCADE"
                )
                for statement in list_statements():
                    await connection.execute(statement)
                words = f"What the views of {SCHEMA} show; written whole with each edition. List {digest}"
                await connection.execute(f"COMMENT ON SCHEMA {TABLES_SCHEMA} IS {_text(words)}")
            for statement in _grants(service_role, analyst_role):
                await connection.execute(statement)
        return anew
    finally:
        await connection.close()


async def _end_sessions(connection: Connection, analyst_role: str | None) -> None:
    """A transaction that an analyst left open would make a start wait for ever."""
    try:
        async with connection.transaction():
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = $1 AND datname = current_database()",
                analyst_role,
            )
    except asyncpg.InsufficientPrivilegeError as error:
        Log("analysis").warning("sessions-not-ended", error)


def at_database_of(owner_url: str, other_url: str) -> str:
    """The owner's login at the server and database of another URL."""
    own, other = urlsplit(owner_url), urlsplit(other_url)
    login, host = own.netloc.rpartition("@")[0], other.netloc.rpartition("@")[2]
    return urlunsplit(other._replace(netloc=f"{login}@{host}" if login else host))


def list_statements() -> Iterator[str]:
    """Everything that makes both schemas, but for the grants."""
    yield f"CREATE SCHEMA {TABLES_SCHEMA}"
    yield f"CREATE SCHEMA {SCHEMA}"
    words = "Aggregates under disclosure control, in editions. Every row says its vintage and its rule."
    yield f"COMMENT ON SCHEMA {SCHEMA} IS {_text(words)}"
    yield (
        f"CREATE TABLE {TABLES_SCHEMA}.source (name text PRIMARY KEY, digest text NOT NULL);"
        f"COMMENT ON TABLE {TABLES_SCHEMA}.source IS 'What the edition was made of, and what its tables hold.'"
    )
    for view in VIEWS:
        yield from _make_table(view)
        yield from _make_view(view)
    for function in FUNCTIONS:
        yield from _make_function(function)


def list_table_columns(view: View) -> tuple[Column, ...]:
    """Columns of the table behind a view. That of the edition carries what all views show beside their own."""
    return (*view.columns, *VINTAGE) if view.name == "edition" else view.columns


def _make_table(view: View) -> Iterator[str]:
    columns = ", ".join(f"{column.name} {column.type}" for column in list_table_columns(view))
    table = f"{TABLES_SCHEMA}.{view.name}"
    yield f"CREATE TABLE {table} ({columns})" + (" PARTITION BY RANGE (year)" if view.years else "")
    if view.years:
        for first in _DECADES:
            yield f"CREATE TABLE {table}_{first} PARTITION OF {table} FOR VALUES FROM ({first}) TO ({first + 10})"
        yield f"CREATE TABLE {table}_other PARTITION OF {table} DEFAULT"
    if view.key:
        yield f"CREATE INDEX ON {table} ({', '.join(view.key)})"


def _make_view(view: View) -> Iterator[str]:
    name = f"{SCHEMA}.{view.name}"
    if view.name == "edition":
        shown, source = [f"t.{column.name}" for column in list_table_columns(view)], ""
    else:
        shown = [f"t.{column.name}" for column in view.columns] + [f"e.{column.name}" for column in VINTAGE]
        source = f" CROSS JOIN {TABLES_SCHEMA}.edition AS e"
    yield (
        f"CREATE VIEW {name} WITH (security_barrier = true) AS"  # noqa: S608
        f" SELECT {', '.join(shown)} FROM {TABLES_SCHEMA}.{view.name} AS t{source}"
    )
    yield f"COMMENT ON VIEW {name} IS {_text(view.words)}"
    for column in (*view.columns, *VINTAGE):
        yield f"COMMENT ON COLUMN {name}.{column.name} IS {_text(column.words)}"


def _make_function(function: Function) -> Iterator[str]:
    arguments = ", ".join(f"{argument.name} {argument.type}" for argument in function.arguments)
    columns = ", ".join(f"{column.name} {column.type}" for column in function.columns)
    types = ", ".join(argument.type for argument in function.arguments)
    name = f"{SCHEMA}.{function.name}"
    yield (
        f"CREATE FUNCTION {name}({arguments}) RETURNS TABLE ({columns})"
        f" LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER AS {_text(function.body)}"
    )
    yield f"REVOKE ALL ON FUNCTION {name}({types}) FROM PUBLIC"
    yield f"COMMENT ON FUNCTION {name}({types}) IS {_text(describe(function))}"


def describe(function: Function) -> str:
    """The comment of a function, which says what its arguments and columns are: columns of it have no comments."""
    said = [f"{each.name}: {each.words}" for each in (*function.arguments, *function.columns)]
    return "\n".join([function.words, *said])


def _grants(service_role: str, analyst_role: str | None) -> Iterator[str]:
    service = _name(service_role)
    yield "REVOKE ALL ON SCHEMA public FROM PUBLIC"
    yield f"GRANT USAGE ON SCHEMA {TABLES_SCHEMA} TO {service}"
    yield f"GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA {TABLES_SCHEMA} TO {service}"
    if analyst_role is not None:
        analyst = _name(analyst_role)
        yield f"GRANT USAGE ON SCHEMA {SCHEMA} TO {analyst}"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {analyst}"
        yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {SCHEMA} TO {analyst}"


def _name(role: str) -> str:
    return '"' + role.replace('"', '""') + '"'


def _text(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
