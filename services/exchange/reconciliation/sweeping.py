"""What this house sees without its partner is a finding at once: a notice that came to nothing, and a link that the
exchange and the register of one region do not hold alike. Looked at again and again, a part of the past each time.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.exchange.clerk.duties import Does
from services.exchange.journal.entry import Entry
from services.exchange.journal.finding_records import finding_entry
from services.exchange.journal.findings import FindingEnd, FindingKind, FindingNote
from services.exchange.journal.journal import Waiting
from services.exchange.ledger.documents import read_conversation
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import Link, Role, State
from services.exchange.reconciliation.held import SETTLING
from services.exchange.reconciliation.naming import verify_id
from services.kernel.clock import Clock
from services.kernel.telemetry.logs import Log

AT_ONCE = 2000
BEHIND = 50
"""So many at once are not differences: the register has not read the log as far."""
_START = UUID(int=0)


class Seen(NamedTuple):
    """`link_id`: the id of the notice of arrival. `since`: since when it stands as it does."""

    partner: str
    link_id: UUID
    kind: FindingKind
    since: datetime


class OneSided:
    """`read`: the pool of the login that may only look at the register."""

    def __init__(self, pool: asyncpg.Pool, read: asyncpg.Pool, journal: Waiting, own: str, clock: Clock) -> None:
        self._pool, self._read, self._journal, self._own, self._clock = pool, read, journal, own, clock
        self._after = _START
        self._log = Log("reconciliation")

    async def run_once(self) -> bool:
        """One step of the walk; never again at once."""
        now = self._clock.now()
        seen = [*await self._find_unanswered(now), *await self._walk(now)]
        ended = await self._find_mended(now)
        entries = [*(self._begin(each, now) for each in seen), *ended]
        for start in range(0, len(entries), 500):
            await self._journal.append_and_wait(entries[start : start + 500], 30.0)
        if entries:
            self._log.info("one-sided", count=len(seen))
        return False

    async def _find_unanswered(self, now: datetime) -> list[Seen]:
        """Notices of ours that were refused and not reacted to, or never answered: the mover is held here alone."""
        rows = await self._pool.fetch(
            _UNANSWERED, Role.DESTINATION, [State.LAPSED.value, State.CONTESTED.value], Does.PEOPLE, now - SETTLING
        )
        seen = []
        for row in rows:
            arrival = read_conversation(row["document"]).arrival
            if arrival is not None:
                seen.append(Seen(row["partner"], UUID(arrival), FindingKind.ONE_SIDED_AT_D, row["since"]))
        return await self._without_known(seen)

    async def _walk(self, now: datetime) -> list[Seen]:
        rows = await self._pool.fetch(_LINKED, self._after, AT_ONCE)
        last = rows[-1]["last"] if rows else None
        self._after = _START if last is None else UUID(bytes=last.bytes)
        linked = [row for row in rows if row["link_id"] is not None]
        settled = [row for row in linked if row["since"] < now - SETTLING and not row["waits"]]
        found = await self._compare(settled)
        if len(found) > BEHIND:
            self._log.warning("register-behind", count=len(found))
            return []
        return await self._without_known(found)

    async def _compare(self, rows: Sequence[asyncpg.Record]) -> list[Seen]:
        """Links of conversations against the register's rows."""
        held = {
            row[0]: row[1]
            for row in await self._read.fetch(
                _HELD, [row["person_id"] for row in rows], [row["link_id"] for row in rows]
            )
        }
        found = []
        for row in rows:
            link_id = UUID(bytes=row["link_id"].bytes)
            kind = _judge(row["link"], row["role"], held.get(row["link_id"].bytes))
            if kind is not None:
                found.append(Seen(row["partner"], link_id, kind, row["since"]))
        return found

    async def _without_known(self, seen: Sequence[Seen]) -> list[Seen]:
        """Without those that are open, or were asked about since things stand so."""
        if not seen:
            return []
        rows = await self._pool.fetch(
            "SELECT link_id, kind, ended, found_at FROM exchange.finding WHERE link_id = ANY($1)",
            [each.link_id for each in seen],
        )
        known = [(row["link_id"].bytes, row["kind"], row["ended"], row["found_at"]) for row in rows]
        return [each for each in seen if not any(_is_known(each, *one) for one in known)]

    async def _find_mended(self, now: datetime) -> list[Entry]:
        """What this house found alone and sees no more."""
        rows = await self._pool.fetch(_ALONE)
        if not rows:
            return []
        linked = [row for row in rows if row["linked"] is not None and row["person_id"] is not None]
        still = {(each.link_id, each.kind) for each in await self._compare(linked)}
        return [
            _end(row, now)
            for row in rows
            if (UUID(bytes=row["link_id"].bytes), row["kind"]) not in still and not _came_to_nothing(row)
        ]

    def _begin(self, seen: Seen, now: datetime) -> Entry:
        """Named by what is seen: however often it is worked out, it is one finding."""
        id_ = UUID(derive_id(seen.since, "one-sided", self._own, seen.link_id, seen.kind, seen.since))
        verify = verify_id(id_, seen.link_id.bytes, self._own)
        note = FindingNote(id_, seen.link_id, seen.kind, None, verify)
        return finding_entry(UUID(derive_id(seen.since, "finding", id_)), seen.partner, now, note)


def _judge(link: str, role: str, held: bool | None) -> FindingKind | None:
    """`held`: whether the register holds it living; None: not at all. Ours is missing: then only the partner has it."""
    if link == Link.OPEN and held is None:
        return FindingKind.ONE_SIDED_AT_O if role == Role.DESTINATION else FindingKind.ONE_SIDED_AT_D
    is_open = link == Link.OPEN
    return FindingKind.STATE_DIFFERS if held is not None and held != is_open else None


def _is_known(seen: Seen, link_id: bytes, kind: str, ended: str | None, found_at: datetime) -> bool:
    if (seen.link_id.bytes, seen.kind) != (link_id, kind):
        return False
    return ended is None or found_at >= seen.since


def _came_to_nothing(row: asyncpg.Record) -> bool:
    return row["kind"] == FindingKind.ONE_SIDED_AT_D and row["state"] in (State.LAPSED, State.CONTESTED)


def _end(row: asyncpg.Record, now: datetime) -> Entry:
    verify = row["verify_id"]
    note = FindingNote(
        UUID(bytes=row["finding_id"].bytes),
        UUID(bytes=row["link_id"].bytes),
        FindingKind(row["kind"]),
        None,
        None if verify is None else UUID(bytes=verify.bytes),
        FindingEnd.MENDED,
    )
    return finding_entry(
        UUID(derive_id(row["found_at"], "finding-ended", note.finding_id, note.ended)), row["partner"], now, note
    )


_UNANSWERED = """
SELECT partner, since, document FROM exchange.conversation
WHERE duty = $3 AND role = $1 AND state = ANY($2) AND talk = 'MOVE' AND link = 'NONE' AND since < $4
ORDER BY since DESC LIMIT 2000
"""
_LINKED = """
WITH step AS (SELECT * FROM exchange.conversation WHERE conversation_id > $1 ORDER BY conversation_id LIMIT $2),
    ends AS (
        SELECT CASE WHEN count(*) = $2 THEN (array_agg(conversation_id ORDER BY conversation_id DESC))[1] END AS last
        FROM step
    )
SELECT ends.last, c.partner, c.role, c.link, c.link_id, c.person_id, c.since,
    EXISTS (SELECT FROM exchange.register_outbox r WHERE r.conversation_id = c.conversation_id) AS waits
FROM ends LEFT JOIN step c ON c.talk = 'MOVE' AND c.link_id IS NOT NULL AND c.person_id IS NOT NULL
"""
_HELD = """
SELECT uuid_send(l.link_id), l.to_day IS NULL
FROM unnest($1::uuid[], $2::uuid[]) AS w (person_id, link_id)
JOIN register.person p ON p.person_id = w.person_id
JOIN register.link l ON l.person_id = coalesce(p.merged_into, p.person_id) AND l.link_id = w.link_id
"""
_ALONE = """
SELECT f.finding_id, f.partner, f.link_id, f.kind, f.found_at, f.conversation_id AS verify_id,
    c.state, c.role, c.link, c.person_id, c.since, c.link_id AS linked
FROM exchange.finding f
LEFT JOIN exchange.message m ON m.message_id = f.link_id
LEFT JOIN exchange.conversation c ON c.conversation_id = m.conversation_id
WHERE f.ended IS NULL AND f.run_id IS NULL
"""
