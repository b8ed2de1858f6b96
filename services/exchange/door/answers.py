"""POST …/conversations/{conversation_id}:answer and …/conversations:verify: everyday acts in the words of an office.

An office says one word (and of items, which is which); the message, its body and what it answers follow. What is
missing is told all at once, with the words that there are and an example.
"""

from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.clerk.desk import Desk
from services.exchange.door.acts import ASKED, find_profile
from services.exchange.door.bodies import read_wish
from services.exchange.door.conversations import PATH, require_whole_region
from services.exchange.door.speaking import Speaker, Utterance, incomplete
from services.exchange.journal.entry import Beginning, Outcome
from services.exchange.members import MembersFile
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.contents import LINES_MAX
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.envelope import Urgency
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.worklist.checking import Problem, is_of_form
from services.exchange.worklist.drafting import Said, Wish, WrongDraftError, draft
from services.exchange.worklist.sayable import sayable
from services.kernel.errors import Conflict
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller


class _Item(msgspec.Struct, forbid_unknown_fields=True):
    item: str
    result: str = ""
    value: str | None = None


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    word: str
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    items: list[_Item] = msgspec.field(default_factory=list)
    in_reply_to: UUID | None = None
    message_id: UUID | None = None
    method: Literal["REGISTER", "DOCUMENT", "ON_SITE", "DECLARATION"] = "REGISTER"


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    path: str
    question: str = "IS_IT_SO"
    value: str | None = None


class _Verify(msgspec.Struct, forbid_unknown_fields=True):
    items: list[_Asked]
    why_needed: str = "exchange"
    partner: str | None = None
    about: UUID | None = None
    subject: dict[str, Any] | None = None
    urgency: Urgency = Urgency.ROUTINE
    message_id: UUID | None = None


class AnswerRoutes:
    """The speaker says what is drafted here."""

    def __init__(self, speaker: Speaker, desk: Desk, members: MembersFile | None, budget: ByteBudget) -> None:
        self._speaker, self._desk, self._members, self._budget = speaker, desk, members, budget

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("POST", f"{PATH}/{{conversation_id}}:answer", self.answer),
            door.guarded("POST", f"{PATH}:verify", self.verify),
        ]

    async def answer(self, request: Request, caller: Caller) -> Response:
        """`word`: an outcome (CONFIRMED, B-G, APPLIED), a code or a message's name. `items`: one by one."""
        require_known_parameters(request, ASKED)
        require_whole_region(caller)
        case = self._speaker.settle(request, caller)
        asked = await read_wish(request, self._budget, _Answer)
        found = await self._speaker.cabinet.get(request.path_params["conversation_id"])
        c = found.conversation
        if asked.message_id is not None and c.find_letter(str(asked.message_id)) is not None:  # the answer got lost
            return await self._speaker.tell(Outcome(c.id), 201, str(asked.message_id))
        if not sayable(c) and c.state is not State.MANUAL_PAIRING:
            raise Conflict(
                "not-now", "/word", rule=f"Nothing waits for an answer of ours: the conversation is {c.state}."
            )
        role = next(each for each in ("approver", "registrar") if each in caller.roles)
        wish = Wish(
            asked.word,
            asked.fields,
            [Said(each.item, each.result.upper(), each.value) for each in asked.items],
            None if asked.in_reply_to is None else str(asked.in_reply_to),
            asked.method,
            role,
        )
        try:
            drafted = draft(c, wish, self._speaker.clock.now().date())
        except WrongDraftError as wrong:
            raise incomplete(CATALOGUE.get(wrong.code), wrong.problems, "/fields", wrong.word) from None
        parts = {} if drafted.document is None else {"subject": drafted.document}
        replied = None if drafted.in_reply_to is None else UUID(drafted.in_reply_to)
        said = Utterance(drafted.code, drafted.body, parts, asked.message_id, replied)
        return await self._speaker.say(request, caller, case, found, said)

    async def verify(self, request: Request, caller: Caller) -> Response:
        """Asks a partner about items of a record (301). `about`: a conversation about the same person; without one
        `partner` and `subject` say whom it is about."""
        require_known_parameters(request, ASKED)
        require_whole_region(caller)
        case = self._speaker.settle(request, caller)
        wish = await read_wish(request, self._budget, _Verify)
        partner, subject, person_id, parent = wish.partner, wish.subject, None, None
        if wish.about is not None:
            found = await self._speaker.cabinet.get(str(wish.about))
            partner, parent = found.conversation.partner, found.conversation.id
            subject = subject or await self._find_subject(found.conversation)
            person_id = found.person_id
            if person_id is not None:
                role = self._speaker.cabinet.settle_role(caller, request.query_params.get("purpose"))
                shown = {"subject": subject or {}}
                await self._speaker.cabinet.record_look(person_id, caller, role, case, f"POST {PATH}:verify", shown)
        problems = _missing(wish, partner, subject)
        if problems or partner is None or subject is None:
            raise incomplete(CATALOGUE["301"], problems, "")
        begins = Beginning(Talk.VERIFY, Role.ASKER, find_profile(self._members, partner), parent_id=parent)
        return await self._speaker.begin(request, caller, case, partner, begins, _question(wish, subject), person_id)

    async def _find_subject(self, conversation: Conversation) -> Mapping[str, Any] | None:
        """How the person was identified in it, by either side; None where that is forgotten."""
        ids = [each.id for each in conversation.letters] + [each.id for each in conversation.taken]
        opened = await self._desk.open_parts(ids)
        found = (opened.get(each, {}).get("subject", {}).get("subject") for each in ids)
        return next((each for each in found if each), None)


def _missing(wish: _Verify, partner: str | None, subject: Mapping[str, Any] | None) -> list[Problem]:
    found = []
    if partner is None:
        found.append(Problem("/partner", "Say which region is asked: `partner`, or a conversation: `about`."))
    if subject is None:
        found.append(Problem("/subject", "Say about whom: `about`, a conversation that still knows, or `subject`."))
    if not all(is_of_form(each.path, each.value) for each in wish.items):
        found.append(Problem("/items", "A day is written 1975-03-02, or as far as it is known: 1975-03, 1975."))
    if not 1 <= len(wish.items) <= LINES_MAX:
        found.append(Problem("/items", f"Ask about 1 to {LINES_MAX} fields, for example birth_on."))
    return found


def _question(wish: _Verify, subject: Mapping[str, Any]) -> Utterance:
    numbered = [(str(number), each) for number, each in enumerate(wish.items, 1)]
    body = {
        "items": [{"item_id": id_, "path": each.path, "question": each.question} for id_, each in numbered],
        "why_needed": wish.why_needed,
    }
    held = [{"item_id": id_, "value": each.value} for id_, each in numbered if each.value is not None]
    document = {"subject": dict(subject)} | ({"current_values": held} if held else {})
    return Utterance("301", body, {"subject": document}, wish.message_id, urgency=wish.urgency)
