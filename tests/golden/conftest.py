"""Explodes the committed tables once for all golden tests, which post them to a stack of their own."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.demo.exploder.tables import DEMO_COUNTIES, County, Tables
from deploy.demo.files import RegionFiles, write_files
from deploy.demo.sweden import read_tables
from deploy.local.options import Options
from deploy.local.stack import Running
from tests.golden.ledger import Ledger, read_events
from tests.stacks import start_stack

LONG = bool(os.environ.get("DOMICILE_TEST_LONG"))
SHARED_SWEDEN = Path(__file__).resolve().parents[3] / "shared" / "data" / "sweden"


@dataclass(frozen=True)
class Exploded:
    """The tables, the files written from them, and what an independent count of the files gives."""

    tables: Mapping[County, Tables]
    files: Mapping[str, RegionFiles]
    ledgers: Mapping[str, Ledger]


def explode_and_count(tables: Mapping[County, Tables], folder: Path) -> Exploded:
    files = write_files(tables, folder)
    ledgers = {region: Ledger() for region in files}
    for region, ledger in ledgers.items():
        ledger.count(read_events(files[region].events))
    return Exploded(tables, files, ledgers)


@pytest.fixture(scope="session")
def stack() -> Iterator[Running]:
    """So large a log and such tables would make whoever searches all of them wait, in every test that comes later."""
    regions = ("north", "south") if LONG else ("north",)
    with start_stack("golden", Options(regions=regions)) as running:
        yield running


@pytest.fixture(scope="session")
def demo_counties(tmp_path_factory: pytest.TempPathFactory) -> Exploded:
    return explode_and_count(read_tables(DEMO_COUNTIES), tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def shared_sweden() -> Path:
    """The whole country's tables, kept outside the repository."""
    if not SHARED_SWEDEN.is_dir():
        pytest.skip("the tables of all Swedish counties are not beside this clone (../shared/data/sweden)")
    return SHARED_SWEDEN
