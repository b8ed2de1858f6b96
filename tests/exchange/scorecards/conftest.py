"""One PostgreSQL for these tests; each has a database of its own in it."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.exchange.ledger.desk import Desk
from tests.exchange.regions import start_postgres


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    with start_postgres() as url:
        yield url


@pytest.fixture
async def desk(admin_url: str) -> AsyncIterator[Desk]:
    opened = await Desk.open(admin_url)
    yield opened
    await opened.pool.close()
