"""GET /exchange/v1/conversations and …/{conversation_id}: what stands between this region and others.

The list names nobody: conversations by state and duty, with what is owed next. One conversation is shown with what may
be done in it, what is owed, and what was said; what was said *of the person* only for the purpose `exchange` and a
case, and that is recorded as a look at the person first. Of somebody protected it is for approvers only.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.clerk.desk import Desk
from services.exchange.clerk.duties import REASONS, SEEN_LATER, Does
from services.exchange.door.answering import answer
from services.exchange.door.partners_known import require_partner
from services.exchange.door.showing import Found, tell, tell_row
from services.exchange.ledger.documents import read_conversation
from services.exchange.members import MembersFile
from services.exchange.pairing.records import PersonRecord, RecordReader
from services.exchange.protocol.states import State, Talk
from services.kernel.clock import Clock
from services.kernel.codec.posts.dates import EPOCH
from services.kernel.errors import Forbidden, NotFound, Rejected
from services.kernel.http.door import Door
from services.kernel.http.parameters import flag, require_known_parameters, word
from services.kernel.identity.caller import Caller
from services.kernel.identity.matrix import read_purposes
from services.kernel.reading.paths import list_paths
from services.kernel.reading.purpose import require_case, settle_purpose
from services.kernel.reading.recorder import Reading, ReadRecorder

PATH = "/exchange/v1/conversations"
PURPOSE = "exchange"
PAGE = 100
_READERS = ("approver", "registrar")
_FILTERS = {"state", "duty", "why", "partner", "talk", "ended", "event", "person", "purpose", "case", "after"}


class Cabinet:
    """Finds conversations, and says who may look into one."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        read_pool: asyncpg.Pool,
        records: RecordReader,
        audit: ReadRecorder,
        clock: Clock,
        own: str,
    ) -> None:
        self.pool, self._read_pool = pool, read_pool
        self._records, self._audit, self._clock = records, audit, clock
        self._own = own
        self._purposes = read_purposes()

    async def get(self, text: str) -> Found:
        """Under any of its ids. NotFound("unknown-conversation")."""
        row = await self.pool.fetchrow(
            "SELECT c.* FROM exchange.conversation c WHERE c.conversation_id ="
            " coalesce((SELECT conversation_id FROM exchange.alias WHERE other_id = $1), $1)",
            read_id(text, "/conversation_id"),
        )
        if row is None:
            raise NotFound("unknown-conversation")
        return Found(read_conversation(row["document"]), row)

    def settle_role(self, caller: Caller, purpose: str | None) -> str:
        """In which role particulars are looked at. Forbidden("role-may-not") for who reads none."""
        role = next((each for each in _READERS if each in caller.roles), None)
        if role is None:
            raise Forbidden("role-may-not")
        settle_purpose(caller, purpose, self._purposes[role] & {PURPOSE})
        return role

    async def record_look(
        self, person_id: UUID, caller: Caller, role: str, reference: str, route: str, shown: Any
    ) -> None:
        """Before anything is shown. NotFound where somebody protected is meant and the caller is no approver."""
        records = await self._find_records(person_id, role)
        people = sorted({each for record in records.values() for each in record.people} | {person_id})
        reading = Reading(
            people=tuple((self._own, each) for each in people),
            reader=caller,
            role=role,
            purpose=PURPOSE,
            route=route,
            fields=list_paths(shown),
            compartments=("exchange",),
            case_reference=reference,
        )
        await self._audit.record([reading])

    async def require_may_speak(self, person_id: UUID | None, caller: Caller) -> None:
        """NotFound where somebody protected is meant and the caller is no approver: nobody speaks of whom they may not
        see."""
        if person_id is not None:
            await self._find_records(person_id, _READERS[0] if _READERS[0] in caller.roles else _READERS[1])

    async def _find_records(self, person_id: UUID, role: str) -> Mapping[UUID, PersonRecord]:
        today = self._clock.now().toordinal() - EPOCH
        async with self._read_pool.acquire() as connection:
            records = await self._records.find(connection, [person_id], today)
        if role != _READERS[0] and any(record.state.is_protected for record in records.values()):
            raise NotFound("unknown-conversation")
        return records


class ConversationRoutes:
    """The two that only look."""

    def __init__(self, cabinet: Cabinet, desk: Desk, members: MembersFile | None) -> None:
        self._cabinet, self._desk, self._members = cabinet, desk, members

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", PATH, self.list),
            door.guarded("GET", f"{PATH}/{{conversation_id}}", self.show),
        ]

    async def list(self, request: Request, caller: Caller) -> Response:
        """Oldest first; `after`: the last id of the page before. `why` is a reason for which people are needed.

        `event`: of the arrival or departure that was told. `person`: whose conversations; that is a look at the person,
        for the purpose `exchange` and a case.
        """
        require_known_parameters(request, _FILTERS)
        require_whole_region(caller)
        asked = request.query_params
        ended = flag(request, "ended") if "ended" in asked else None
        after, event, person = asked.get("after"), asked.get("event"), asked.get("person")
        person_id = None if person is None else read_id(person, "?person")
        if person_id is not None:
            role = self._cabinet.settle_role(caller, asked.get("purpose"))
            await self._cabinet.record_look(
                person_id, caller, role, require_case(asked.get("case")), f"GET {PATH}", {"conversation_id": True}
            )
        rows = await self._cabinet.pool.fetch(
            _LIST,
            word(request, "state", [each.value for each in State]),
            word(request, "duty", [each.value for each in Does]),
            word(request, "why", [*REASONS, *SEEN_LATER]),
            await require_partner(self._cabinet.pool, self._names(), asked.get("partner")),
            word(request, "talk", [each.value for each in Talk]),
            ended,
            None if after is None else read_id(after, "?after"),
            PAGE,
            None if event is None else read_id(event, "?event"),
            person_id,
        )
        return answer({"items": [tell_row(row) for row in rows], "more": len(rows) == PAGE})

    def _names(self) -> Sequence[str]:
        return [] if self._members is None else [each.region for each in self._members.current().partners()]

    async def show(self, request: Request, caller: Caller) -> Response:
        """With `case` also what was said of the person, opened; without, nothing of the person."""
        require_known_parameters(request, {"purpose", "case"})
        require_whole_region(caller)
        found = await self._cabinet.get(request.path_params["conversation_id"])
        reference = request.query_params.get("case")
        if reference is None:
            return answer(tell(found, None, {}))
        role = self._cabinet.settle_role(caller, request.query_params.get("purpose"))
        c = found.conversation
        opened = await self._desk.open_parts([each.id for each in c.taken] + [each.id for each in c.letters])
        told = tell(found, found.person_id, opened)
        route = f"GET {PATH}/{{conversation_id}}"
        reference = require_case(reference)
        if found.person_id is not None:
            await self._cabinet.record_look(found.person_id, caller, role, reference, route, told["messages"])
        return answer(told)


def require_whole_region(caller: Caller) -> None:
    """Conversations have no area, so whoever works on them covers the region. Forbidden("area-not-yours")."""
    if not caller.whole_region:
        raise Forbidden("area-not-yours")


def read_id(text: str, path: str) -> UUID:
    """Rejected("bad-uuid") for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise Rejected("bad-uuid", path) from None


def read_day(text: str | None) -> date | None:
    """A day of a body that was checked."""
    return None if text is None else date.fromisoformat(text)


def read_instant(text: str, path: str) -> datetime:
    """Rejected("bad-timestamp") for anything without its distance from UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Rejected("bad-timestamp", path) from None
    if at.tzinfo is None:
        raise Rejected("bad-timestamp", path)
    try:
        return at.astimezone(UTC)
    except OverflowError:  # before the year 1, or after the year 9999
        raise Rejected("bad-timestamp", path) from None


_LIST = """
SELECT conversation_id, partner, talk, role, state, link, opened_at, since, wake_at, ended, duty, duty_why, parent_id,
    revision
FROM exchange.conversation
WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR duty = $2) AND ($3::text IS NULL OR duty_why = $3)
    AND ($4::text IS NULL OR partner = $4) AND ($5::text IS NULL OR talk = $5) AND ($6::bool IS NULL OR ended = $6)
    AND ($7::uuid IS NULL OR (opened_at, conversation_id) >
        (SELECT opened_at, conversation_id FROM exchange.conversation WHERE conversation_id = $7))
    AND ($9::uuid IS NULL OR registration_id = $9 OR departure_event_id = $9) AND ($10::uuid IS NULL OR person_id = $10)
ORDER BY opened_at, conversation_id LIMIT $8
"""
