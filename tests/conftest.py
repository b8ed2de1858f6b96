"""The real stack, started once for the whole run. Nothing here stands in for Kafka or PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from deploy.local.options import Options
from deploy.local.stack import Running
from tests.stacks import start_stack, stop_if_done

REGIONS = ("north", "south")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under `--dist=loadfile`: by files, and by folders where one has a stack of its own."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.scheduling import ByStack

    return ByStack(config, log)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the test's own fixtures."""
    stop_if_done(item.nodeid, nextitem.nodeid if nextitem else "")


@pytest.fixture(scope="session")
def stack() -> Iterator[Running]:
    """One broker, one database and two regions with all their services.

    `.kafka`: bootstrap servers. `.regions["north"]`: `.ingest`, `.database` (as owner), `.token(role, areas)`,
    `.settings` (the environment of its services). Shared by all: post under ids of your own.
    """
    with start_stack("one", Options(regions=REGIONS)) as running:
        yield running


@pytest.fixture
def three_brokers() -> Iterator[Callable[..., Running]]:
    """Starts a stack of three brokers with a fresh state folder, for tests that kill; stopped after the test.

    Call it with the names of regions. `.get_process("kafka-2").kill()` kills; the supervisor starts it again.
    """
    with ExitStack() as cleanup:

        def start(*regions: str) -> Running:
            return cleanup.enter_context(start_stack("three", Options(regions=regions or ("north",), brokers=3)))

        yield start
