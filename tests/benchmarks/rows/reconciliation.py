"""Whether two registers hold the same links: two exchanges over real sockets and mutual TLS, in one process.

100 differences of every kind are planted. All must be found and none invented, else there is no figure.
"""

import asyncio
import multiprocessing
import os
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import asyncpg
import psutil

from tests.benchmarks.results import Figure, Row
from tests.benchmarks.stage import Stage
from tests.exchange.reconciliation.registers import make_register, put_links, put_notices
from tests.exchange.reconciliation.sides import Sides
from tests.exchange.reconciliation.wire import Wire
from tests.exchange.regions import Region, open_regions, start_postgres

TITLE = "reconciliation of 1 M links"
PLANTED = 100
_LISTED_BYTES = 33
"""Of a link in a list of all: its id, the person's id, a flag."""
Planted = set[tuple[bytes, str]]


def measure(stage: Stage) -> Row:
    """In a PostgreSQL of their own: the services of the stage take no part."""
    links = stage.count(usual=1_000_000, quick=20_000)
    stage.say(f"reconciliation: {links:,} links on both sides, {PLANTED} differences of every kind")
    with tempfile.TemporaryDirectory() as folder, start_postgres() as admin_url:
        return asyncio.run(measure_at(admin_url, Path(folder), links))


async def measure_at(admin_url: str, folder: Path, links: int) -> Row:
    async with open_regions(admin_url, folder, "north", "south") as regions:
        urls = []
        for region in regions.values():
            await make_register(region.pool)
            name = await region.pool.fetchval("SELECT current_database()")
            urls.append(f"{admin_url.rpartition('/')[0]}/{name}")
        # In a process of its own: what holds all links in memory is not what is measured.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as filler:
            planted = await asyncio.wrap_future(filler.submit(fill, urls[0], urls[1], links))
        return await _run(regions, planted, links)


def fill(north: str, south: str, links: int) -> Planted:
    """Both registers; what was planted."""
    sides = Sides.agreeing(links, 11)
    sides.plant(PLANTED)

    async def put() -> None:
        for url, partner, side in ((north, "south", sides.north), (south, "north", sides.south)):
            connection = await asyncpg.connect(url)
            await put_links(connection, partner, side)
            await put_notices(connection, partner, {link_id for link_id, _ in sides.planted})
            await connection.close()

    asyncio.run(put())
    return sides.planted


async def _run(regions: dict[str, Region], planted: Planted, links: int) -> Row:
    wire, memory = Wire(regions["north"]), Memory()
    started, spent = time.perf_counter(), time.process_time()
    run = await wire.run()
    took, spent = time.perf_counter() - started, time.process_time() - spent
    grown = memory.stop()
    await wire.posting.close()
    for region in regions.values():
        rows = await region.pool.fetch("SELECT link_id, kind FROM exchange.finding WHERE ended IS NULL")
        found = {(row["link_id"].bytes, row["kind"]) for row in rows}
        assert found == planted, (region.name, len(found - planted), len(planted - found), run)
    listed = links * _LISTED_BYTES
    row = Row("reconciliation", TITLE if links == 1_000_000 else f"reconciliation of {links:,} links", links)
    row.figures = [
        Figure("both sides, one after the other", took, "s", smaller=True),
        Figure("processor, both sides", spent, "s", smaller=True),
        Figure("sent by whoever began", run["bytes_sent"], "bytes", "a list of all", listed, smaller=True),
        Figure("received", run["bytes_received"], "bytes", "a list of all", listed, smaller=True),
        Figure("links told, of each side", run["links_told"], "links", "differences", len(planted), smaller=True),
        Figure("memory of both sides and the finding of it all", grown, "bytes", smaller=True),
    ]
    row.notes.append(
        f"planted {len(planted)} ({PLANTED} of every kind), found {len(planted)} on both sides, invented 0"
    )
    row.notes.append("personal data sent: 0 bytes (held against every id and day by tests/exchange/door)")
    return row


class Memory:
    """How much more than at the beginning the process held at most."""

    def __init__(self) -> None:
        self._process = psutil.Process(os.getpid())
        self._first = self._highest = self._process.memory_info().rss
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._stopped.set()
        self._thread.join()
        return self._highest - self._first

    def _watch(self) -> None:
        while not self._stopped.wait(0.05):
            self._highest = max(self._highest, self._process.memory_info().rss)
