"""A region with a map, and offices in it."""

from collections.abc import Callable
from typing import Any

import pytest

from deploy.local.stack import Region, Running
from tests.ingest.offices import MAP, Office, area


@pytest.fixture(scope="session")
def north(stack: Running) -> Region:
    """The region north, where the areas of the contract's examples are on the map."""
    region = stack.regions["north"]
    geographer = Office(region, "geographer")
    for code, parent in MAP.items():
        assert geographer.post(area(code, parent)).status_code == 201
    return region


@pytest.fixture(scope="session")
def open_office(north: Region) -> Callable[..., Office]:
    """Opens an office: `open_office("registrar", ["0980"])`."""

    def opened(role: str, *more: Any, **token: Any) -> Office:
        return Office(north, role, *more, **token)

    return opened


@pytest.fixture(scope="session")
def registrar(open_office: Callable[..., Office]) -> Office:
    """A registrar for the whole region."""
    return open_office("registrar")
