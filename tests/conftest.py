"""The real stack, started once for the whole run. Nothing here stands in for Kafka or PostgreSQL."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from deploy.local import stack as local
from deploy.local.options import Options

ROOT = Path(__file__).parents[1]
# Another folder lets several runs go side by side.
HOME = Path(os.environ.get("DOMICILE_TEST_HOME", ROOT / ".local" / "test")) / os.environ.get("PYTEST_XDIST_WORKER", "")
REGIONS = ("north", "south")


@pytest.fixture(scope="session")
def stack() -> Iterator[local.Running]:
    """One broker, one database and two regions with all their services.

    `.kafka`: bootstrap servers. `.regions["north"]`: `.ingest`, `.database` (as owner), `.token(role, areas)`,
    `.settings` (the environment of its services). Shared by all: post under ids of your own.
    """
    home = HOME / "one"
    local.dangerous_reset(home)  # what a killed run left
    try:
        yield local.start(home, Options(regions=REGIONS), _say, bound_to_caller=True)
    finally:
        local.dangerous_reset(home, keep_logs=True)


@pytest.fixture
def three_brokers() -> Iterator[Callable[..., local.Running]]:
    """Starts a stack of three brokers with a fresh state folder, for tests that kill; stopped after the test.

    Call it with the names of regions. `.get_process("kafka-2").kill()` kills; the supervisor starts it again.
    """
    with ExitStack() as cleanup:

        def start(*regions: str) -> local.Running:
            home = HOME / "three"
            local.dangerous_reset(home)
            cleanup.callback(local.dangerous_reset, home, keep_logs=True)
            options = Options(regions=regions or ("north",), brokers=3)
            return local.start(home, options, _say, bound_to_caller=True)

        yield start


def _say(line: str) -> None:
    print(f"[stack] {line}")
