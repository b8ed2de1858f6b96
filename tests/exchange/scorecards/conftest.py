"""A desk of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.exchange.ledger.desk import Desk


@pytest.fixture
async def desk(admin_url: str) -> AsyncIterator[Desk]:
    opened = await Desk.open(admin_url)
    yield opened
    await opened.close()
