"""The region's own privacy schema, through the login that ingest uses."""

from collections.abc import AsyncIterator
from os import urandom

import asyncpg
import pytest

from deploy.local.stack import Running
from services.kernel.database import open_pool
from services.kernel.privacy.region_key import RegionKey


@pytest.fixture
async def pool(stack: Running) -> AsyncIterator[asyncpg.Pool]:
    async with await open_pool(stack.regions["south"].settings["DOMICILE_DATABASE_URL"], name="test") as opened:
        yield opened


@pytest.fixture
async def other_pool(stack: Running) -> AsyncIterator[asyncpg.Pool]:
    """Another process's view of the same tables."""
    async with await open_pool(stack.regions["south"].settings["DOMICILE_DATABASE_URL"], name="test-2") as opened:
        yield opened


@pytest.fixture
def region_key() -> RegionKey:
    return RegionKey.derive(urandom(32))
