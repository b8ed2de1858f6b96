"""A stack of its own whose exchange has two workers: here they are killed."""

import os
from collections.abc import Iterator

import pytest

from deploy.local.options import Options
from deploy.local.stack import Running
from tests.stacks import start_stack


@pytest.fixture(scope="module")
def fragile() -> Iterator[Running]:
    os.environ["DOMICILE_EXCHANGE_WORKERS"] = "2"
    try:
        with start_stack("exchange-workers", Options(regions=("east",))) as running:
            yield running
    finally:
        del os.environ["DOMICILE_EXCHANGE_WORKERS"]
