"""Drafts that nobody settles expire, and what they said is forgotten."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest

from deploy.local.stack import Region
from services.ingest.corrections.store import DraftStore
from services.kernel.database import open_pool
from services.kernel.errors import Conflict
from services.kernel.privacy.region_key import RegionKey
from tests.ingest.corrections.drafts import PATH, annulment, drafted, recorded
from tests.ingest.offices import Office, refusal
from tests.ingest_process import IngestProcess

DAY = timedelta(days=1)
NOW = datetime.now(UTC)


@pytest.fixture
async def pool(north: Region) -> AsyncIterator[asyncpg.Pool]:
    opened = await open_pool(north.settings["DOMICILE_DATABASE_URL"], name="test")
    yield opened
    await opened.close()


@pytest.fixture
def store(north: Region, pool: asyncpg.Pool) -> DraftStore:
    region_key = RegionKey.read(Path(north.settings["DOMICILE_REGION_KEY_FILE"]))
    return DraftStore(pool, region_key, "north", 90 * DAY)


def a_draft(registrar: Office) -> UUID:
    return UUID(drafted(registrar, annulment(recorded(registrar)[0])).rpartition("/")[2])


async def keys_of(pool: asyncpg.Pool, draft_id: UUID) -> list[bool]:
    """Whether the key that seals the draft can still be used; nothing if the draft names none."""
    return [
        row["wrapped"] is not None
        for row in await pool.fetch(
            "SELECT wrapped FROM privacy.data_key JOIN ingest.correction_draft USING (key_id) WHERE draft_id = $1",
            draft_id,
        )
    ]


async def test_a_draft_is_kept_for_its_time(registrar: Office, store: DraftStore) -> None:
    draft = await store.get(a_draft(registrar), NOW + 89 * DAY)
    assert (draft.status, draft.post is None) == ("pending", False)


async def test_a_draft_whose_time_is_over_has_expired_when_it_is_read(
    registrar: Office, store: DraftStore, pool: asyncpg.Pool
) -> None:
    draft_id = a_draft(registrar)
    key_id = await pool.fetchval("SELECT key_id FROM ingest.correction_draft WHERE draft_id = $1", draft_id)
    assert await keys_of(pool, draft_id) == [True]
    draft = await store.get(draft_id, NOW + 91 * DAY)
    assert (draft.status, draft.post, draft.settled_by) == ("expired", None, None)
    assert await pool.fetchval("SELECT wrapped FROM privacy.data_key WHERE key_id = $1", key_id) is None
    row = await pool.fetchrow("SELECT sealed, nonce, key_id FROM ingest.correction_draft WHERE draft_id = $1", draft_id)
    assert row is not None
    assert list(row.values()) == [None, None, None]


async def test_an_expired_draft_is_not_listed_even_before_it_is_forgotten(registrar: Office, store: DraftStore) -> None:
    draft_id = a_draft(registrar)
    assert draft_id in {draft.draft_id for draft in await store.list_open(NOW + 89 * DAY)}
    assert draft_id not in {draft.draft_id for draft in await store.list_open(NOW + 91 * DAY)}


async def test_what_somebody_is_approving_does_not_expire(registrar: Office, store: DraftStore) -> None:
    draft_id = a_draft(registrar)
    await store.begin_approval(draft_id, "approver-1")
    draft = await store.get(draft_id, NOW + 91 * DAY)
    assert (draft.status, draft.post is None) == ("approving", False)
    await store.expire_old(NOW + 91 * DAY)
    assert (await store.get(draft_id, NOW)).status == "approving"
    await store.abandon_approval(draft_id)


async def test_a_withdrawal_that_comes_too_late_destroys_nothing(registrar: Office, store: DraftStore) -> None:
    draft_id = a_draft(registrar)
    await store.begin_approval(draft_id, "approver-1")
    with pytest.raises(Conflict):
        await store.settle_withdrawn(draft_id, "office-registrar", NOW)
    assert (await store.get(draft_id, NOW)).post is not None
    await store.abandon_approval(draft_id)


def test_a_process_forgets_old_drafts_by_itself(
    north: Region, registrar: Office, open_office: Callable[..., Office], tmp_path: Path
) -> None:
    place = f"{PATH}/{a_draft(registrar)}"
    shift = tmp_path / "shift"
    shift.write_text(str(91 * 86400))
    with IngestProcess(north, tmp_path / "log", DOMICILE_CLOCK_OFFSET_FILE=str(shift)) as later:
        approver = open_office("approver")
        answer = httpx.get(later.url + place, headers=approver.http.headers)
        assert (answer.json()["status"], answer.json()["post"]) == ("expired", None)
    assert '"event":"drafts-expired"' in (tmp_path / "log").read_text()
    assert refusal(approver.post(b"", f"{place}:approve"))[:2] == (409, "draft-settled")
    assert refusal(registrar.post(b"", f"{place}:withdraw"))[:2] == (409, "draft-settled")
    assert place.rpartition("/")[2] not in approver.get(PATH).text
