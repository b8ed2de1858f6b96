"""Tables of the register in the real database, and a pool that reads them."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.local.stack import Running
from services.kernel.database import open_pool
from tests.projections.register.conftest import connect, register

__all__ = ["connect", "pool", "register"]


@pytest.fixture
async def pool(stack: Running) -> AsyncIterator[asyncpg.Pool]:
    """Of the owner, who sees every build."""
    pool = await open_pool(stack.regions["north"].database, name="tabulation tests")
    yield pool
    await pool.close()
