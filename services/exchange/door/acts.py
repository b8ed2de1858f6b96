"""What offices and operators do in a conversation: POST …/messages, …:find, …:requeue, …:prove.

An act is an entry of the journal. A client that names the id of its message may send the same again and gets the same.
"""

from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.bodies import read_wish
from services.exchange.door.conversations import PATH, read_instant, require_whole_region
from services.exchange.door.speaking import Speaker, Utterance
from services.exchange.journal.entry import Beginning
from services.exchange.members import MembersFile
from services.exchange.protocol.deadlines import Profile
from services.exchange.protocol.envelope import Urgency
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Find, Finding, Prove, Requeue, Stimulus
from services.kernel.errors import Rejected
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, suggest
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import require_case

ASKED = {"purpose", "case", "office"}
BEGUN_BY_PEOPLE = {"101": Talk.MOVE, "301": Talk.VERIFY, "501": Talk.DISCREPANCY}
"""What an office may begin a conversation with. A 201 or 202 begins with what the register says."""


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

    def to_utterance(self) -> Utterance:
        """As the speaker says it."""
        return Utterance(**{name: getattr(self, name) for name in Utterance._fields})


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
    """All that changes something, said as the protocol says it."""

    def __init__(self, speaker: Speaker, members: MembersFile | None, budget: ByteBudget) -> None:
        self._speaker, self._members, self._budget = speaker, members, budget

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
        case = self._speaker.settle(request, caller)
        wish = await self._read(request, _Opening)
        if wish.code not in BEGUN_BY_PEOPLE:
            raise Rejected("wrong-parameter", "/code", rule=f"It is one of {', '.join(BEGUN_BY_PEOPLE)}.")
        begins = Beginning(
            BEGUN_BY_PEOPLE[wish.code],
            Role.DESTINATION if wish.code == "101" else Role.ASKER,
            find_profile(self._members, wish.partner),
            parent_id=None if wish.parent_id is None else str(wish.parent_id),
        )
        said = wish.to_utterance()
        return await self._speaker.begin(request, caller, case, wish.partner, begins, said, wish.person_id)

    async def say(self, request: Request, caller: Caller) -> Response:
        """Says one of the `allowed_actions`."""
        case = self._speaker.settle(request, caller)
        wish = await self._read(request, _Saying)
        found = await self._speaker.cabinet.get(request.path_params["conversation_id"])
        return await self._speaker.say(request, caller, case, found, wish.to_utterance())

    async def find(self, request: Request, caller: Caller) -> Response:
        """An office has found out: the link is still true, or what was withdrawn is undone."""
        case = self._speaker.settle(request, caller)
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
        found = await self._speaker.cabinet.get(request.path_params["conversation_id"])
        letter = found.conversation.find_letter(str(wish.message_id))
        if letter is not None and not letter.envelope.recorded_at <= at <= self._speaker.clock.now():
            rule = "The partner had the letter after it was said, and not later than now."
            raise Rejected("bad-timestamp", "/received_at", rule=rule)
        return await self._act(request, caller, reference, Prove(str(wish.message_id), at))

    async def _read(self, request: Request, form: type[Any]) -> Any:
        require_known_parameters(request, ASKED)
        return await read_wish(request, self._budget, form)

    async def _act(self, request: Request, caller: Caller, case: str | None, stimulus: Stimulus) -> Response:
        require_known_parameters(request, ASKED)
        require_whole_region(caller)
        found = await self._speaker.cabinet.get(request.path_params["conversation_id"])
        c = found.conversation
        entry = self._speaker.entry(request, caller, case, c.id, c.partner, stimulus)
        return await self._speaker.tell(await self._speaker.append(entry), 200)


def find_profile(members: MembersFile | None, partner: str) -> Profile:
    """The corridor's. Rejected("wrong-parameter") where there is none."""
    corridor = None if members is None else members.current().find_corridor(partner)
    if corridor is None:
        names = [] if members is None else [each.region for each in members.current().partners()]
        rule = f"There is no corridor to that region.{suggest(partner, names)}"
        raise Rejected("wrong-parameter", "/partner", rule=rule)
    return corridor.profile
