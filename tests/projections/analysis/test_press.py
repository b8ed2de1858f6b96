"""When an edition is due, asked of the real tables."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from deploy.local.stack import Region
from services.kernel.database import open_pool
from services.projections.analysis import press
from services.projections.analysis.press import Press
from services.projections.analysis.publishing import read_position
from tests.projections.analysis.conftest import publish

AN_HOUR_S = 3600.0


@pytest.fixture
async def pools(region: Region) -> AsyncIterator[tuple[asyncpg.Pool, asyncpg.Pool]]:
    settings = region.get_settings("projections")
    urls = settings["DOMICILE_DATABASE_URL"], settings["DOMICILE_ANALYSIS_DATABASE_URL"]
    source, target = [await open_pool(url, name="press", size_max=1) for url in urls]
    yield source, target
    source.terminate()
    target.terminate()


class Tables:
    """The real ones, as far from the edition as a test wants: the edition's place is compared with another one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.place = ""

        async def read(source: asyncpg.Pool) -> str:
            return (await read_position(source)) + self.place

        monkeypatch.setattr(press, "read_position", read)
        monkeypatch.setattr(press, "_QUIET_S", 0.0)


async def test_an_edition_is_due_when_the_tables_have_moved_on(
    region: Region, pools: tuple[asyncpg.Pool, asyncpg.Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(region)
    tables = Tables(monkeypatch)
    printing = Press(*pools, ["false"], every_s=0.0)
    assert not await printing._is_due()
    tables.place = " and one more"
    assert await printing._is_due()


async def test_but_not_so_soon_after_the_last_one(
    pools: tuple[asyncpg.Pool, asyncpg.Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    Tables(monkeypatch).place = " and one more"
    assert not await Press(*pools, ["false"], every_s=AN_HOUR_S)._is_due()


async def test_and_not_while_much_is_coming_in(
    pools: tuple[asyncpg.Pool, asyncpg.Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = Tables(monkeypatch)
    monkeypatch.setattr(press, "_QUIET_S", AN_HOUR_S)
    printing = Press(*pools, ["false"], every_s=0.0)
    tables.place = " and one more"
    assert not await printing._is_due()
    monkeypatch.setattr(press, "_STORM_S", 0.0)
    assert await printing._is_due(), "but some time it comes, if it never ends"


async def test_a_failed_edition_leaves_the_former_one(
    pools: tuple[asyncpg.Pool, asyncpg.Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await pools[1].fetchval("SELECT number FROM edition.edition")
    await Press(*pools, ["false"], every_s=0.0)._print()
    assert await pools[1].fetchval("SELECT number FROM edition.edition") == before
