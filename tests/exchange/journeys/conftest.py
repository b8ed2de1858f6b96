"""Three regions whose exchanges talk, for the tests of this folder alone."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.options import Options
from deploy.local.stack import Running
from tests.exchange.journeys.towns import Town, open_towns
from tests.stacks import start_stack


@pytest.fixture(scope="session")
def three_regions() -> Iterator[Running]:
    with start_stack("exchange", Options(regions=("north", "south", "west"))) as running:
        yield running


@pytest.fixture
async def towns(three_regions: Running) -> AsyncIterator[dict[str, Town]]:
    """One town in each region; the clocks are right again afterwards."""
    opened = await open_towns(three_regions)
    yield opened
    for town in opened.values():
        town.shift_clock(seconds=0)
        await town.database.close()
