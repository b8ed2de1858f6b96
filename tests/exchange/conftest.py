"""One PostgreSQL for tests of tables, doors and figures; each has databases of its own in it."""

from collections.abc import Iterator

import pytest

from tests.exchange.regions import start_postgres


@pytest.fixture(scope="session")
def admin_url() -> Iterator[str]:
    """The administrator's login."""
    with start_postgres() as url:
        yield url
