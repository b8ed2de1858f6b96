"""What can happen to a conversation, and what is decided of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from services.exchange.protocol.bodies import Body
from services.exchange.protocol.conversation import Conversation, Obligation, PauseReason
from services.exchange.protocol.envelope import Envelope, Part, Receipt, Rejection, Urgency


class Hear(NamedTuple):
    """A message of the partner's has come."""

    envelope: Envelope


class Say(NamedTuple):
    """An office, or the system for it, wants to say something. The body holds no `part` fields: those are sealed."""

    code: str
    body: Body
    message_id: str
    office: str = ""
    in_reply_to: str | None = None
    occurred_on: date | None = None
    effective_on: date | None = None
    urgency: Urgency = Urgency.ROUTINE
    response_required: bool = False
    parts: tuple[Part, ...] = ()


class Finding(StrEnum):
    """What people or programs of our own found out."""

    PAIRED = "PAIRED"
    AMBIGUOUS = "AMBIGUOUS"
    COMPENSATED = "COMPENSATED"
    RECONFIRMED = "RECONFIRMED"


class Find(NamedTuple):
    finding: Finding


class Register(NamedTuple):
    """An arrival was registered here that the partner must be told of."""

    registration_id: str
    registered_at: datetime


class TakeReceipt(NamedTuple):
    """901 for one of our messages, from the partner's exchange."""

    receipt: Receipt


class TakeRejection(NamedTuple):
    """902 for one of our messages."""

    rejection: Rejection


class Requeue(NamedTuple):
    """An operator sends a dead letter again."""

    message_id: str


class Prove(NamedTuple):
    """An operator has brought a dead letter to the partner in another way, and has proof."""

    message_id: str
    received_at: datetime


class StopClock(NamedTuple):
    """An obligation's clock stands still: an outage that a supervisor confirmed, or force majeure."""

    obligation_id: str
    reason: PauseReason


class StartClock(NamedTuple):
    obligation_id: str


class Tick(NamedTuple):
    """Time has passed, nothing else."""


Stimulus = Hear | Say | Find | Register | TakeReceipt | TakeRejection | Requeue | Prove | StopClock | StartClock | Tick


class RegisterEvent(NamedTuple):
    """Something that the register must log. Its event id is derived from (`caused_by`, `ordinal`)."""

    type: str
    caused_by: str
    ordinal: int
    occurred_on: date
    facts: tuple[tuple[str, object], ...]
    link_id: str | None = None


class Opening(NamedTuple):
    """Another conversation that must be opened because of this one: the notice that is forwarded, the discrepancy."""

    code: str
    partner: str
    parent_id: str
    asked: tuple[str, ...] = ()
    needs_people: bool = False
    """The region was asked before, or too many were: people must look before anything is said."""


class Escalation(NamedTuple):
    """703, to the supervisors of both regions: metadata only."""

    obligation_id: str
    kind: str
    debtor: str
    creditor: str
    due_at: datetime


class Denial(NamedTuple):
    """What was asked for cannot be done now. `why` is a word; nothing has changed."""

    why: str
    path: str = ""


class Decision(NamedTuple):
    """What follows from one stimulus. `reply`: receipt or rejection for the message heard. `messages`: to send now.

    `obligations`: those that are new or changed.
    """

    conversation: Conversation
    reply: Receipt | Rejection | None = None
    messages: tuple[Envelope, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    register_events: tuple[RegisterEvent, ...] = ()
    openings: tuple[Opening, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    denial: Denial | None = None
