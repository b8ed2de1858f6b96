"""A lab for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.stack import Running
from tests.projections.engine.lab import Lab


@pytest.fixture
async def lab(stack: Running, tmp_path: Path) -> AsyncIterator[Lab]:
    opened = await Lab.open(stack, tmp_path)
    yield opened
    await opened.close()
