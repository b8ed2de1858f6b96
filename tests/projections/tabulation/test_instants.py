"""As known at an instant within a day: what is counted of what the log held then."""

import asyncio
from random import Random

import asyncpg
import pytest

from services.projections.register.evidence import people_of
from services.projections.register.life import fold_people
from services.projections.statistics.contributions import count_lines
from services.projections.tabulation import CrowdedInstantError, instants, open_counts
from tests.projections.register.conftest import Register
from tests.projections.register.records import DAY_MS, write_histories
from tests.projections.register.test_apply import EVENTS
from tests.projections.tabulation.lines import Recorded, count_in_memory
from tests.projections.tabulation.questions import ask_both, draw_questions

HOUR_MS = 3_600_000


@pytest.mark.parametrize("seed", range(2))
async def test_at_any_instant_the_figures_are_those_of_what_was_recorded_until_then(
    register: Register, pool: asyncpg.Pool, seed: int
) -> None:
    random = Random(seed)
    records = [
        record._replace(recorded_at=random.randrange(3) * DAY_MS + random.randrange(24) * HOUR_MS)
        for record in write_histories(range(seed * 50, seed * 50 + 12), EVENTS)
    ]
    await register.apply(records)
    kept = list(register.projection.read(records).content.events.values())
    for instant in (-1, 5 * HOUR_MS, DAY_MS - 1, DAY_MS, DAY_MS + 3 * HOUR_MS, 2 * DAY_MS + 22 * HOUR_MS, 9 * DAY_MS):
        known = [each.fact for each in kept if each.fact.recorded_at <= instant]
        lives = fold_people(known, sorted(set().union(*map(people_of, known))))
        memory = count_in_memory([Recorded(0, line) for life in lives.values() for line in count_lines(life)])
        questions = list(draw_questions(random, 12))
        async with open_counts(pool, known_at_ms=instant, schema=register.schema) as counts:
            await asyncio.to_thread(ask_both, counts, memory, questions)


async def test_an_instant_amid_too_much_that_was_recorded_is_refused_and_the_end_of_its_day_is_not(
    register: Register, pool: asyncpg.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instants, "CROWD", 3)
    records = write_histories(range(4), EVENTS)
    await register.apply([record._replace(recorded_at=place % 20 * HOUR_MS) for place, record in enumerate(records)])
    with pytest.raises(CrowdedInstantError):
        async with open_counts(pool, known_at_ms=10 * HOUR_MS, schema=register.schema):
            pass
    async with open_counts(pool, known_at_ms=DAY_MS - 1, schema=register.schema):
        pass
