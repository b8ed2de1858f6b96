"""The database counts what the library counts in memory, whatever the lines say."""

import asyncio
from datetime import date
from random import Random

import asyncpg
import pytest

from services.projections.statistics.indicators.spans import age_on, as_date, day_of
from services.projections.tabulation import calendar, open_counts
from tests.projections.register.conftest import Register
from tests.projections.tabulation.lines import BIRTHS, DAYS, count_in_memory, draw_lines, write_lines
from tests.projections.tabulation.questions import ask_both, draw_questions

DAY_MS = 86_400_000


@pytest.mark.parametrize("seed", range(3))
async def test_any_lines_give_the_same_figures_as_in_memory(register: Register, pool: asyncpg.Pool, seed: int) -> None:
    random = Random(seed)
    lines = draw_lines(random, 400)
    await write_lines(register.connection, register.schema, lines)
    questions = list(draw_questions(random, 150))
    async with open_counts(pool, schema=register.schema) as counts:
        await asyncio.to_thread(ask_both, counts, count_in_memory(lines), questions)


async def test_figures_as_known_at_the_end_of_every_day(register: Register, pool: asyncpg.Pool) -> None:
    random = Random(9)
    lines = draw_lines(random, 200)
    await write_lines(register.connection, register.schema, lines)
    for day in range(-1, 5):
        questions = list(draw_questions(random, 30))
        async with open_counts(pool, known_at_ms=(day + 1) * DAY_MS - 1, schema=register.schema) as counts:
            await asyncio.to_thread(ask_both, counts, count_in_memory(lines, day), questions)


async def test_figures_are_of_one_moment(register: Register, pool: asyncpg.Pool) -> None:
    lines = draw_lines(Random(1), 50)
    (words, ask), *_ = draw_questions(Random(1), 1)
    async with open_counts(pool, schema=register.schema) as counts:
        before = await asyncio.to_thread(ask, counts)
        await write_lines(register.connection, register.schema, lines)
        assert await asyncio.to_thread(ask, counts) == before, words


async def test_sql_reckons_days_as_the_library_does(register: Register) -> None:
    """One day of every month of the calendar has its rank; ages are those of the library."""
    last = date.max.toordinal() - date(1970, 1, 1).toordinal()
    rows = await register.connection.fetch(
        f"SELECT day, {calendar.rank('day')} FROM generate_series({day_of(1)}, {last}, 31) AS day"
    )
    for day, rank in rows:
        at = as_date(day)
        place = (date(2000, at.month, at.day) - date(2000, 1, 1)).days
        assert rank == calendar.rank_of(day) == 366 * at.year + place
    ages = await register.connection.fetch(
        f"SELECT born, day, {calendar.age('born', 'day')} FROM unnest($1::int[]) born, unnest($2::int[]) day",
        list(BIRTHS),
        list(DAYS),
    )
    assert all(age == age_on(born, day) for born, day, age in ages)
