"""Findings open conversations: whose part it is asks the partner (301), and what was answered ends the finding.

Here somebody is looked at, for the first time: who is asked about must be named. That look stands on the audit topic
before anything is opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from services.exchange.clerk.desk import Case
from services.exchange.clerk.duties import Does, Duty
from services.exchange.clerk.plans import Drafting, Plan
from services.exchange.clerk.words import Words
from services.exchange.journal.entry import Beginning, Entry, PersonKnown
from services.exchange.journal.finding_records import finding_entry
from services.exchange.journal.findings import FindingEnd, FindingKind, FindingNote
from services.exchange.journal.journal import Waiting
from services.exchange.members import MembersFile
from services.exchange.particulars import documents
from services.exchange.protocol import begin
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.reconciliation.naming import verify_id
from services.exchange.register.held import Held, identify
from services.exchange.register.snapshots import Look, Snapshots
from services.kernel.clock import Clock
from services.kernel.telemetry.logs import Log

AT_ONCE = 100
RULE, WHY = "LINK", "reconciliation"
PATH = "departed_on"
"""What is asked: since when the other register holds them to live where they do. The question says why."""
_ANSWERED = (State.ANSWERED, State.CLARIFYING, State.CLOSED)


class Asking:
    """`read`: the pool of the login that may only look."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        read: asyncpg.Pool,
        journal: Waiting,
        members: MembersFile,
        snapshots: Snapshots,
        drafting: Drafting,
        clock: Clock,
    ) -> None:
        self._pool, self._read, self._journal, self._members = pool, read, journal, members
        self._snapshots, self._drafting, self._clock = snapshots, drafting, clock
        self._left: set[UUID] = set()
        self._log = Log("reconciliation")

    async def run_once(self) -> bool:
        """Whether anything was done."""
        now = self._clock.now()
        entries = [*await self._ask(now), *await self._end_answered(now)]
        if entries:
            await self._journal.append_and_wait(entries, 30.0)
        return bool(entries)

    async def _ask(self, now: datetime) -> list[Entry]:
        members, own = self._members.current(), self._members.current().own
        rows = [
            row
            for row in await self._pool.fetch(_UNASKED, list(self._left))
            if _id(row["conversation_id"]) == verify_id(_cause(row), row["link_id"].bytes, own)
            and members.find_corridor(row["partner"]) is not None
        ][:AT_ONCE]
        people = await self._find_people([row["link_id"].bytes for row in rows])
        looks = [
            Look(str(row["conversation_id"]), people[row["link_id"].bytes], row["partner"])
            for row in rows
            if row["link_id"].bytes in people
        ]
        held: Mapping[str, Held] = {}
        if looks:
            async with self._read.acquire() as connection:
                held = await self._snapshots.read(connection, looks, "verification")
        plans: dict[str, tuple[Plan, Beginning]] = {}
        for row in rows:
            person = held.get(str(row["conversation_id"]))
            if person is None or person.is_protected or person.civil is None:
                self._left.add(_id(row["finding_id"]))  # for people; looked at again when the service is started
                self._log.warning("not-asked", partner=row["partner"], reason="nobody-to-name")
                continue
            plans[str(row["conversation_id"])] = self._plan(row, person, now)
        drafted = await self._drafting.draft([plan for plan, _ in plans.values()], now)
        return [replace(entry, begins=plans[entry.conversation_id][1]) for entry in drafted]

    def _plan(self, row: asyncpg.Record, person: Held, now: datetime) -> tuple[Plan, Beginning]:
        members, partner, id_ = self._members.current(), row["partner"], str(row["conversation_id"])
        profile = members.corridor(partner).profile
        conversation = begin(id_, Talk.VERIFY, members.own, partner, Role.ASKER, now, profile=profile)
        case = Case(conversation, Duty(Does.REPORT, str(row["finding_id"])), person.person_id, 0, 0)
        items: list[Mapping[str, str | int | bool | None]] = [
            {"item_id": str(row["link_id"]), "path": PATH, "question": row["kind"]}
        ]
        said = Words("301", {"items": items, "why_needed": WHY}, _question(person))
        return Plan(case, [said], PersonKnown(person.person_id, RULE)), Beginning(Talk.VERIFY, Role.ASKER, profile)

    async def _find_people(self, links: Sequence[bytes]) -> dict[bytes, UUID]:
        """Whose link it is here: by the conversation of the notice, else by the register."""
        ids = [each.hex() for each in links]
        rows = await self._pool.fetch(_BY_NOTICE, ids) if ids else []
        people = {row[0]: UUID(bytes=row[1].bytes) for row in rows}
        missing = [each.hex() for each in links if each not in people]
        rows = await self._read.fetch(_BY_REGISTER, missing) if missing else []
        return people | {row[0]: UUID(bytes=row[1].bytes) for row in rows}

    async def _end_answered(self, now: datetime) -> list[Entry]:
        rows = await self._pool.fetch(_TO_END, [each.value for each in _ANSWERED])
        entries = []
        for row in rows:
            note = FindingNote(
                _id(row["finding_id"]),
                _id(row["link_id"]),
                FindingKind(row["kind"]),
                None if row["run_id"] is None else _id(row["run_id"]),
                _id(row["conversation_id"]),
                FindingEnd.ANSWERED,
            )
            event_id = derive_id(row["found_at"], "finding-ended", note.finding_id, note.ended)
            entries.append(finding_entry(UUID(event_id), row["partner"], now, note))
        return entries


def _question(person: Held) -> Mapping[str, object]:
    plain: Mapping[str, object] = msgspec.json.decode(msgspec.json.encode(documents.Question(subject=identify(person))))
    return plain


def _cause(row: asyncpg.Record) -> UUID:
    """The run; what the house found alone is named by itself."""
    return _id(row["run_id"] or row["finding_id"])


def _id(found: UUID) -> UUID:
    return UUID(bytes=found.bytes)


_UNASKED = """
SELECT f.finding_id, f.partner, f.link_id, f.kind, f.run_id, f.conversation_id FROM exchange.finding f
WHERE f.ended IS NULL AND f.conversation_id IS NOT NULL AND f.finding_id <> ALL($1::uuid[])
  AND NOT EXISTS (SELECT FROM exchange.conversation c WHERE c.conversation_id = f.conversation_id)
ORDER BY f.found_at, f.finding_id
"""
_BY_NOTICE = """
SELECT uuid_send(m.message_id), c.person_id FROM exchange.message m JOIN exchange.conversation c USING (conversation_id)
WHERE m.message_id = ANY($1::text[]::uuid[]) AND c.person_id IS NOT NULL
"""
_BY_REGISTER = "SELECT uuid_send(link_id), person_id FROM register.link WHERE link_id = ANY($1::text[]::uuid[])"
_TO_END = """
SELECT f.* FROM exchange.finding f JOIN exchange.conversation c USING (conversation_id)
WHERE f.ended IS NULL AND c.talk = 'VERIFY' AND c.state = ANY($1)
"""
