"""An office and a journal for each test."""

from pathlib import Path

import pytest

from deploy.local.stack import Running
from tests.faults.journal import Journal
from tests.office import Office


@pytest.fixture
def office(stack: Running) -> Office:
    return Office.open(stack.regions["north"])


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.ndjson")
