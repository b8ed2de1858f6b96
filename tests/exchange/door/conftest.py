"""One PostgreSQL for these tests; the regions in it are each test's own."""

from collections.abc import Iterator

import pytest

from tests.exchange.regions import start_postgres


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    with start_postgres() as url:
        yield url
