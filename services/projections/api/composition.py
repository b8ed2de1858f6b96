"""Puts together what people read: opened by the composition root of projections, which owns the pool."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
from starlette.routing import BaseRoute

from services.kernel.clock import Clock
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.geography.follower import GeographyFollower
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.operations import Check
from services.kernel.identity.matrix import Matrix, read_matrix, read_purposes
from services.kernel.log.producer import LogProducer
from services.kernel.log.topics import get_topic
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.particulars import ParticularsReader
from services.kernel.reading.recorder import ReadRecorder
from services.kernel.telemetry.metrics import Metrics
from services.projections.api.areas import AreaRoutes
from services.projections.api.course import CourseReader
from services.projections.api.description import DescriptionRoutes
from services.projections.api.desk import Desk
from services.projections.api.finding import FindingRoutes
from services.projections.api.persons import PersonRoutes
from services.projections.api.statistics.areas import MapRoutes
from services.projections.api.statistics.cartography import MapKeeper
from services.projections.api.statistics.releasing import DEFAULT as RELEASE
from services.projections.api.statistics.releasing import Release
from services.projections.api.statistics.routes import StatisticsRoutes
from services.projections.api.worklists import WorklistRoutes

SERVICE = "projections"
DELIVERY_TIMEOUT_S = 5.0


@dataclass(frozen=True)
class ReadingParts:
    """What the reading routes stand on. `checks`: what they need to be ready."""

    region: str
    catalog: Catalog
    region_key: RegionKey
    matrix: Matrix
    desk: Desk
    checks: Mapping[str, Check]
    release: Release = RELEASE

    def routes(self, door: Door, budget: ByteBudget) -> list[BaseRoute]:
        """All of them. Those with the longest templates first: `{id}` would match what follows."""
        courses, particulars = CourseReader(self.catalog), ParticularsReader(self.catalog, self.region_key)
        persons = PersonRoutes(self.desk, courses, particulars)
        maps = MapKeeper()
        return [
            *FindingRoutes(self.desk, courses, persons, self.region_key, budget).routes(door),
            *persons.routes(door),
            *AreaRoutes(self.desk).routes(door),
            *MapRoutes(self.desk, maps).routes(door),
            *StatisticsRoutes(self.desk, self.release, maps).routes(door),
            *WorklistRoutes(self.desk).routes(door),
            *DescriptionRoutes(self.region, self.catalog, self.matrix).routes(door),
        ]


@asynccontextmanager
async def open_reading(
    *,
    region: str,
    bootstrap: str,
    pool: asyncpg.Pool,
    catalog: Catalog,
    region_key: RegionKey,
    clock: Clock,
    metrics: Metrics,
    release: Release = RELEASE,
) -> AsyncIterator[ReadingParts]:
    """Follows the map and opens a producer for the record of readings; both are closed on leaving.

    `release`: under which rules figures leave.
    """
    async with AsyncExitStack() as stack:
        producer = LogProducer(bootstrap, client_id=f"{SERVICE}-{region}", delivery_timeout_s=DELIVERY_TIMEOUT_S)
        stack.push_async_callback(producer.close)
        follower = GeographyFollower(bootstrap, get_topic(region, "geography"), Decoder(catalog), metrics)
        follower.start()
        stack.push_async_callback(follower.stop)
        matrix = read_matrix(SERVICE)
        audit = ReadRecorder(producer, catalog, region_key, region, SERVICE, clock)
        desk = Desk(pool, audit, follower.current_tree, clock, matrix, read_purposes(), region)

        async def geography() -> bool:
            return follower.ready

        yield ReadingParts(region, catalog, region_key, matrix, desk, {"geography": geography}, release)
