"""The real stack, started once for the whole run. Nothing here stands in for Kafka or PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from deploy.local.options import Options
from deploy.local.stack import Running
from tests import durations
from tests.stacks import BY_STACK, SHARED, start_stack, stop_if_done, tell_shared

REGIONS = ("north", "south")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Under `--dist=loadfile`: by files, and by folders where one has a stack of its own."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.scheduling import ByStack

    return ByStack(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """What a worker should know of its scheduler."""
    node.workerinput[BY_STACK] = node.config.getvalue("dist") == "loadfile"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Before the scheduler hears that this worker has collected."""
    if getattr(session.config, "workerinput", {}).get(BY_STACK):
        tell_shared(session.items)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Of a run of many files the slowest; what was measured is kept for the next."""
    seconds = durations.sum_up(report for reports in terminalreporter.stats.values() for report in reports)
    if len(seconds) >= durations.MANY:
        durations.keep(seconds)
        terminalreporter.section("slowest files")
        for line in durations.describe(seconds):
            terminalreporter.write_line(line)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """After the test's own fixtures."""
    stop_if_done(item, nextitem)


@pytest.fixture(scope="session")
def stack() -> Iterator[Running]:
    """One broker, one database and two regions with all their services.

    `.kafka`: bootstrap servers. `.regions["north"]`: `.ingest`, `.database` (as owner), `.token(role, areas)`,
    `.settings` (the environment of its services). Shared by all: post under ids of your own.
    """
    with start_stack(SHARED, Options(regions=REGIONS)) as running:
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
