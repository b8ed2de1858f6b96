"""What the rows about projections share: a worker of the register alone, positions, and COPY of the same rows alone.

`python -m tests.benchmarks.projecting work` is such a worker.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import asyncpg
import psutil

from services.kernel.contract.catalog import Catalog
from services.kernel.privacy.region_key import RegionKey
from services.projections.__main__ import main
from services.projections.engine.projection import Projection, Table
from services.projections.engine.rebuild.copying import open_copier
from services.projections.register.projection import RegisterProjection
from services.projections.register.tables import TABLES
from tests.benchmarks.load import ROOT
from tests.benchmarks.stage import Stage
from tests.benchmarks.workload import REGION

MODULE = "tests.benchmarks.projecting"
TOPICS = f"{REGION}.registration"
_PATIENCE_S = 1800.0
_TRIAL = "copy_alone"


def list_register(region: str, catalog: Catalog, region_key: RegionKey) -> tuple[Projection, ...]:
    return (RegisterProjection(catalog),)


@contextmanager
def worker(stage: Stage) -> Iterator[psutil.Process]:
    """A worker that follows for the register and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_")}
    settings = stage.running.regions[REGION].get_settings("projections")
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE, "work"],
        cwd=ROOT,
        env={**kept, **settings, "DOMICILE_PORT": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def ask(stage: Stage, query: str, *arguments: Any) -> Any:
    """One value, as the owner."""

    async def fetch() -> Any:
        connection = await asyncpg.connect(stage.running.regions[REGION].database)
        try:
            return await connection.fetchval(query, *arguments)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def count_log(stage: Stage) -> int:
    """Records of the registration topic."""
    from services.kernel.log.reader import LogReader

    reader = LogReader(stage.running.kafka)
    try:
        spans = reader.ranges(reader.partitions([TOPICS]))
        return sum(span.next_offset - span.first for span in spans.values())
    finally:
        reader.close()


def count_applied(stage: Stage) -> int:
    """Records that the live build of the register has passed."""
    return int(
        ask(
            stage,
            "SELECT coalesce(sum(next_offset), 0)::bigint FROM projection.position JOIN projection.version"
            " USING (projection, number) WHERE projection = 'register' AND state = 'live' AND topic = $1",
            TOPICS,
        )
    )


def wait_until_applied(stage: Stage, count: int) -> None:
    """Returns when the register has passed `count` records."""
    give_up_at = time.monotonic() + _PATIENCE_S
    while (passed := count_applied(stage)) < count:
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"the register stands at {passed:,} of {count:,}")
        time.sleep(0.1)


def fill(stage: Stage, count: int) -> None:
    """Posts events until the log has about `count`."""
    missing = count - count_log(stage)
    if missing > 0:
        file = stage.make_posts(missing)
        stage.send("/v1/events:batch", file, per_request=1000, connections=4)[0].require(200)


def copy_alone(stage: Stage, events: int) -> tuple[float, int]:
    """(events per second, rows): the rows of the live tables, kept in memory, by COPY over two connections into empty
    tables without indexes, and nothing else. At most about `events` of them.
    """
    return asyncio.run(_copy_alone(stage.running.regions[REGION].database, events))


async def _copy_alone(url: str, events_max: int) -> tuple[float, int]:
    connections = [await open_copier(url) for _ in range(2)]
    try:
        first = connections[0]
        there = await first.fetchval("SELECT count(*) FROM register.event")
        share = min(1.0, events_max / max(there, 1))
        halves: list[dict[str, list[tuple[Any, ...]]]] = [{}, {}]
        for table in TABLES:
            rows = await _read(first, table, share)
            for number, half in enumerate(halves):
                half[table.name] = rows[number::2]
        await first.execute(f"DROP SCHEMA IF EXISTS {_TRIAL} CASCADE; CREATE SCHEMA {_TRIAL}")
        for table in TABLES:
            await first.execute(table.create.replace("{schema}", _TRIAL))
        began = time.perf_counter()
        await asyncio.gather(*(_copy(*each) for each in zip(connections, halves, strict=True)))
        took_s = time.perf_counter() - began
        await first.execute(f"DROP SCHEMA {_TRIAL} CASCADE")
        return len(halves[0]["event"] + halves[1]["event"]) / took_s, sum(len(r) for h in halves for r in h.values())
    finally:
        for connection in connections:
            await connection.close()


async def _read(connection: Any, table: Table, share: float) -> list[tuple[Any, ...]]:
    columns = ", ".join(f'"{column}"' for column in table.columns)
    limit = f"LIMIT (SELECT ceil(count(*) * {share}) FROM register.{table.name})"
    return [tuple(row) for row in await connection.fetch(f"SELECT {columns} FROM register.{table.name} {limit}")]


async def _copy(connection: Any, rows: Mapping[str, list[tuple[Any, ...]]]) -> None:
    async with connection.transaction():
        for table in TABLES:
            await connection.copy_records_to_table(
                table.name, schema_name=_TRIAL, columns=table.columns, records=rows[table.name]
            )


def database_bytes(stage: Stage) -> int:
    """Of the live tables of the register with their indexes."""
    return int(
        ask(
            stage,
            "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class AS c JOIN pg_namespace AS n"
            " ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname ="
            " (SELECT 'register_v' || number FROM projection.version WHERE projection = 'register' AND state = 'live')",
        )
    )


if __name__ == "__main__":
    sys.exit(main(MODULE, list_register))
