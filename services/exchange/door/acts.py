"""What offices and operators do in a conversation: POST …/messages, …:find, …:requeue, …:prove.

An act is an entry of the journal. The answer comes when it was applied: what stands then, or a refusal that says why
not. A client that names the id of its message or act may send the same again and gets the same.
"""

import re
from dataclasses import replace
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.clerk.desk import Desk, Sealing
from services.exchange.door.answering import answer
from services.exchange.door.conversations import PATH, Cabinet, read_instant, require_whole_region
from services.exchange.door.showing import Found, tell
from services.exchange.journal.entry import Beginning, Entry, Outcome, PersonKnown, SealedPart
from services.exchange.journal.journal import Waiting
from services.exchange.members import MembersFile
from services.exchange.particulars.commitments import OpenPart, commit
from services.exchange.particulars.forms import check_body, check_parts
from services.exchange.particulars.identification import WrongParticulars
from services.exchange.protocol import allowed_actions
from services.exchange.protocol.bodies import WrongBodyError
from services.exchange.protocol.bodies import check_body as check_form
from services.exchange.protocol.catalogue import CATALOGUE, MessageType
from services.exchange.protocol.deadlines import Profile
from services.exchange.protocol.envelope import Urgency
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Find, Finding, Prove, Requeue, Say, Stimulus
from services.kernel.clock import Clock
from services.kernel.contract.envelope import OFFICE_PATTERN
from services.kernel.contract.lints.forbidden import Phrase
from services.kernel.errors import Conflict, Rejected, Unavailable
from services.kernel.event_id import new_event_id
from services.kernel.http.bodies import EVENT_BYTES_MAX, Body, ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import require_case

_ASKED = {"purpose", "case", "office"}
BEGUN_BY_PEOPLE = {"101": Talk.MOVE, "301": Talk.VERIFY, "501": Talk.DISCREPANCY}
"""What an office may begin a conversation with. A 201 or 202 begins with what the register says."""
_WITHDRAWAL = "212"
_ANNUL_INSTEAD = (
    "A notice is taken back by annulling the arrival or the departure (POST /v1/corrections); the exchange then says so"
    " by itself. Said alone it would leave somebody at home in two regions."
)


class _Saying(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    body: dict[str, Any] = msgspec.field(default_factory=dict)
    message_id: UUID | None = None
    in_reply_to: UUID | None = None
    occurred_on: date | None = None
    effective_on: date | None = None
    urgency: Urgency = Urgency.ROUTINE
    response_required: bool = False
    parts: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict)


class _Opening(_Saying, forbid_unknown_fields=True):
    partner: str = ""
    person_id: UUID | None = None
    parent_id: UUID | None = None


class _Finding(msgspec.Struct, forbid_unknown_fields=True):
    finding: Literal["RECONFIRMED", "COMPENSATED"]


class _Letter(msgspec.Struct, forbid_unknown_fields=True):
    message_id: UUID


class _Proof(msgspec.Struct, forbid_unknown_fields=True):
    message_id: UUID
    received_at: str


class ActRoutes:
    """All that changes something. `phrases`: what no document may contain."""

    def __init__(
        self,
        cabinet: Cabinet,
        desk: Desk,
        journal: Waiting,
        members: MembersFile | None,
        phrases: tuple[Phrase, ...],
        clock: Clock,
        budget: ByteBudget,
    ) -> None:
        self._cabinet, self._desk, self._journal = cabinet, desk, journal
        self._members, self._phrases, self._clock, self._budget = members, phrases, clock, budget

    def routes(self, door: Door) -> list[Route]:
        one = f"{PATH}/{{conversation_id}}"
        return [
            door.guarded("POST", PATH, self.open),
            door.guarded("POST", f"{one}/messages", self.say),
            door.guarded("POST", f"{one}:find", self.find),
            door.guarded("POST", f"{one}:requeue", self.requeue),
            door.guarded("POST", f"{one}:prove", self.prove),
        ]

    async def open(self, request: Request, caller: Caller) -> Response:
        """Begins a conversation with a request: 101, 301 or 501."""
        case = self._settle(request, caller)
        wish = await self._read(request, _Opening)
        if wish.code not in BEGUN_BY_PEOPLE:
            raise Rejected("wrong-parameter", "/code", rule=f"It is one of {', '.join(BEGUN_BY_PEOPLE)}.")
        message_id = str(wish.message_id or new_event_id(self._clock.now()))
        parts = self._commit(wish)
        holder = wish.person_id or UUID(message_id)
        begins = Beginning(
            BEGUN_BY_PEOPLE[wish.code],
            Role.DESTINATION if wish.code == "101" else Role.ASKER,
            self._find_profile(wish.partner),
            parent_id=None if wish.parent_id is None else str(wish.parent_id),
        )
        entry = self._entry(request, caller, case, message_id, wish.partner, _say(wish, message_id, parts), begins)
        sealed = await self._seal(message_id, holder, parts)
        person = None if wish.person_id is None else PersonKnown(wish.person_id, "office", None, (caller.sub,))
        outcome = await self._append(replace(entry, parts=sealed, person=person))
        return await self._tell(outcome, 201, message_id)

    async def say(self, request: Request, caller: Caller) -> Response:
        """Says one of the `allowed_actions`."""
        case = self._settle(request, caller)
        wish = await self._read(request, _Saying)
        if wish.code == _WITHDRAWAL:
            raise Conflict("not-now", "/code", rule=_ANNUL_INSTEAD)
        found = await self._cabinet.get(request.path_params["conversation_id"])
        message_id = str(wish.message_id or new_event_id(self._clock.now()))
        c = found.conversation
        may_be_said = sorted({each.what for each in allowed_actions(c) if each.what in CATALOGUE})
        if wish.code not in may_be_said and c.find_letter(message_id) is None:
            now = f"Now {', '.join(may_be_said)} may be said." if may_be_said else "Now nothing may be said."
            raise Conflict("not-now", "/code", rule=now)
        parts = self._commit(wish)
        entry = self._entry(request, caller, case, c.id, c.partner, _say(wish, message_id, parts))
        holder = found.person_id or UUID(c.id)
        outcome = await self._append(replace(entry, parts=await self._seal(message_id, holder, parts)))
        return await self._tell(outcome, 201, message_id)

    async def find(self, request: Request, caller: Caller) -> Response:
        """An office has found out: the link is still true, or what was withdrawn is undone."""
        case = self._settle(request, caller)
        wish = await self._read(request, _Finding)
        return await self._act(request, caller, case, Find(Finding(wish.finding)))

    async def requeue(self, request: Request, caller: Caller) -> Response:
        """A dead letter is sent again."""
        wish = await self._read(request, _Letter)
        return await self._act(request, caller, None, Requeue(str(wish.message_id)))

    async def prove(self, request: Request, caller: Caller) -> Response:
        """A dead letter was brought to the partner in another way; `case` says where the proof lies."""
        reference = require_case(request.query_params.get("case"))
        wish = await self._read(request, _Proof)
        at = read_instant(wish.received_at, "/received_at")
        return await self._act(request, caller, reference, Prove(str(wish.message_id), at))

    def _settle(self, request: Request, caller: Caller) -> str:
        """Who speaks of a person says for what: the purpose `exchange`, and a case."""
        self._cabinet.settle_role(caller, request.query_params.get("purpose"))
        return require_case(request.query_params.get("case"))

    async def _read(self, request: Request, form: type[Any]) -> Any:
        require_known_parameters(request, _ASKED)
        async with Body(request, self._budget, EVENT_BYTES_MAX) as body:
            try:
                return msgspec.json.decode(body, type=form)
            except msgspec.ValidationError as wrong:
                path = str(wrong).rpartition("`$")[2].rstrip("`").replace(".", "/") if "`$" in str(wrong) else ""
                raise Rejected("wrong-type", path) from None
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                raise Rejected("malformed-json") from None

    def _commit(self, wish: _Saying) -> list[OpenPart]:
        message = CATALOGUE.get(wish.code)
        if message is None:
            raise Rejected("wrong-parameter", "/code", rule="There is no such message.")
        outcome = wish.body.get(message.outcome or "", "")
        try:
            check_form(wish.body, message.items)
            check_body(wish.code, wish.body, self._phrases)
            parts = [commit(role, document) for role, document in wish.parts.items()]
            check_parts(wish.code, outcome if isinstance(outcome, str) else "", parts, self._phrases)
        except WrongBodyError as wrong:
            path = wrong.path.replace("/payload", "/body")
            raise Rejected("wrong-particulars", path, rule=_explain(message, wrong.path)) from None
        except WrongParticulars as wrong:
            raise Rejected("wrong-particulars", f"/parts{wrong.path}", rule=wrong.rule) from None
        return parts

    def _find_profile(self, partner: str) -> Profile:
        corridor = None if self._members is None else self._members.current().find_corridor(partner)
        if corridor is None:
            raise Rejected("wrong-parameter", "/partner", rule="There is no corridor to that region.")
        return corridor.profile

    async def _seal(self, message_id: str, holder: UUID, parts: list[OpenPart]) -> tuple[SealedPart, ...]:
        sealed = await self._desk.seal([Sealing(message_id, holder, part) for part in parts])
        return sealed.get(message_id, ())

    async def _act(self, request: Request, caller: Caller, case: str | None, stimulus: Stimulus) -> Response:
        require_known_parameters(request, _ASKED)
        require_whole_region(caller)
        found: Found = await self._cabinet.get(request.path_params["conversation_id"])
        c = found.conversation
        outcome = await self._append(self._entry(request, caller, case, c.id, c.partner, stimulus))
        return await self._tell(outcome, 200)

    def _entry(
        self,
        request: Request,
        caller: Caller,
        case: str | None,
        conversation_id: str,
        partner: str,
        stimulus: Stimulus,
        begins: Beginning | None = None,
    ) -> Entry:
        require_whole_region(caller)
        now = self._clock.now()
        return Entry(
            event_id=new_event_id(now),
            partner=partner,
            conversation_id=conversation_id,
            at=now,
            stimulus=stimulus,
            begins=begins,
            actor=caller.sub,
            office=_read_office(request),
            case_reference=case,
        )

    async def _append(self, entry: Entry) -> Outcome:
        (outcome,) = await self._journal.append_and_wait([entry])
        if outcome is None:
            raise Unavailable("not-applied-yet", retry_after_s=2.0, outcome_unknown=True)
        if outcome.denial is not None:
            raise Conflict("not-now", outcome.denial.path, rule=f"The conversation says: {outcome.denial.why}.")
        return outcome

    async def _tell(self, outcome: Outcome, status: int, message_id: str | None = None) -> Response:
        """As it stands now; nothing of the person."""
        found = await self._cabinet.get(outcome.conversation_id)
        return answer({"message_id": message_id, "conversation": tell(found, None, {})}, status)


def _explain(message: MessageType, path: str) -> str:
    """What the catalogue says of a field of a message."""
    item = next((each for each in message.items if path.split("/")[2:3] == [each.name]), None)
    if item is None:
        names = [
            f"{each.name}{' (required)' if each.required else ''}"
            for each in message.items
            if each.form != "sealed part"
        ]
        return f"{message.code} holds {', '.join(names)}."
    words = f" It is one of {', '.join(item.words)}." if item.words else ""
    return f"{item.name} ({item.form}{', required' if item.required else ''}): {item.doc}{words}"


def _read_office(request: Request) -> str:
    office = request.query_params.get("office", "")
    if office and not re.fullmatch(OFFICE_PATTERN, office):
        raise Rejected("bad-format", "?office")
    return office


def _say(wish: _Saying, message_id: str, parts: list[OpenPart]) -> Say:
    return Say(
        wish.code,
        wish.body,
        message_id,
        in_reply_to=None if wish.in_reply_to is None else str(wish.in_reply_to),
        occurred_on=wish.occurred_on,
        effective_on=wish.effective_on,
        urgency=wish.urgency,
        response_required=wish.response_required,
        parts=tuple(each.part for each in parts),
    )
