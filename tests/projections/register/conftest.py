"""Tables of the register in the real database, a schema for each test."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import count

import asyncpg
import pytest

from deploy.local.stack import Running
from services.kernel.database import TRANSIENT
from services.projections.engine.projection import Record
from services.projections.register.projection import RegisterProjection
from services.projections.register.tables import TABLES
from tests.projections.register.comparing import Contents, read_tables
from tests.projections.register.records import CATALOG

_NUMBERS = count()


@dataclass
class Register:
    """A build of the register with nothing in it. `retried`: batches that met another one and were tried again."""

    schema: str
    connection: asyncpg.Connection
    projection: RegisterProjection = field(default_factory=lambda: RegisterProjection(CATALOG))
    retried: int = 0

    async def make(self) -> None:
        await self.connection.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE; CREATE SCHEMA {self.schema}")
        statements = [table.create for table in TABLES] + [each for table in TABLES for each in table.indexes]
        for statement in statements:
            await self.connection.execute(statement.replace("{schema}", self.schema))

    async def apply(self, records: Sequence[Record], connection: asyncpg.Connection | None = None) -> None:
        """One batch, as a worker does it: tried again when the database is in the way."""
        batch = self.projection.read(records)
        assert batch.poison == ()
        session = connection or self.connection
        while True:
            try:
                async with session.transaction():
                    await self.projection.apply(session, self.schema, batch.content)
                return
            except TRANSIENT:
                self.retried += 1

    async def read(self) -> Contents:
        return await read_tables(self.connection, self.schema)


Connect = Callable[[], Awaitable[asyncpg.Connection]]


@pytest.fixture
async def connect(stack: Running) -> AsyncIterator[Connect]:
    """Opens sessions of the owner; all are closed after the test."""
    async with AsyncExitStack() as opened:

        async def connect() -> asyncpg.Connection:
            connection = await asyncpg.connect(stack.regions["north"].database)
            opened.push_async_callback(connection.close)
            return connection

        yield connect


@pytest.fixture
async def register(connect: Connect) -> AsyncIterator[Register]:
    register = Register(f"register_t{next(_NUMBERS)}", await connect())
    await register.make()
    yield register
    await register.connection.execute(f"DROP SCHEMA {register.schema} CASCADE")
