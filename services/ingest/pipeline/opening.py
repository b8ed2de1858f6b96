"""Puts the pipeline together from what a process of ingest has opened."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from services.ingest.pipeline.check import Checker
from services.ingest.pipeline.claim import forget_old
from services.ingest.pipeline.line import Line
from services.ingest.pipeline.pipeline import Pipeline
from services.ingest.pipeline.seal import Sealer
from services.ingest.pipeline.tally import Tally
from services.ingest.pipeline.target import TargetFinder
from services.ingest.pipeline.write import EntryWriter
from services.kernel.clock import Clock
from services.kernel.codec import Decoder
from services.kernel.codec.posts import PostReader
from services.kernel.contract.catalog import Catalog
from services.kernel.database import TRANSIENT
from services.kernel.identity.area_tree import AreaTree
from services.kernel.log.producer import LogProducer
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.metrics import Metrics

FORGET_EVERY_S = 3600.0
_log = Log("pipeline")


@asynccontextmanager
async def open_pipeline(
    *,
    region: str,
    bootstrap: str,
    pool: asyncpg.Pool,
    producer: LogProducer,
    catalog: Catalog,
    region_key: RegionKey,
    tree: Callable[[], AreaTree],
    clock: Clock,
    metrics: Metrics,
) -> AsyncIterator[Pipeline]:
    """A pipeline at work; leaving it finishes what was taken in. The pool and the producer stay the caller's."""
    tally = Tally(metrics)
    line = Line(pool, producer, DataKeys(region_key), Sealer(region), tally)
    await line.start()
    forgetting = asyncio.create_task(_forget_old_claims(pool))
    try:
        yield Pipeline(
            line,
            pool,
            PostReader(catalog),
            Checker(region, region_key),
            EntryWriter(region, catalog, region_key),
            TargetFinder(region, bootstrap, pool, Decoder(catalog)),
            tally,
            tree=tree,
            clock=clock,
        )
    finally:
        forgetting.cancel()
        await line.stop()


async def _forget_old_claims(pool: asyncpg.Pool) -> None:
    """For as long as the process lives. Any process may do it, and several at once do no harm."""
    while True:
        try:
            async with pool.acquire() as connection:
                dropped = await forget_old(connection)
        except TRANSIENT as error:
            _log.warning("claims-not-forgotten", error)
            dropped = 0
        await asyncio.sleep(0.1 if dropped else FORGET_EVERY_S)
