"""What the login of analysts can reach beside the schema `analysis`: nothing. Each test is an attempt."""

from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from deploy.local.stack import Region, Running
from services.projections.analysis.contents import SCHEMA, VIEWS
from services.projections.analysis.functions import FUNCTIONS

REFUSED = (
    asyncpg.InsufficientPrivilegeError,
    asyncpg.CantChangeRuntimeParamError,
    # Views of several tables take nothing, whoever comes.
    asyncpg.ObjectNotInPrerequisiteStateError,
)


def at_database(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


@pytest.mark.parametrize(
    "database",
    ["domicile_north", "domicile_south", "domicile_south_analysis", "postgres", "template1", "template0"],
)
async def test_no_other_database_lets_it_in(region: Region, database: str) -> None:
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
        await asyncpg.connect(at_database(region.analyst_database, database))


async def test_it_is_told_as_the_login_of_analysts(stack: Running, region: Region) -> None:
    assert urlsplit(region.analyst_database).username == "domicile_north_analyst"
    assert urlsplit(stack.regions["south"].analyst_database).username == "domicile_south_analyst"


async def test_no_relation_beside_the_views_grants_it_anything(analyst: asyncpg.Connection) -> None:
    rows = await analyst.fetch(
        "SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND c.relkind IN ('r', 'v', 'm', 'p', 'f')"
        " AND (has_table_privilege(c.oid, 'SELECT') OR has_table_privilege(c.oid, 'INSERT')"
        " OR has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE')"
        " OR has_table_privilege(c.oid, 'TRUNCATE') OR has_table_privilege(c.oid, 'REFERENCES')"
        " OR has_table_privilege(c.oid, 'TRIGGER') OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE'))"
    )
    assert {row["name"] for row in rows} == {f"{SCHEMA}.{view.name}" for view in VIEWS}


async def test_it_may_do_nothing_to_the_views_but_read_them(analyst: asyncpg.Connection) -> None:
    allowed = await analyst.fetchval(
        "SELECT bool_or(has_table_privilege(c.oid, what)) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace,"
        " unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS what"
        " WHERE n.nspname = $1",
        SCHEMA,
    )
    assert allowed is False


async def test_no_other_schema_can_be_used_and_none_can_be_made_in(analyst: asyncpg.Connection) -> None:
    rows = await analyst.fetch("SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'USAGE')")
    assert {row[0] for row in rows} == {SCHEMA, "pg_catalog", "information_schema"}
    assert not await analyst.fetch("SELECT nspname FROM pg_namespace WHERE has_schema_privilege(oid, 'CREATE')")
    database = "SELECT has_database_privilege(current_database(), $1)"
    assert not await analyst.fetchval(database, "CREATE")
    assert not await analyst.fetchval(database, "TEMPORARY")


async def test_no_function_of_ours_beside_the_listed_ones_can_be_called(analyst: asyncpg.Connection) -> None:
    rows = await analyst.fetch(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND has_function_privilege(p.oid, 'EXECUTE')"
    )
    assert {row[0] for row in rows} == {each.name for each in FUNCTIONS}


async def test_the_role_has_no_attribute_and_no_group(analyst: asyncpg.Connection) -> None:
    role = await analyst.fetchrow(
        "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit, rolconnlimit"
        " FROM pg_roles WHERE rolname = current_user"
    )
    assert tuple(role) == (False, False, False, False, False, False, 10)
    assert not await analyst.fetch(
        "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member WHERE r.rolname = current_user"
    )


async def test_a_session_is_read_only_and_patient_for_a_minute_only(analyst: asyncpg.Connection) -> None:
    for name, value in (
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "1min"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("temp_file_limit", "1GB"),
        ("search_path", "analysis"),
    ):
        assert await analyst.fetchval(f"SHOW {name}") == value


@pytest.mark.parametrize(
    "attempt",
    [
        "CREATE TABLE analysis.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "CREATE TEMP TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE VIEW analysis.mine AS SELECT 1 AS n",
        "CREATE FUNCTION analysis.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION dblink",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "ALTER ROLE CURRENT_USER SUPERUSER",
        "ALTER ROLE CURRENT_USER CONNECTION LIMIT 1000",
        "ALTER VIEW analysis.population SET (security_barrier = false)",
        "DROP VIEW analysis.population",
        "COMMENT ON VIEW analysis.population IS 'mine'",
        "INSERT INTO analysis.areas (area) VALUES ('x')",
        "UPDATE analysis.population SET people = 1",
        "DELETE FROM analysis.population",
        "TRUNCATE edition.population",
        "SELECT * FROM edition.population",
        "SELECT * FROM edition.source",
        "BEGIN; LOCK TABLE analysis.population IN ACCESS EXCLUSIVE MODE",
        "COPY analysis.population TO '/tmp/mine'",
        "COPY analysis.population TO PROGRAM 'cat'",
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('.')",
        "SELECT lo_create(0)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT pg_reload_conf()",
        "SELECT pg_switch_wal()",
        "SELECT pg_logical_emit_message(true, 'a', 'b')",
        "DO $$ BEGIN PERFORM 1; END $$",
        "SET ROLE domicile_north_owner",
        "SET SESSION AUTHORIZATION domicile_north_owner",
        "SET session_replication_role = replica",
        "SET temp_file_limit = -1",
        "SET log_statement = 'none'",
        "SELECT * FROM pg_authid",
        "SELECT * FROM pg_shadow",
        "SELECT * FROM pg_statistic",
        "SELECT * FROM pg_hba_file_rules",
        "SELECT * FROM pg_file_settings",
        "SELECT * FROM pg_largeobject",
        "SELECT * FROM pg_subscription",
        "SELECT * FROM pg_user_mapping",
    ],
)  # fmt: skip
async def test_what_is_not_reading_is_refused_even_when_it_may_write(analyst: asyncpg.Connection, attempt: str) -> None:
    """Read-only is a habit that a session can give up; what it may not, it may not."""
    await analyst.execute("SET default_transaction_read_only = off; SET search_path = analysis, public")
    with pytest.raises(REFUSED):
        await analyst.execute(attempt)


async def test_nobody_else_can_be_disconnected(analyst: asyncpg.Connection, owner: asyncpg.Connection) -> None:
    for function in ("pg_terminate_backend", "pg_cancel_backend"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await analyst.fetchval(f"SELECT {function}($1)", owner.get_server_pid())


@pytest.mark.parametrize(
    "counter",
    [
        "SELECT * FROM pg_stat_database",
        "SELECT * FROM pg_stat_all_tables",
        "SELECT * FROM pg_stat_activity",
        "SELECT * FROM pg_stat_user_functions",
        "SELECT * FROM pg_stat_replication",
        "SELECT * FROM pg_stat_wal",
        "SELECT * FROM pg_stat_bgwriter",
        "SELECT * FROM pg_locks",
        "SELECT pg_database_size('domicile_north')",
        "SELECT pg_database_size(oid) FROM pg_database",
        "SELECT pg_tablespace_size('pg_default')",
        "SELECT pg_stat_get_db_tuples_inserted(oid) FROM pg_database",
        "SELECT pg_current_wal_lsn()",
        "SELECT pg_current_snapshot()",
        "SELECT txid_current()",
        "SELECT pg_current_xact_id_if_assigned()",
        "SELECT pg_last_committed_xact()",
        "SELECT pg_advisory_lock(1634623852)",
        "SELECT pg_try_advisory_lock(1701079412)",
        "SELECT pg_advisory_xact_lock_shared(1634623852)",
    ],
)
async def test_counters_and_locks_of_the_server_are_closed(analyst: asyncpg.Connection, counter: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await analyst.fetch(counter)


async def test_the_planner_tells_nothing_of_tables_behind_the_views(analyst: asyncpg.Connection) -> None:
    statement = "SELECT count(*) FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    assert await analyst.fetchval(statement) == 0
    assert await analyst.fetchval("SELECT count(*) FROM pg_stats_ext") == 0


async def test_catalogues_name_nothing_of_the_register(analyst: asyncpg.Connection) -> None:
    schemas = {row[0] for row in await analyst.fetch("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'")}
    assert schemas == {SCHEMA, "edition", "public", "information_schema"}
    columns = {row[0] for row in await analyst.fetch("SELECT attname FROM pg_attribute WHERE attnum > 0")}
    assert not columns & {"person_id", "event_id", "born_day", "recorded_day", "household_id", "ciphertext"}
    assert not await analyst.fetch("SELECT 1 FROM pg_extension WHERE extname <> 'plpgsql'")
    assert not await analyst.fetch("SELECT 1 FROM pg_foreign_server")


async def test_a_function_that_tells_what_it_sees_sees_only_rows_of_the_view(analyst: asyncpg.Connection) -> None:
    """A cheap function in a condition must not run on rows that a view leaves out: views are security barriers."""
    await analyst.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await analyst.execute(
            "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE sql AS 'SELECT true' COST 0.0001"
        )
    plan = str(await analyst.fetch("EXPLAIN SELECT * FROM analysis.areas WHERE area::int = 1"))
    assert "Subquery Scan" in plan or "Nested Loop" in plan
