"""What people may decide of a pairing, and what a decision comes to. Pure.

Where an identifier and the person contradict each other two different people decide: the first proposes, the second
confirms or refuses, and a refusal opens the question again.
"""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.exchange.journal.entry import Entry, PersonKnown
from services.exchange.pairing.matching import LIKELY_FROM
from services.exchange.pairing.pairing import Found, Kind, Rule
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.stimuli import Find, Finding, Say, Tick
from services.kernel.errors import Conflict, Forbidden, Rejected


class Chosen(StrEnum):
    """What people choose: one of those found, that it is none of them, that they cannot be told apart, or that
    identifier and person do not belong together."""

    PERSON = "PERSON"
    NOBODY = "NOBODY"
    NOT_UNIQUE = "NOT_UNIQUE"
    CONFLICT = "CONFLICT"


CODES = {Chosen.NOBODY: "B-G", Chosen.NOT_UNIQUE: "B-U", Chosen.CONFLICT: "B-C"}
"""How an arrival is refused then."""


class Step(StrEnum):
    DECIDED = "decided"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Choice(NamedTuple):
    """What somebody asks for. `agrees`: to a proposal of somebody else's, or not; then nothing else is said."""

    chosen: Chosen | None = None
    person_id: UUID | None = None
    agrees: bool | None = None


class Proposal(NamedTuple):
    """What one person has proposed and another one must confirm."""

    by: str
    chosen: Chosen
    person_id: UUID | None


class Case(NamedTuple):
    """A question for people. `revision`: counts what changed. `decided_at`: None while it is open."""

    conversation_id: UUID
    partner: str
    kind: Kind
    opened_at: datetime
    revision: int
    found: tuple[Found, ...]
    proposal: Proposal | None = None
    decided_at: datetime | None = None

    @property
    def has_protected(self) -> bool:
        return any(each.is_protected for each in self.found)


class Taken(NamedTuple):
    """A step that may be taken. `decided_by`: who settled it, once it is settled; empty before."""

    step: Step
    chosen: Chosen
    person_id: UUID | None
    decided_by: tuple[str, ...]
    is_override: bool


def take_step(case: Case, choice: Choice, actor: str) -> Taken:
    """What a choice comes to.

    Conflict("pairing-settled") after the end, Forbidden("same-person-decides") where another person is needed,
    Rejected for what cannot be chosen.
    """
    if case.decided_at is not None:
        raise Conflict("pairing-settled")
    if case.proposal is not None:
        return _answer(case, case.proposal, choice, actor)
    if choice.agrees is not None or choice.chosen is None:
        raise Rejected("wrong-choice", "/agrees", rule="Nothing was proposed: say an outcome.")
    if (choice.chosen is Chosen.PERSON) != (choice.person_id is not None):
        raise Rejected("wrong-choice", "/person_id", rule="With PERSON, and only then, one of those found is named.")
    if choice.person_id is not None and choice.person_id not in {each.person_id for each in case.found}:
        raise Rejected("wrong-choice", "/person_id", rule="It is one of those found for this question, or nobody.")
    if choice.chosen is Chosen.CONFLICT and case.kind is not Kind.CONFLICT:
        raise Rejected("wrong-choice", "/outcome", rule="No identifier contradicts anybody here.")
    step = Step.PROPOSED if case.kind is Kind.CONFLICT else Step.DECIDED
    by = () if step is Step.PROPOSED else (actor,)
    return Taken(step, choice.chosen, choice.person_id, by, _overrides(case, choice.chosen, choice.person_id))


def _answer(case: Case, proposal: Proposal, choice: Choice, actor: str) -> Taken:
    if choice.agrees is None or choice.chosen is not None:
        raise Conflict("pairing-proposed")
    override = _overrides(case, proposal.chosen, proposal.person_id)
    if not choice.agrees:  # also by whoever proposed it: they may think again
        return Taken(Step.REFUSED, proposal.chosen, proposal.person_id, (), override)
    if actor == proposal.by:
        raise Forbidden("same-person-decides")
    return Taken(Step.CONFIRMED, proposal.chosen, proposal.person_id, (proposal.by, actor), override)


def _overrides(case: Case, chosen: Chosen, person_id: UUID | None) -> bool:
    likeliest = max(case.found, key=lambda each: each.score, default=None)
    if likeliest is None:
        return False
    if chosen is Chosen.PERSON:
        score = next(each.score for each in case.found if each.person_id == person_id)
        return score < likeliest.score
    return chosen is Chosen.NOBODY and likeliest.score >= LIKELY_FROM


def make_entry(
    conversation: Conversation, case: Case, taken: Taken, at: datetime, case_reference: str, office: str
) -> Entry:
    """The journal's entry of a decision: the same for the same case, revision and choice.

    Conflict("pairing-settled") where the conversation does not wait for it any more.
    """
    event_id = derive_id(case.opened_at, "pairing", case.conversation_id, case.revision, taken.chosen, taken.person_id)
    person = None
    if taken.person_id is not None:
        score = next(each.score for each in case.found if each.person_id == taken.person_id)
        person = PersonKnown(taken.person_id, Rule.PEOPLE, score, taken.decided_by)
    return Entry(
        event_id=UUID(event_id),
        partner=conversation.partner,
        conversation_id=conversation.id,
        at=at,
        stimulus=_find_stimulus(conversation, taken, event_id, office),
        person=person,
        actor=taken.decided_by[-1],
        office=office,
        case_reference=case_reference,
    )


def _find_stimulus(conversation: Conversation, taken: Taken, event_id: str, office: str) -> Find | Say | Tick:
    waits = conversation.state is State.MANUAL_PAIRING
    if conversation.talk is Talk.DISCREPANCY and taken.chosen is Chosen.PERSON:
        return Tick()  # nothing goes on by itself: it is known from now on who is meant
    if not waits or conversation.talk is Talk.DISCREPANCY:
        raise Conflict("pairing-settled")
    if taken.chosen is Chosen.PERSON:
        return Find(Finding.PAIRED)
    message_id = derive_id(conversation.now, "pairing answers", event_id)
    if conversation.talk is Talk.MOVE and conversation.role is Role.ORIGIN:
        body = {"reason_code": CODES[taken.chosen]}
        return Say("204", body, message_id, office, in_reply_to=conversation.arrival)
    request = next((each.id for each in reversed(conversation.taken) if each.code == "301"), None)
    return Say("302", {"outcome": "NOT_PERMITTED"}, message_id, office, in_reply_to=request)
