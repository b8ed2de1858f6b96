"""Saying something in the name of an office: particulars are checked, committed and sealed, and an entry is appended.

The answer comes when it was applied: what stands then, or a refusal that says why not.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from services.exchange.clerk.desk import Desk, Sealing
from services.exchange.door.answering import answer
from services.exchange.door.conversations import Cabinet, require_whole_region
from services.exchange.door.showing import Found, tell
from services.exchange.journal.entry import Beginning, Entry, Outcome, PersonKnown, SealedPart
from services.exchange.journal.journal import Waiting
from services.exchange.particulars.commitments import OpenPart, commit
from services.exchange.particulars.forms import check_body, check_parts
from services.exchange.particulars.identification import WrongParticulars
from services.exchange.protocol.catalogue import CATALOGUE, MessageType
from services.exchange.protocol.envelope import Urgency
from services.exchange.protocol.stimuli import Say, Stimulus
from services.exchange.worklist.checking import Problem, find_problems
from services.exchange.worklist.examples import example_of
from services.exchange.worklist.sayable import now_sayable, sayable
from services.kernel.clock import Clock
from services.kernel.contract.envelope import OFFICE_PATTERN
from services.kernel.contract.lints.forbidden import Phrase
from services.kernel.errors import Conflict, Rejected, Unavailable
from services.kernel.event_id import new_event_id
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import require_case

_ANNUL_INSTEAD = (
    "A notice is taken back by annulling the arrival or the departure (POST /v1/corrections); the exchange then says so"
    " by itself. Said alone it would leave somebody at home in two regions."
)
_OF_REQUESTS = frozenset({"/word", "/in_reply_to", "/partner", "/subject"})
"""What a request says beside the fields of a message."""


class Utterance(NamedTuple):
    """What is to be said: a message of the catalogue, its body, and documents by role."""

    code: str
    body: Mapping[str, Any]
    parts: Mapping[str, Mapping[str, Any]] = {}
    message_id: UUID | None = None
    in_reply_to: UUID | None = None
    occurred_on: date | None = None
    effective_on: date | None = None
    urgency: Urgency = Urgency.ROUTINE
    response_required: bool = False


class Speaker:
    """`phrases`: what no document may contain."""

    def __init__(
        self, cabinet: Cabinet, desk: Desk, journal: Waiting, phrases: tuple[Phrase, ...], clock: Clock
    ) -> None:
        self.cabinet, self.clock = cabinet, clock
        self._desk, self._journal, self._phrases = desk, journal, phrases

    def settle(self, request: Request, caller: Caller) -> str:
        """Who speaks of a person says for what: the purpose `exchange`, and a case, which is returned."""
        self.cabinet.settle_role(caller, request.query_params.get("purpose"))
        return require_case(request.query_params.get("case"))

    async def say(self, request: Request, caller: Caller, case: str, found: Found, said: Utterance) -> Response:
        """In a conversation that there is. Conflict("not-now") names what may be said instead."""
        c, message_id = found.conversation, self._id_of(said)
        await self.cabinet.require_may_speak(found.person_id, caller)
        if said.code == "212":
            raise Conflict("not-now", "/code", rule=_ANNUL_INSTEAD)
        if said.code not in {each.what for each in sayable(c)} and c.find_letter(message_id) is None:
            raise Conflict("not-now", "/code", rule=now_sayable(c))
        parts = self._commit(said)
        entry = self.entry(request, caller, case, c.id, c.partner, _say(said, message_id, parts))
        holder = found.person_id or UUID(c.id)
        outcome = await self.append(replace(entry, parts=await self._seal(message_id, holder, parts)))
        return await self.tell(outcome, 201, message_id)

    async def begin(
        self,
        request: Request,
        caller: Caller,
        case: str,
        partner: str,
        begins: Beginning,
        said: Utterance,
        person_id: UUID | None,
    ) -> Response:
        """A conversation that begins with this message, and has its id."""
        message_id = self._id_of(said)
        parts = self._commit(said)
        entry = self.entry(request, caller, case, message_id, partner, _say(said, message_id, parts), begins)
        sealed = await self._seal(message_id, person_id or UUID(message_id), parts)
        person = None if person_id is None else PersonKnown(person_id, "office", None, (caller.sub,))
        outcome = await self.append(replace(entry, parts=sealed, person=person))
        return await self.tell(outcome, 201, message_id)

    def entry(
        self,
        request: Request,
        caller: Caller,
        case: str | None,
        conversation_id: str,
        partner: str,
        stimulus: Stimulus,
        begins: Beginning | None = None,
    ) -> Entry:
        """By the caller, now. Forbidden("area-not-yours") for who covers but a part of the region."""
        require_whole_region(caller)
        now = self.clock.now()
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

    async def append(self, entry: Entry) -> Outcome:
        """What became of it. Unavailable where that is not known yet, Conflict("not-now") where it was denied."""
        (outcome,) = await self._journal.append_and_wait([entry])
        if outcome is None:
            raise Unavailable("not-applied-yet", retry_after_s=2.0, outcome_unknown=True)
        if outcome.denial is not None:
            raise Conflict("not-now", outcome.denial.path, rule=f"The conversation says: {outcome.denial.why}.")
        return outcome

    async def tell(self, outcome: Outcome, status: int, message_id: str | None = None) -> Response:
        """As it stands now; nothing of the person."""
        found = await self.cabinet.get(outcome.conversation_id)
        return answer({"message_id": message_id, "conversation": tell(found, None, {})}, status)

    def _id_of(self, said: Utterance) -> str:
        return str(said.message_id or new_event_id(self.clock.now()))

    def _commit(self, said: Utterance) -> list[OpenPart]:
        message = CATALOGUE.get(said.code)
        if message is None:
            raise Rejected("wrong-parameter", "/code", rule=f"Messages are {', '.join(CATALOGUE)}.")
        problems = find_problems(message, said.body)
        if problems:
            raise incomplete(message, problems)
        outcome = message.outcome_of(said.body)
        try:
            check_body(said.code, said.body)
            parts = [commit(role, document) for role, document in said.parts.items()]
            check_parts(said.code, outcome, parts, self._phrases)
        except WrongParticulars as wrong:
            path = (
                wrong.path.replace("/payload", "/body") if wrong.path.startswith("/payload") else f"/parts{wrong.path}"
            )
            raise Rejected("wrong-particulars", path, rule=wrong.rule) from None
        return parts

    async def _seal(self, message_id: str, holder: UUID, parts: list[OpenPart]) -> tuple[SealedPart, ...]:
        sealed = await self._desk.seal([Sealing(message_id, holder, part) for part in parts])
        return sealed.get(message_id, ())


def incomplete(
    message: MessageType | None, problems: Sequence[Problem], under: str = "/body", word: str = ""
) -> Rejected:
    """Everything that is missing or wrong, at once, with an example. `under`: where the fields stand in the request."""
    paths = [each.path if each.path in _OF_REQUESTS else f"{under}{each.path}" for each in problems]
    errors = [
        Rejected("incomplete-message", path, rule=each.rule, remedy="")
        for path, each in zip(paths, problems, strict=True)
    ]
    listed = " ".join(each.rule for each in problems)
    remedy = None if message is None else f"For example: domicile exchange {example_of(message, word)}"
    return Rejected("incomplete-message", errors[0].path, rule=listed, remedy=remedy, errors=errors)


def _read_office(request: Request) -> str:
    office = request.query_params.get("office", "")
    if office and not re.fullmatch(OFFICE_PATTERN, office):
        raise Rejected("bad-format", "?office")
    return office


def _say(said: Utterance, message_id: str, parts: list[OpenPart]) -> Say:
    return Say(
        said.code,
        dict(said.body),
        message_id,
        in_reply_to=None if said.in_reply_to is None else str(said.in_reply_to),
        occurred_on=said.occurred_on,
        effective_on=said.effective_on,
        urgency=said.urgency,
        response_required=said.response_required,
        parts=tuple(each.part for each in parts),
    )
