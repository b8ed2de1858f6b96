"""Sums and pending lines together are the lines, whatever was rolled up when."""

import asyncio
from random import Random

import asyncpg
import pytest

from services.projections.tabulation import open_counts
from services.projections.tabulation.rolling import roll_up
from tests.projections.register.conftest import Connect, Register
from tests.projections.tabulation.lines import Recorded, count_in_memory, draw_lines, write_lines
from tests.projections.tabulation.questions import ask_both, draw_questions

YEAR_DAYS = 366


def spread(lines: list[Recorded]) -> list[Recorded]:
    """Recorded in four years instead of on four days."""
    return [each._replace(day=each.day * YEAR_DAYS + each.line.day % 40) for each in lines]


@pytest.mark.parametrize("seed", range(4))
async def test_lines_that_come_and_go_are_counted_once_whenever_they_are_rolled_up(
    register: Register, pool: asyncpg.Pool, seed: int
) -> None:
    random = Random(seed)
    kept: dict[int, list[Recorded]] = {}
    for person in range(1, 9):
        kept[person] = spread(draw_lines(random, 60))
        await write_lines(register.connection, register.schema, kept[person], person)
        if random.random() < 0.4:
            gone = random.choice(list(kept))
            await forget(register, gone)
            del kept[gone]
        if random.random() < 0.6:
            await roll_up(register.connection, register.schema, random.choice((7, 50, 1000)))
        lines = [line for each in kept.values() for line in each]
        questions = list(draw_questions(random, 25))
        async with open_counts(pool, schema=register.schema) as counts:
            await asyncio.to_thread(ask_both, counts, count_in_memory(lines), questions)


@pytest.mark.parametrize("known", [-1, 0, 20, 364, 365, 400, 730, 731, 900, 1500])
async def test_figures_as_known_within_a_year_of_recording(register: Register, pool: asyncpg.Pool, known: int) -> None:
    random = Random(known)
    lines = spread(draw_lines(random, 400))
    await write_lines(register.connection, register.schema, lines)
    await roll_up(register.connection, register.schema, 150)
    questions = list(draw_questions(random, 40))
    async with open_counts(pool, known_at_ms=(known + 1) * 86_400_000 - 1, schema=register.schema) as counts:
        await asyncio.to_thread(ask_both, counts, count_in_memory(lines, known), questions)


async def test_one_caller_at_a_time_rolls_up_and_readers_never_see_a_half(
    register: Register, pool: asyncpg.Pool, connect: Connect
) -> None:
    random = Random(5)
    lines = draw_lines(random, 300)
    memory, questions = count_in_memory(lines), list(draw_questions(random, 30))
    await write_lines(register.connection, register.schema, lines)
    sessions = [await connect() for _ in range(3)]

    async def roll(session: asyncpg.Connection) -> int:
        rolled = 0
        while waiting := await session.fetchval(f"SELECT count(*) FROM {register.schema}.crossing_pending"):
            rolled += await roll_up(session, register.schema, 1 + int(waiting) // 10)
        return rolled

    async def read() -> None:
        for _ in range(3):
            async with open_counts(pool, schema=register.schema) as counts:
                await asyncio.to_thread(ask_both, counts, memory, questions)

    reading = asyncio.create_task(read())
    rolled = await asyncio.gather(*map(roll, sessions))
    await reading
    assert 0 < sum(rolled) <= len(lines)


async def test_a_roll_up_that_is_killed_half_way_changes_nothing(
    register: Register, pool: asyncpg.Pool, connect: Connect
) -> None:
    random = Random(6)
    lines = draw_lines(random, 200)
    await write_lines(register.connection, register.schema, lines)
    session = await connect()
    # What it would add to waits for us, and then its session ends.
    async with register.connection.transaction():
        await register.connection.execute(f"LOCK TABLE {register.schema}.move_sum IN EXCLUSIVE MODE")
        rolling = asyncio.create_task(roll_up(session, register.schema))
        await asyncio.sleep(0.3)
        assert not rolling.done()
        await register.connection.execute("SELECT pg_terminate_backend($1)", session.get_server_pid())
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await rolling
    assert await register.connection.fetchval(f"SELECT count(*) FROM {register.schema}.stock_sum") == 0
    async with open_counts(pool, schema=register.schema) as counts:
        await asyncio.to_thread(ask_both, counts, count_in_memory(lines), list(draw_questions(random, 30)))


async def test_when_nothing_is_left_the_sums_alone_are_read(register: Register) -> None:
    await write_lines(register.connection, register.schema, draw_lines(Random(8), 100))
    assert await roll_up(register.connection, register.schema) == 100
    assert await roll_up(register.connection, register.schema) == 0


async def forget(register: Register, person: int) -> None:
    for table in ("crossing", "occurrence"):
        await register.connection.execute(
            f"DELETE FROM {register.schema}.{table} WHERE person_id = $1", f"00000000-0000-0000-0000-{person:012d}"
        )
