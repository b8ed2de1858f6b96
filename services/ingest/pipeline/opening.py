"""Puts the pipeline together from what a process of ingest has opened."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import asyncpg

from services.ingest.pipeline.check import Checker
from services.ingest.pipeline.line import Line
from services.ingest.pipeline.pipeline import Pipeline
from services.ingest.pipeline.seal import Sealer
from services.ingest.pipeline.target import TargetFinder
from services.kernel.clock import Clock
from services.kernel.codec import Decoder
from services.kernel.codec.posts import PostReader
from services.kernel.contract.catalog import Catalog
from services.kernel.identity.area_tree import AreaTree
from services.kernel.log.producer import LogProducer
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey


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
) -> AsyncIterator[Pipeline]:
    """A pipeline at work; leaving it finishes what was taken in. The pool and the producer stay the caller's."""
    line = Line(pool, producer, DataKeys(region_key), Sealer(region, catalog))
    await line.start()
    try:
        yield Pipeline(
            line,
            pool,
            PostReader(catalog),
            Checker(region, region_key),
            TargetFinder(bootstrap, pool, Decoder(catalog)),
            tree=tree,
            clock=clock,
        )
    finally:
        await line.stop()
