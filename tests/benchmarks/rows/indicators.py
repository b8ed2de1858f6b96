"""Figures of a register of ten million people and 30 years, out of the tables: any indicator, area and period."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from random import Random

import asyncpg

from services.kernel.database import open_pool
from services.projections.statistics.indicators import CATALOGUE, Question, RememberingCounts, Zone, compute
from services.projections.statistics.indicators.counting import Counts
from services.projections.statistics.indicators.question import WHOLE
from services.projections.statistics.indicators.spans import Span, calendar_year, day_of
from services.projections.tabulation import open_counts
from tests.benchmarks import population
from tests.benchmarks.population import AREAS, FIRST, SCHEMA, YEARS
from tests.benchmarks.results import Figure, Row
from tests.benchmarks.rows import export
from tests.benchmarks.stage import Stage
from tests.benchmarks.workload import REGION

TITLE = "figures of 10 M people and 30 years"
Ask = Callable[[Counts], object]
_DAY_MS = 86_400_000
_RATES = ("crude-birth-rate", "crude-death-rate", "growth-rate", "balancing-equation", "infant-mortality-rate")
_BY_AGE = ("total-fertility-rate", "life-expectancy-at-birth", "age-specific-fertility-rate", "general-fertility-rate")
_MOVES = ("in-moves", "net-migration", "migration-effectiveness")


def measure(stage: Stage) -> Row:
    """In a schema of its own of the region's database."""
    people = stage.count(usual=10_000_000, quick=100_000)
    return asyncio.run(measure_at(stage.running.regions[REGION].database, people, 20 if stage.quick else 40, stage.say))


async def measure_at(url: str, people: int, times: int, say: Callable[[str], None]) -> Row:
    """`times`: how often each kind of question is asked, each time of other places and years."""
    connection = await asyncpg.connect(url)
    pool = await open_pool(url, name="benchmark", statement_timeout_s=120.0)
    try:
        made = await population.make(connection, people, say)
        row = Row("indicators", TITLE if people == 10_000_000 else f"figures of {people:,} people", made.rows)
        for what, limits, asks in _kinds(Random(1)):
            say(f"indicators: {what}")
            row.figures += await _time(pool, what, [next(asks) for _ in range(times)], *limits)
        known = day_of(FIRST + 20, 8, 17)
        for what, limits, asks in _kinds(Random(2)):
            if limits[0] == 200:
                row.figures += await _time(
                    pool, f"{what}, as known years ago", [next(asks) for _ in range(times // 2)], 5000, 2000, known
                )
        say("indicators: a year of flows as Parquet")
        row.figures += await export.measure_export(pool, SCHEMA)
        steps = ", ".join(f"{name} {took:.1f}" for name, took in made.seconds.items() if took > 0.5)
        row.notes.append(f"seconds to make the tables: {steps}")
        row.notes.append("first answer of each question: nothing is remembered between questions")
        return row
    finally:
        await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        await pool.close()
        await connection.close()


async def _time(
    pool: asyncpg.Pool, what: str, asks: Sequence[Ask], floor: float, goal: float, known: int | None = None
) -> list[Figure]:
    took = []
    for ask in asks:
        begun = time.perf_counter()
        known_at_ms = None if known is None else (known + 1) * _DAY_MS - 1
        async with open_counts(pool, known_at_ms=known_at_ms, schema=SCHEMA) as counts:
            await asyncio.to_thread(ask, RememberingCounts(counts))
        took.append((time.perf_counter() - begun) * 1000)
    p95 = statistics.quantiles(took, n=20)[-1]
    return [
        Figure(f"{what}, p50", statistics.median(took), "ms", goal=goal, floor=floor, smaller=True),
        Figure(f"{what}, p95", p95, "ms", goal=goal, floor=floor, smaller=True),
    ]


def _kinds(random: Random) -> list[tuple[str, tuple[float, float], Iterator[Ask]]]:
    rates, exact = (200.0, 50.0), (1000.0, 1000.0)
    found = []
    for place, draw in (("municipality", _municipality), ("county", _county), ("region", lambda _: WHOLE)):
        found += [
            (f"{place}: rate of a year", rates, _indicators(random, draw, _RATES, _year)),
            (f"{place}: pyramid of a year's end", rates, _pyramids(random, draw)),
            (f"{place}: by age, a year", rates, _indicators(random, draw, _BY_AGE, _year)),
            (f"{place}: moves of a year", rates, _indicators(random, draw, _MOVES, _year)),
            (f"{place}: rate of any period", rates, _indicators(random, draw, _RATES, _period)),
            (f"{place}: rate of 20 years", rates, _indicators(random, draw, _RATES, _long)),
            (f"{place}: completed ages, any period", exact, _indicators(random, draw, _BY_AGE, _period)),
        ]
    return found


def _indicators(
    random: Random, place: Callable[[Random], Zone], names: Sequence[str], period: Callable[[Random], Span]
) -> Iterator[Ask]:
    while True:
        indicator, question = CATALOGUE[random.choice(names)], Question(period(random), (place(random),))
        yield lambda counts, at=(indicator, question): compute(at[0], counts, at[1])


def _pyramids(random: Random, place: Callable[[Random], Zone]) -> Iterator[Ask]:
    while True:
        zone, day = place(random), _year(random).end - 1
        yield lambda counts, at=(day, zone): counts.population(at[0], "usual", ("sex", "age"), at[1].members)


def _municipality(random: Random) -> Zone:
    code = population.area(random.randrange(AREAS))
    return Zone(code, frozenset({code}))


def _county(random: Random) -> Zone:
    number = random.randrange(AREAS // 10)
    return Zone(str(100 + number), population.county(number))


def _year(random: Random) -> Span:
    return calendar_year(random.randrange(FIRST + 2, FIRST + YEARS))


def _long(random: Random) -> Span:
    return calendar_year(random.randrange(FIRST + 2, FIRST + YEARS - 20), 20)


def _period(random: Random) -> Span:
    start = day_of(FIRST + 2) + random.randrange(365 * (YEARS - 5))
    return Span(start, start + random.randrange(20, 700))
