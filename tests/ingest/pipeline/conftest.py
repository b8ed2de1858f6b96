"""An office, and a second process of ingest beside the supervised one."""

from collections.abc import Iterator

import pytest

from deploy.local.stack import Running
from tests.ingest_process import IngestProcess
from tests.office import Office


@pytest.fixture(scope="session")
def office(stack: Running) -> Office:
    return Office.open(stack.regions["north"])


@pytest.fixture(scope="session")
def beside(stack: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IngestProcess]:
    """Same region, same log, same database; knows nothing of the first."""
    log = tmp_path_factory.mktemp("beside") / "ingest.log"
    with IngestProcess(stack.regions["north"], log) as process:
        yield process
