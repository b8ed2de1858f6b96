"""What is known in this house of links: the register's rows, by the login that may only look, and what is under way.

No `PersonRead` is logged for it: ids of records, days and states stand in tables in the open; nothing sealed is opened
and nothing of a person is shown to anybody. Who is meant by a finding is looked at when it is asked about, and that
look is recorded (asking.py).
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta

import asyncpg

from services.exchange.protocol.states import UNDER_WAY as LETTER_UNDER_WAY
from services.exchange.reconciliation.comparing import ASKED, ENDED, UNDER_WAY, UNHEARD
from services.exchange.reconciliation.digests import HeldLink

AT_ONCE = 2000
SETTLING = timedelta(minutes=10)
"""What changed later than that before a run is not held against anybody."""
ASK_AGAIN_AFTER = timedelta(days=30)
"""What was answered and still differs is not asked again before."""


async def read_links(read: asyncpg.Pool, partner: str) -> AsyncIterator[list[HeldLink]]:
    """All links with a partner that live, as of one instant: those of one person together, by id."""
    async with read.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        cursor = await connection.cursor(_LIVING, partner)
        kept: list[HeldLink] = []
        while rows := await cursor.fetch(AT_ONCE):
            links = kept + [HeldLink(*row) for row in rows]
            last = len(links)
            while last and links[last - 1].person_id == links[-1].person_id:
                last -= 1
            kept = links[last:]
            yield links[:last]
        yield kept


async def find_marks(
    pool: asyncpg.Pool, read: asyncpg.Pool, partner: str, links: Iterable[bytes], now: datetime
) -> dict[bytes, int]:
    """Of links that differ: what is under way in this house, what is held as ended, what was asked before, and what
    nobody here ever heard of.
    """
    ids = [each.hex() for each in links]
    marks: dict[bytes, int] = dict.fromkeys((bytes.fromhex(each) for each in ids), UNHEARD)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        recent = int((now - SETTLING).timestamp() * 1000)
        asked = [
            *((row[0], row[1]) for row in await read.fetch(_OF_REGISTER, some, partner, recent, UNDER_WAY, ENDED)),
            *((row[0], UNDER_WAY) for row in await _find_under_way(pool, some, partner, now)),
            *((row[0], ASKED) for row in await pool.fetch(_ASKED, some, partner, now - ASK_AGAIN_AFTER)),
        ]
        heard = [(row[0], 0) for row in await pool.fetch(_HEARD, some, partner)]
        for link_id, mark in (*asked, *heard):
            marks[link_id] = (marks[link_id] & ~UNHEARD) | mark
    return {link_id: mark for link_id, mark in marks.items() if mark}


async def _find_under_way(pool: asyncpg.Pool, some: Sequence[str], partner: str, now: datetime) -> list[asyncpg.Record]:
    return await pool.fetch(_IN_EXCHANGE, some, list(LETTER_UNDER_WAY), now - SETTLING, partner)


_LIVING = """
SELECT uuid_send(link_id), uuid_send(person_id), from_day, own_side = 'destination', settled_by = 'tacit'
FROM register.link WHERE partner_region = $1 AND to_day IS NULL ORDER BY person_id, link_id
"""
# A link changed with the last event about its person at the latest.
_OF_REGISTER = """
SELECT uuid_send(l.link_id),
    CASE WHEN EXISTS (
        SELECT FROM register.timeline t JOIN register.event e ON e.event_id = t.thread_id OR e.target_id = t.thread_id
        WHERE t.person_id = l.person_id AND e.recorded_at >= $3
    ) THEN $4::int ELSE 0 END | CASE WHEN l.to_day IS NULL THEN 0 ELSE $5::int END
FROM register.link l WHERE l.link_id = ANY($1::text[]::uuid[]) AND l.partner_region = $2
"""
# A link has the id of the notice of arrival, which stands among our messages or the partner's, whatever became of it.
_IN_EXCHANGE = """
SELECT DISTINCT uuid_send(m.message_id)
FROM exchange.message m JOIN exchange.conversation c USING (conversation_id)
WHERE m.message_id = ANY($1::text[]::uuid[]) AND c.partner = $4 AND (
    EXISTS (SELECT FROM exchange.message o WHERE o.conversation_id = c.conversation_id AND o.is_ours
            AND o.delivery = ANY($2))
    OR EXISTS (SELECT FROM exchange.message o WHERE o.conversation_id = c.conversation_id AND o.is_ours
               AND o.taken_at >= $3)
    OR EXISTS (SELECT FROM exchange.register_outbox r WHERE r.conversation_id = c.conversation_id
               AND r.next_at < 'infinity')
    OR c.since >= $3
)
"""
_HEARD = """
SELECT uuid_send(message_id) FROM exchange.message WHERE message_id = ANY($1::text[]::uuid[]) AND partner = $2
"""
_ASKED = """
SELECT uuid_send(link_id) FROM exchange.finding
WHERE link_id = ANY($1::text[]::uuid[]) AND partner = $2 AND conversation_id IS NOT NULL
  AND (ended IS NULL OR (ended = 'ANSWERED' AND closed_at >= $3))
"""
