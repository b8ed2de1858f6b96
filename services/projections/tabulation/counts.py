"""The counts of the library over the register's tables, at one moment of them and as known at one time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from services.kernel.database import Connection
from services.projections.statistics.indicators.counting import Areas, By, Key
from services.projections.statistics.indicators.in_memory import CountsInMemory
from services.projections.statistics.indicators.spans import Span
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.tabulation.adding import HASHED
from services.projections.tabulation.asking import Query
from services.projections.tabulation.dividing import (
    divide_moves,
    divide_occurrences,
    divide_person_years,
    divide_population,
)
from services.projections.tabulation.instants import open_instant
from services.projections.tabulation.tables import TABLES
from services.projections.tabulation.vintage import Vintage, open_vintage

_VIEWS: Final = (CROSSING, OCCURRENCE, "event", "timeline", "merge_edge")
_PATIENCE_S, _AGAIN_S = 10.0, 0.05
_MANNER: Final = (
    f"SET LOCAL {HASHED}; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;"
    " SET LOCAL idle_in_transaction_session_timeout = '2min'"
)
"""Of the transaction: what is grouped here has few keys, and no statement runs for so long that compiling it pays.
Between two questions to the database figures are computed and protected, which may take its time.
"""


class TabulatedCounts:
    """See `Counts`. Its methods wait for the database, so they may be called on any thread but the event loop's:
    `await asyncio.to_thread(compute, counts, …)`. Figures of one instance are of one moment. Not thread-safe.
    """

    def __init__(self, connection: Connection, vintage: Vintage, beside: CountsInMemory | None = None) -> None:
        """`beside`: what is counted beside the tables."""
        self._connection, self._vintage = connection, vintage
        self._beside = CountsInMemory((), (), ()) if beside is None else beside
        self._loop = asyncio.get_running_loop()

    def population(self, day: int, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        beside = self._beside.population(day, population, by, areas)
        return self._add_up(beside, divide_population(self._vintage, day, population, by, areas))

    def person_years(self, span: Span, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        beside = self._beside.person_years(span, population, by, areas)
        return self._add_up(beside, divide_person_years(self._vintage, span, population, by, areas))

    def occurrences(self, kind: str, span: Span, by: By, areas: Areas = None) -> Mapping[Key, int]:
        beside = self._beside.occurrences(kind, span, by, areas)
        return self._add_up(beside, divide_occurrences(self._vintage, kind, span, by, areas))

    def moves(self, span: Span, track: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        beside = self._beside.moves(span, track, by, areas)
        return self._add_up(beside, divide_moves(self._vintage, span, track, by, areas))

    def _add_up(self, beside: Mapping[Key, int], queries: Iterable[Query]) -> Mapping[Key, int]:
        found: Counter[Key] = Counter(beside)
        for query in queries:
            fetching = self._connection.fetch(query.text, *query.arguments)
            for row in asyncio.run_coroutine_threadsafe(fetching, self._loop).result():
                *key, n = row
                found[tuple(key)] += n
        return {key: n for key, n in found.items() if n}


@asynccontextmanager
async def open_counts(
    pool: asyncpg.Pool, *, known_at_ms: int | None = None, schema: str = "register"
) -> AsyncIterator[TabulatedCounts]:
    """Counts of the moment at which this is entered; `known_at_ms`: as known at that instant, milliseconds since 1970.

    `schema`: of the views, or of a build. Raises asyncpg's errors, LockNotAvailableError after ten seconds in which
    another build goes live; CrowdedInstantError for an instant in the midst of much that was recorded.
    """
    async with pool.acquire() as connection:
        transaction = await _begin(connection, schema)
        try:
            if known_at_ms is None:
                yield TabulatedCounts(connection, await open_vintage(connection, schema, None))
            else:
                day, beside = await open_instant(connection, schema, known_at_ms)
                yield TabulatedCounts(connection, await open_vintage(connection, schema, day), beside)
        finally:
            await transaction.rollback()


async def _begin(connection: Connection, schema: str) -> asyncpg.transaction.Transaction:
    """Views of one build are held before the moment is chosen, and none is waited for while another is held."""
    names = (*_VIEWS, *(table.name for table in TABLES))
    found = await connection.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND table_name = ANY ($2)",
        schema,
        names,
    )
    views = ", ".join(f'"{schema}".{row[0]}' for row in found)
    give_up_at_s = asyncio.get_running_loop().time() + _PATIENCE_S
    while True:
        transaction = connection.transaction(isolation="repeatable_read", readonly=True)
        await transaction.start()
        try:
            await connection.execute(f"LOCK TABLE {views} IN ACCESS SHARE MODE NOWAIT; {_MANNER}")
            return transaction
        except asyncpg.LockNotAvailableError:
            await transaction.rollback()
            if asyncio.get_running_loop().time() > give_up_at_s:
                raise
        except BaseException:
            await transaction.rollback()
            raise
        await asyncio.sleep(_AGAIN_S)
