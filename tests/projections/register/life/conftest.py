"""An empty log for every test."""

import pytest

from tests.projections.sentences import Log


@pytest.fixture
def log() -> Log:
    return Log()
