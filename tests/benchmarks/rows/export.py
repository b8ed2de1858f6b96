"""A year of moves by origin, destination, sex and single year of age as Parquet, against COPY TO of the same sums.

Measured by the row `indicators`, whose tables it needs.
"""

import asyncio
import time
from collections.abc import Iterable

import asyncpg
import pyarrow.parquet as parquet  # type: ignore[import-untyped]

from services.projections.api.statistics import flows
from services.projections.api.statistics.asking import PARQUET, Asked
from services.projections.api.statistics.cartography import Cartography
from services.projections.api.statistics.pages import write_file
from services.projections.api.statistics.places import Places
from services.projections.api.statistics.records import Block, Telling
from services.projections.api.statistics.study import Study
from services.projections.geography.atlas import Atlas, Version
from services.projections.statistics.indicators.spans import Span, calendar_year
from services.projections.tabulation import open_counts
from services.projections.tabulation.dividing import divide_moves
from services.projections.tabulation.vintage import open_vintage
from tests.benchmarks.population import AREAS, FIRST, area
from tests.benchmarks.results import Figure

BY = ("sex", "age")


async def measure_export(pool: asyncpg.Pool, schema: str, year: int = FIRST + 15) -> list[Figure]:
    """Rows a second, from the question to the last byte of the file."""
    span = calendar_year(year)
    versions = [Version(area(n), -40_000, None, f"Area {area(n)}", None, "county", 1, None, b"") for n in range(AREAS)]
    study = Study(
        asked=Asked(areas=(), level=None, spans=(span,), by=BY),
        places=Places((), span.end - 1),
        cartography=Cartography(Atlas(versions, (), ())),
        rule=None,
        vintage="current",
        answered_at="",
        today=span.end,
    )
    begun = time.perf_counter()
    async with open_counts(pool, schema=schema) as counts:

        def list_blocks(span: Span) -> Iterable[Block]:
            return flows.list_flows(study, counts, span)

        telling = Telling({}, "rows", flows.columns_of(BY))
        file = await asyncio.to_thread(write_file, PARQUET, telling, [span], list_blocks)
    ours_s = time.perf_counter() - begun
    with file:
        rows, size = parquet.ParquetFile(file).metadata.num_rows, file.seek(0, 2)
    begun = time.perf_counter()
    copied = await _copy(pool, schema, year)
    peer_s = time.perf_counter() - begun
    note = f"{rows:,} rows, {size / 1e6:.1f} MB; as CSV by COPY {copied / 1e6:.1f} MB"
    return [Figure("moves of a year as Parquet", rows / ours_s, "rows/s", "COPY TO", rows / peer_s, note=note)]


async def _copy(pool: asyncpg.Pool, schema: str, year: int) -> int:
    """Bytes of the same sums as CSV."""
    size = 0

    async def count(data: bytes) -> None:
        nonlocal size
        size += len(data)

    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        vintage = await open_vintage(connection, schema, None)
        by = ("kind", "origin", "destination", *BY)
        for query in divide_moves(vintage, calendar_year(year), "usual", by, None):
            await connection.copy_from_query(query.text, *query.arguments, output=count, format="csv")
    return size
