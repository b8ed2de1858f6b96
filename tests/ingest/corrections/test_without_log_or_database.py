"""What a draft's reader and approver are told when the log or the database is away: wait, and nothing is shown."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local.stack import Region
from services.ingest.app import Parts, create_app, open_parts
from services.ingest.corrections.store import DraftStore
from services.ingest.settings import IngestSettings
from services.kernel.log.producer import Position, Record
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import ReadRecorder
from services.kernel.settings import read_settings
from tests.ingest.corrections.drafts import PATH, annulment, drafted, recorded
from tests.ingest.offices import Office, refusal


class LogAway:
    """A log that does not confirm."""

    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        return [None for _ in records]


@pytest.fixture
async def parts(north: Region) -> AsyncIterator[Parts]:
    async with open_parts(read_settings(IngestSettings, north.settings)) as opened:
        async with asyncio.timeout(30):
            while not opened.follower.ready:  # noqa: ASYNC110 - a thread of another kind sets it
                await asyncio.sleep(0.02)
        yield opened


@asynccontextmanager
async def served(north: Region, parts: Parts, **changed: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(read_settings(IngestSettings, north.settings), replace(parts, **changed))
    token = north.token("approver", sub="approver-waiting", purpose="quality-assurance")
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ingest", headers=headers) as http:
        yield http


async def test_a_reading_that_the_log_does_not_confirm_is_not_granted(
    north: Region, parts: Parts, registrar: Office
) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0], case_reference="2012/0980/77"))
    region_key = RegionKey.read(Path(north.settings["DOMICILE_REGION_KEY_FILE"]))
    away = ReadRecorder(LogAway(), parts.catalog, region_key, "north", "ingest", parts.clock)
    async with served(north, parts, audit=away) as http:
        answer = await http.get(place)
    assert refusal(answer)[:2] == (503, "audit-unavailable")
    assert answer.headers["retry-after"] == "2"
    assert "2012/0980/77" not in answer.text
    async with served(north, parts) as http:
        assert (await http.get(place)).json()["post"]["case_reference"] == "2012/0980/77"


async def test_a_database_that_is_away_is_waited_for_and_is_no_bug(
    north: Region, parts: Parts, registrar: Office
) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    pool = await asyncpg.create_pool(north.settings["DOMICILE_DATABASE_URL"], min_size=0)
    await pool.close()
    region_key = RegionKey.read(Path(north.settings["DOMICILE_REGION_KEY_FILE"]))
    away = DraftStore(pool, region_key, "north", timedelta(days=90))
    async with served(north, parts, drafts=away) as http:
        for answer in (await http.get(PATH), await http.get(place)):
            assert refusal(answer)[:2] == (503, "database-unavailable")
            assert answer.json()["outcome_unknown"] is False
        for action in ("approve", "withdraw"):
            answer = await http.post(f"{place}:{action}")
            assert refusal(answer)[:2] == (503, "database-unavailable")
            assert answer.json()["outcome_unknown"] is True
