"""A table of its own for each test, filled as the engine fills it."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from deploy.local.stack import Region, Running
from services.projections.engine.projection import Place, Record
from tests.ingest.offices import MAP, Office, area


class Bench:
    """Applies records to a projection in a schema of its own, in the database of the region north."""

    def __init__(self, connection: asyncpg.Connection, projection: Any) -> None:
        self.connection = connection
        self.projection = projection
        self.schema = f"bench_{uuid4().hex[:8]}"

    async def open(self) -> None:
        await self.connection.execute(f"CREATE SCHEMA {self.schema}")
        for table in self.projection.tables:
            for statement in (table.create, *table.indexes):
                await self.connection.execute(statement.replace("{schema}", self.schema))

    async def clear(self) -> None:
        for table in self.projection.tables:
            await self.connection.execute(f"TRUNCATE {self.schema}.{table.name}")

    async def apply(self, records: Sequence[Record]) -> tuple[Any, ...]:
        batch = self.projection.read(records)
        async with self.connection.transaction():
            await self.projection.apply(self.connection, self.schema, batch.content)
        return tuple(batch.poison)

    async def rows(self) -> list[tuple[Any, ...]]:
        name = self.projection.tables[0].name
        return sorted(tuple(row) for row in await self.connection.fetch(f"SELECT * FROM {self.schema}.{name}"))

    async def close(self) -> None:
        await self.connection.execute(f"DROP SCHEMA {self.schema} CASCADE")
        await self.connection.close()


def as_record(offset: int, value: bytes, topic: str = "north.registration") -> Record:
    return Record(Place(topic, 0, offset), 1_000_000 + offset, "", value)


@pytest.fixture(scope="session")
def north(stack: Running) -> Region:
    """The region north, with a map."""
    region = stack.regions["north"]
    for code, parent in MAP.items():
        assert Office(region, "geographer").post(area(code, parent)).status_code == 201
    return region


@pytest.fixture
async def connection(stack: Running) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(stack.regions["north"].database)
    yield connection
    if not connection.is_closed():
        await connection.close()
