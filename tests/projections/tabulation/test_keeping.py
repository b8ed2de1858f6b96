"""The register's own writing keeps the sums: whole histories, several workers, and a rebuild's way of filling them."""

import asyncio
from random import Random

import asyncpg
import pytest

from services.projections.engine.builds import make_indexes, make_tables
from services.projections.register.tables import TABLES
from services.projections.tabulation import open_counts
from services.projections.tabulation.rolling import roll_up
from tests.projections.register.comparing import fold_all
from tests.projections.register.conftest import Connect, Register
from tests.projections.register.records import write_histories
from tests.projections.register.test_apply import EVENTS, shuffle, split
from tests.projections.tabulation.lines import as_lines, count_in_memory, draw_lines, write_lines
from tests.projections.tabulation.questions import ask_both, draw_questions
from tests.projections.tabulation.summing import assert_summed


@pytest.mark.parametrize(("seed", "histories", "workers", "largest"), [(4, 4, 3, 5), (5, 30, 2, 60)])
async def test_histories_with_corrections_and_merges_are_summed_while_workers_write(
    register: Register, pool: asyncpg.Pool, connect: Connect, seed: int, histories: int, workers: int, largest: int
) -> None:
    records = write_histories(range(seed * 100, seed * 100 + histories), EVENTS)
    random = Random(seed)
    waiting = split(shuffle(records, random), random, largest)

    async def work() -> None:
        session = await connect()
        while waiting:
            await register.apply(waiting.pop(), session)

    async def roll() -> None:
        session = await connect()
        while waiting:
            await roll_up(session, register.schema, 30)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(work() for _ in range(workers)), roll())
    folded = fold_all(records)
    memory = count_in_memory(as_lines(folded))
    async with open_counts(pool, schema=register.schema) as counts:
        await asyncio.to_thread(ask_both, counts, memory, list(draw_questions(random, 60)))
    await assert_summed(register.connection, register.schema)


async def test_a_build_that_was_filled_first_has_the_same_sums_and_goes_on_with_them(
    connect: Connect, pool: asyncpg.Pool
) -> None:
    connection, schema = await connect(), "register_filled"
    await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    await make_tables(connection, schema, TABLES, await connection.fetchval("SELECT current_user"))
    lines = draw_lines(Random(3), 400)
    await write_lines(connection, schema, lines)
    await make_indexes(connection, schema, TABLES)
    assert await connection.fetchval(f"SELECT count(*) FROM {schema}.crossing_pending") == 0
    await assert_summed(connection, schema)
    more = draw_lines(Random(4), 100)
    await write_lines(connection, schema, more, 2)
    await assert_summed(connection, schema)
    async with open_counts(pool, schema=schema) as counts:
        questions = list(draw_questions(Random(3), 40))
        await asyncio.to_thread(ask_both, counts, count_in_memory([*lines, *more]), questions)
    await connection.execute(f"DROP SCHEMA {schema} CASCADE")
