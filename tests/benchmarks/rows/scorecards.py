"""The scorecard of a corridor with a million obligations: any period, as of any day. Against adding the rows up."""

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.ledger.assessing import ADD_UP
from services.exchange.protocol.deadlines import Kind
from services.exchange.scorecards.assessed import Assessed, What
from services.exchange.scorecards.cards import Period, compile_cards
from services.exchange.scorecards.indicators import BY_ID
from services.exchange.scorecards.reading import fetch_cells, fetch_obligations, fetch_one_sided, fetch_paths
from services.exchange.scorecards.telling import tell_scorecards
from services.kernel.database import open_pool
from tests.benchmarks.results import Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.workload import REGION

TITLE = "scorecard of a corridor of 1 M obligations"
PARTNER = "made-up"
_FIRST, _DAYS = date(2024, 1, 1), 730
_NEVER = date.max
_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_KINDS = (Kind.FEEDBACK,) * 6 + (Kind.VERIFICATION, Kind.END_FEEDBACK, Kind.CORRECTION_FEEDBACK)


def measure(stage: Stage) -> Row:
    """In the region's own tables, under a partner that nobody has."""
    count = stage.count(usual=1_000_000, quick=20_000)
    return asyncio.run(measure_at(stage.running.regions[REGION].database, count, 20 if stage.quick else 100, stage.say))


async def measure_at(url: str, count: int, times: int, say: Callable[[str], None]) -> Row:
    """`times`: how many scorecards are asked for, each of another period as of another day."""
    pool = await open_pool(url, name="benchmark", statement_timeout_s=300.0)
    try:
        say(f"scorecard: {count:,} obligations and their links")
        rows = await _fill(pool, count)
        sums = await pool.fetchval("SELECT count(*) FROM exchange.tally WHERE partner = $1", PARTNER)
        row = Row("scorecard", TITLE, count)
        row.figures = await _measure(pool, times)
        row.notes.append(f"{rows:,} rows in two years, of which {sums:,} sums; as of any day, none remembered")
        return row
    finally:
        for table in ("assessed", "tally"):
            await pool.execute(f"DELETE FROM exchange.{table} WHERE partner = $1", PARTNER)
        await pool.close()


async def _measure(pool: asyncpg.Pool, times: int) -> list[Figure]:
    random = Random(7)
    asked = [_period(random) for _ in range(times)]
    took = [await _time(_card(pool, each)) for each in asked]
    paged = [await _time(_page(pool, each)) for each in asked[: times // 2]]
    whole = [await _time(_rows(pool, each)) for each in asked[: times // 10]]
    return [
        Figure("any period as of any day, p50", statistics.median(took), "ms", smaller=True, goal=200.0,
               peer_name="adding rows up", peer=statistics.median(whole)),
        Figure("any period as of any day, p95", _p95(took), "ms", smaller=True, goal=200.0),
        Figure("a page of 100 obligations, p95", _p95(paged), "ms", smaller=True, goal=200.0),
    ]  # fmt: skip


def _p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20)[-1]


async def _time(asking: Any) -> float:
    begun = time.perf_counter()
    await asking
    return (time.perf_counter() - begun) * 1000


async def _card(pool: asyncpg.Pool, period: Period) -> None:
    cells = await fetch_cells(pool, PARTNER, period, _NOW)
    found = await fetch_one_sided(pool, PARTNER, period.as_of)
    paths = await fetch_paths(pool, PARTNER, period)
    tell_scorecards(compile_cards(REGION, PARTNER, period, cells, found), paths)


async def _page(pool: asyncpg.Pool, period: Period) -> None:
    await fetch_obligations(pool, PARTNER, PARTNER, period, _NOW, BY_ID["X4"], "others", None, 100)


async def _rows(pool: asyncpg.Pool, period: Period) -> None:
    """One share alone, of the rows themselves."""
    await pool.fetchrow(
        "SELECT count(*) FILTER (WHERE on_time AND answered_day <= $4), count(*) FROM exchange.assessed"
        " WHERE partner = $1 AND cohort_day BETWEEN $2 AND $3 AND NOT (voided_day <= $4 AND contested_day > $4)",
        PARTNER,
        period.first,
        period.last,
        period.as_of,
    )


def _period(random: Random) -> Period:
    """Weeks to all of two years; as of its end or up to half a year later."""
    length = random.choice((7, 30, 91, 365, _DAYS))
    first = _FIRST + timedelta(days=random.randrange(_DAYS - length + 1))
    last = first + timedelta(days=length - 1)
    return Period(first, last, last + timedelta(days=random.choice((0, 30, 91, 180))))


async def _fill(pool: asyncpg.Pool, count: int) -> int:
    async with pool.acquire() as connection:
        await connection.copy_records_to_table(
            "assessed", schema_name="exchange", columns=Assessed._fields, records=_make(count, Random(1)), timeout=None
        )
        await connection.execute(ADD_UP, PARTNER, timeout=None)
        await connection.execute("VACUUM ANALYZE exchange.tally", timeout=None)
        await connection.execute("VACUUM ANALYZE exchange.assessed", timeout=None)
        made: int = await connection.fetchval("SELECT count(*) FROM exchange.assessed WHERE partner = $1", PARTNER)
        return made


def _make(count: int, random: Random) -> Iterator[tuple[Any, ...]]:
    """An obligation each, and to every second a link; what became of them as it does between two regions."""
    for number in range(count):
        opened = datetime(2024, 1, 1, 8, tzinfo=UTC) + timedelta(days=random.randrange(_DAYS - 10), hours=number % 9)
        debtor, creditor = (REGION, PARTNER) if random.random() < 0.4 else (PARTNER, REGION)
        yield _obligation(number, opened, debtor, creditor, random)
        if number % 2 == 0:
            yield _link(number, opened + timedelta(days=random.randrange(3, 12)), debtor, creditor, random)


def _obligation(number: int, opened: datetime, debtor: str, creditor: str, random: Random) -> tuple[Any, ...]:
    due = opened + timedelta(days=3 + 2 * (opened.weekday() > 1))
    after = min(int(random.expovariate(0.45)), 60)
    chance = random.random()
    answered = None if chance < 0.06 else opened + timedelta(days=after, hours=2)
    differs = 0.8 < chance < 0.86
    late = answered is None or answered > due
    row = Assessed(
        "", f"{number}/x", random.choice(_KINDS), PARTNER, debtor, creditor, opened, due, answered,
        outcome="B-G" if chance > 0.93 else "CONFIRMED_WITH_DIFFERENCES" if differs else "CONFIRMED",
        standing="" if answered is None else "ANSWERED" if 0.06 < chance < 0.08 else "EFFECTIVE",
        on_time=not late, first_on_time=not late, differs=differs,
        different=("civil.family_name",) if differs else (), days=-1 if answered is None else after,
    )  # fmt: skip
    days = {
        "cohort_day": due.date(),
        "answered_day": _NEVER if answered is None else answered.date(),
        "voided_day": opened.date() if 0.08 < chance < 0.1 else _NEVER,
        "contested_day": _NEVER,
        "overturned_day": opened.date() + timedelta(days=after + 20) if chance > 0.99 else _NEVER,
        "reminded_day": due.date() if late else _NEVER,
        "escalated_day": due.date() + timedelta(days=7) if late and after > 10 else _NEVER,
        "ended_day": _NEVER,
    }
    return tuple((row._asdict() | days | {"conversation_id": UUID(int=number + 1)}).values())


def _link(number: int, settled: datetime, debtor: str, creditor: str, random: Random) -> tuple[Any, ...]:
    ended = settled.date() + timedelta(days=random.randrange(30, 900)) if random.random() < 0.3 else _NEVER
    row = Assessed("", f"{number}/l", What.LINK, PARTNER, debtor, creditor, settled, settled)._asdict()
    row |= {name: _NEVER for name in row if name.endswith("_day")}
    row |= {"conversation_id": UUID(int=number + 1), "cohort_day": settled.date(), "ended_day": ended}
    return tuple(row.values())
