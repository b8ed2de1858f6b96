"""Migrations run once, in order, under a lock, and may not change afterwards."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.stack import Running
from services.kernel.database import TRANSIENT, Migration, migrate, open_pool, read_migrations
from services.kernel.errors import Corrupt


@pytest.fixture
def url(stack: Running) -> str:
    """As owner: only an owner may change the schema."""
    return stack.regions["south"].database


@pytest.fixture
async def schema(url: str) -> AsyncIterator[str]:
    """The name of a schema for one test."""
    name = f"test_{uuid4().hex[:12]}"
    yield name
    connection = await asyncpg.connect(url)
    await connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
    await connection.execute("DELETE FROM public.migration WHERE name LIKE $1", f"{name}/%")
    await connection.close()


def steps(schema: str) -> list[Migration]:
    return [
        Migration(f"{schema}/001_make.sql", f"CREATE SCHEMA {schema}; CREATE TABLE {schema}.step (number int);"),
        Migration(f"{schema}/002_fill.sql", f"INSERT INTO {schema}.step VALUES (1)"),
    ]


async def count(url: str, schema: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(await connection.fetchval(f"SELECT count(*) FROM {schema}.step"))
    finally:
        await connection.close()


async def test_processes_that_start_together_apply_each_migration_once(url: str, schema: str) -> None:
    applied = await asyncio.gather(*(migrate(url, steps(schema), {}) for _ in range(6)))
    assert sorted(map(len, applied)) == [0, 0, 0, 0, 0, 2]
    assert await count(url, schema) == 1
    assert await migrate(url, steps(schema), {}) == []


async def test_a_later_migration_is_applied_alone(url: str, schema: str) -> None:
    await migrate(url, steps(schema), {})
    more = [*steps(schema), Migration(f"{schema}/003_more.sql", f"INSERT INTO {schema}.step VALUES (2)")]
    assert await migrate(url, more, {}) == [f"{schema}/003_more.sql"]
    assert await count(url, schema) == 2


async def test_a_migration_that_was_applied_may_not_change(url: str, schema: str) -> None:
    await migrate(url, steps(schema), {})
    changed = [steps(schema)[0], Migration(f"{schema}/002_fill.sql", "SELECT 1")]
    with pytest.raises(Corrupt, match="migration-changed"):
        await migrate(url, changed, {})


async def test_a_migration_that_fails_leaves_nothing_of_the_run_behind(url: str, schema: str) -> None:
    broken = [*steps(schema), Migration(f"{schema}/003_broken.sql", "SELECT no_such_column")]
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(url, broken, {})
    assert len(await migrate(url, steps(schema), {})) == 2


def test_files_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("010_c.sql", "002_b.sql", "001_a.sql", "notes.md"):
        (tmp_path / name).write_text("SELECT 1")
    assert [m.name for m in read_migrations("x", tmp_path)] == ["x/001_a.sql", "x/002_b.sql", "x/010_c.sql"]


async def test_the_service_s_login_owns_nothing_and_cannot_change_the_schema(stack: Running) -> None:
    connection = await asyncpg.connect(stack.regions["south"].settings["DOMICILE_DATABASE_URL"])
    try:
        for statement in ("DROP TABLE ingest.claim", "CREATE TABLE ingest.x (a int)", "TRUNCATE privacy.data_key"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM privacy.data_key")
    finally:
        await connection.close()


async def test_a_session_gives_up_in_bounded_time(url: str) -> None:
    async with await open_pool(url, name="patience", statement_timeout_s=0.2) as pool:
        with pytest.raises(asyncpg.QueryCanceledError) as cancelled:
            await pool.execute("SELECT pg_sleep(60)")
    assert isinstance(cancelled.value, TRANSIENT)


async def test_a_server_that_is_not_there_is_a_reason_to_wait() -> None:
    with pytest.raises(TRANSIENT):
        await open_pool("postgresql://nobody@127.0.0.1:1/none", name="nowhere")
