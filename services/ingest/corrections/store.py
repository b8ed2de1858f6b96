"""Drafts in PostgreSQL, sealed at rest, each with a key of its own that goes when the draft is settled."""

from datetime import datetime, timedelta
from os import urandom
from uuid import UUID

import asyncpg
import msgspec
from cryptography.exceptions import InvalidTag

from services.ingest.corrections.draft import APPROVED, APPROVING, EXPIRED, PENDING, WITHDRAWN, Draft
from services.kernel.database import Connection
from services.kernel.errors import Conflict, Corrupt, NotFound
from services.kernel.identity.caller import Caller
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sealing import NONCE_BYTES

# Under this name a draft holds its data key; it is nobody's compartment.
HOLDER = "correction-draft"
OPEN_MAX = 10_000
EXPIRED_AT_ONCE = 100

_INSERT = """
INSERT INTO ingest.correction_draft (draft_id, content_tag, event_type, areas, author, author_roles, author_areas,
    purpose, drafted_at, people, status, key_id, nonce, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending', $11, $12, $13)
ON CONFLICT DO NOTHING
"""
_OPEN = """
SELECT draft_id, event_type, areas, author, author_roles, author_areas, purpose, drafted_at, status, settled_by,
    settled_at, people
FROM ingest.correction_draft
WHERE sealed IS NOT NULL AND (status = 'approving' OR drafted_at > $2) ORDER BY drafted_at, draft_id LIMIT $1
"""
_SETTLE = """
UPDATE ingest.correction_draft
SET status = $2, settled_by = $3, settled_at = $4, answer = $5, key_id = NULL, nonce = NULL, sealed = NULL
WHERE draft_id = $1 AND status = ANY($6)
"""
# Not what somebody is approving: that may be on the log already.
_EXPIRE = """
UPDATE ingest.correction_draft
SET status = 'expired', settled_at = $1, key_id = NULL, nonce = NULL, sealed = NULL
WHERE draft_id IN (
    SELECT draft_id FROM ingest.correction_draft WHERE sealed IS NOT NULL AND status = 'pending' AND drafted_at <= $2
    ORDER BY draft_id LIMIT $3 FOR UPDATE SKIP LOCKED)
RETURNING draft_id
"""


class DraftStore:
    """Keeps drafts, each for at most `lifetime` unless it is settled. Every call is one transaction."""

    def __init__(self, pool: asyncpg.Pool, region_key: RegionKey, region: str, lifetime: timedelta) -> None:
        self._pool = pool
        self._region_key = region_key
        self._region = region
        self.lifetime = lifetime
        self._keys = DataKeys(region_key)

    async def add(self, draft: Draft) -> bool:
        """Keep a new draft. False if the very same is kept already; Conflict("event-id-taken") if another is."""
        if draft.post is None:
            raise ValueError("a new draft has a post")
        tag = self._region_key.content_tag(_canonical(draft.post))
        draft_id, author = draft.draft_id, draft.author
        async with self._pool.acquire() as connection, connection.transaction():
            if await _is_known(connection, draft, tag):
                return False
            holder = (draft_id.bytes, HOLDER)
            key = (await self._keys.get_or_create(connection, [holder]))[holder]
            nonce = urandom(NONCE_BYTES)
            done = await connection.execute(
                _INSERT,
                draft_id,
                tag,
                draft.event_type,
                draft.areas,
                author.sub,
                sorted(author.roles),
                author.areas,
                author.purpose,
                draft.drafted_at,
                [f"{region}/{person_id}" for region, person_id in draft.people],
                key.key_id,
                nonce,
                key.cipher.encrypt(nonce, draft.post, draft_id.bytes),
            )
            if done.endswith(" 1"):
                return True
            # Somebody drafted under the same id at this very moment.
            return not await _is_known(connection, draft, tag)

    async def get(self, draft_id: UUID, now: datetime) -> Draft:
        """A draft with its post, if that still exists; one whose time is over expires. NotFound("unknown-draft")."""
        row = await self._fetch(draft_id)
        if row["status"] == PENDING and row["drafted_at"] <= now - self.lifetime:
            await self._settle(draft_id, EXPIRED, None, now, None, [PENDING])
            row = await self._fetch(draft_id)
        async with self._pool.acquire() as connection:
            keys = await self._keys.find(connection, [row["key_id"]]) if row["key_id"] else {}
        post = None
        if row["sealed"] is not None and row["key_id"] in keys:
            try:
                post = keys[row["key_id"]].cipher.decrypt(row["nonce"], row["sealed"], draft_id.bytes)
            except InvalidTag:
                raise Corrupt("bad-seal") from None
        return self._draft(row, post)

    async def list_open(self, now: datetime) -> list[Draft]:
        """Drafts that wait, oldest first, without their posts; at most OPEN_MAX."""
        return [self._draft(row, None) for row in await self._pool.fetch(_OPEN, OPEN_MAX, now - self.lifetime)]

    async def expire_old(self, now: datetime) -> int:
        """Forget what nobody settled in time, some at a time; returns how many drafts went."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_EXPIRE, now, now - self.lifetime, EXPIRED_AT_ONCE)
            for row in rows:
                await self._keys.dangerous_destroy(connection, row["draft_id"].bytes, [HOLDER])
        return len(rows)

    async def begin_approval(self, draft_id: UUID, approver: str) -> str:
        """Nobody can withdraw it from now on. Returns who approves: the first who began. Conflict if settled."""
        row = await self._pool.fetchrow(
            "UPDATE ingest.correction_draft SET status = $2,"
            " settled_by = CASE WHEN status = $3 THEN $4 ELSE settled_by END"
            " WHERE draft_id = $1 AND status IN ($2, $3) RETURNING settled_by",
            draft_id,
            APPROVING,
            PENDING,
            approver,
        )
        if row is None:
            raise Conflict("draft-settled")
        return str(row["settled_by"])

    async def abandon_approval(self, draft_id: UUID) -> None:
        """It was refused for good: the draft waits again, to be withdrawn or tried anew."""
        await self._pool.execute(
            "UPDATE ingest.correction_draft SET status = $2, settled_by = NULL WHERE draft_id = $1 AND status = $3",
            draft_id,
            PENDING,
            APPROVING,
        )

    async def settle_approved(self, draft_id: UUID, approver: str, at: datetime, answer: bytes) -> None:
        """It is on the log: keep the answer, forget the post."""
        await self._settle(draft_id, APPROVED, approver, at, answer, [APPROVING])

    async def settle_withdrawn(self, draft_id: UUID, by: str, at: datetime) -> None:
        """Forget the post. Conflict("draft-settled") if somebody approves it already."""
        if not await self._settle(draft_id, WITHDRAWN, by, at, None, [PENDING]):
            raise Conflict("draft-settled")

    async def find_answer(self, draft_id: UUID) -> bytes | None:
        """What was answered when it was approved."""
        answer: bytes | None = await self._pool.fetchval(
            "SELECT answer FROM ingest.correction_draft WHERE draft_id = $1", draft_id
        )
        return answer

    async def _settle(
        self, draft_id: UUID, status: str, by: str | None, at: datetime, answer: bytes | None, before: list[str]
    ) -> bool:
        async with self._pool.acquire() as connection, connection.transaction():
            done = await connection.execute(_SETTLE, draft_id, status, by, at, answer, before)
            is_done = bool(done.endswith(" 1"))
            if is_done:
                await self._keys.dangerous_destroy(connection, draft_id.bytes, [HOLDER])
        return is_done

    async def _fetch(self, draft_id: UUID) -> asyncpg.Record:
        row = await self._pool.fetchrow("SELECT * FROM ingest.correction_draft WHERE draft_id = $1", draft_id)
        if row is None:
            raise NotFound("unknown-draft")
        return row

    def _draft(self, row: asyncpg.Record, post: bytes | None) -> Draft:
        author = Caller(
            row["author"],
            frozenset(row["author_roles"]),
            tuple(row["author_areas"]),
            row["purpose"],
            self._region,
        )
        return Draft(
            row["draft_id"],
            row["event_type"],
            tuple(row["areas"]),
            author,
            row["drafted_at"],
            row["status"],
            row["settled_by"],
            row["settled_at"],
            post,
            tuple((region, UUID(person_id)) for region, person_id in (one.split("/") for one in row["people"])),
        )


def _canonical(post: bytes) -> bytes:
    """The same post in one spelling: two drafts say the same exactly when it is equal."""
    return msgspec.json.encode(msgspec.json.decode(post), order="sorted")


async def _is_known(connection: Connection, draft: Draft, tag: bytes) -> bool:
    """Whether this very draft is kept already. Conflict("event-id-taken") if another is, or somebody else's."""
    query = "SELECT content_tag, author FROM ingest.correction_draft WHERE draft_id = $1"
    known = await connection.fetchrow(query, draft.draft_id)
    if known is None:
        return False
    if known["content_tag"] != tag or known["author"] != draft.author.sub:
        raise Conflict("event-id-taken", "/event_id")
    return True
