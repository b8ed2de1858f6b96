"""A conversation as one side keeps it: a value. Nothing here changes; what is decided makes a new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from services.exchange.protocol.calendars import Calendar
from services.exchange.protocol.deadlines import Kind, Profile
from services.exchange.protocol.envelope import Envelope, Receipt, Rejection
from services.exchange.protocol.states import FINAL, RESTING, UNDER_WAY, Clock, Delivery, End, Link, Role, State, Talk


class Milestone(StrEnum):
    """What lies ahead of an obligation that is not fulfilled."""

    DUE_SOON = "DUE_SOON"
    DUE = "DUE"
    REMIND = "REMIND"
    ESCALATE = "ESCALATE"
    LAPSE = "LAPSE"


class Ahead(NamedTuple):
    at: datetime
    what: Milestone
    level: int = 0


class PauseReason(StrEnum):
    """The only reasons for which a clock stands still."""

    CLARIFICATION = "CLARIFICATION"
    DEBTOR_OUTAGE = "DEBTOR_OUTAGE"
    FORCE_MAJEURE = "FORCE_MAJEURE"


class Pause(NamedTuple):
    """A pause; `until` is None while it lasts."""

    reason: PauseReason
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Obligation:
    """Something owed. `id` is `<what opened it>/<kind>`, the same in the books of both sides.

    `opened_by`: the message or the registration that opened it. `about`: the request that an answer must reply to.
    `parent`: for the reply to a reminder, what it reminds of.
    `answered_by`: a message of the debtor's that will fulfil it once it is delivered. `ahead`: what happens while it
    is not fulfilled, in order of time.
    """

    id: str
    kind: Kind
    debtor: str
    creditor: str
    opened_by: str
    about: str
    opened_at: datetime
    due_at: datetime
    calendar_region: str
    calendar_version: int
    ahead: tuple[Ahead, ...]
    clock: Clock = Clock.RUNNING
    pauses: tuple[Pause, ...] = ()
    parent: str | None = None
    answered_by: str | None = None
    reminders: int = 0
    end: End | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def is_open(self) -> bool:
        return self.end is None


@dataclass(frozen=True, slots=True)
class Letter:
    """One of our messages on its way. `tries`: how often it was sent since it was last queued."""

    envelope: Envelope
    outcome: str
    delivery: Delivery = Delivery.QUEUED
    tries: int = 0
    attempt: int = 0
    first_sent_at: datetime | None = None
    next_at: datetime | None = None
    hash: str = ""
    receipt: Receipt | None = None
    error_code: str | None = None

    @property
    def id(self) -> str:
        return self.envelope.message_id

    @property
    def code(self) -> str:
        return self.envelope.message_type


class Taken(NamedTuple):
    """One of the partner's messages that was taken. `noted`: it changed nothing, the conversation was past it."""

    envelope: Envelope
    outcome: str
    receipt: Receipt
    noted: bool = False

    @property
    def id(self) -> str:
        return self.envelope.message_id

    @property
    def code(self) -> str:
        return self.envelope.message_type


@dataclass(frozen=True, slots=True)
class Conversation:
    """What one region (`own`) knows of its conversation with another about one person.

    `ids`: the id of the conversation, then ids of those that were joined with it. `arrival`, `departure`: the 201 and
    the
    202 that stand. `asked`: regions that were asked before, when a notice was forwarded. `now`: the latest instant
    seen:
    time does not run backward within a conversation. `stay_end`: how the stay ended, once it has.
    `linked_on`: the day of the link, as it was logged last.
    """

    ids: tuple[str, ...]
    talk: Talk
    own: str
    partner: str
    role: Role
    now: datetime
    profile: Profile = Profile.STD
    state: State = State.NONE
    since: datetime | None = None
    tacit: bool = False
    link: Link = Link.NONE
    arrival: str | None = None
    departure: str | None = None
    registration_id: str | None = None
    departure_event_id: str | None = None
    departure_confirmed: bool = False
    outflow: "Outflow | None" = None
    round: int = 0
    letters: tuple[Letter, ...] = ()
    taken: tuple[Taken, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    refused: tuple[Rejection, ...] = ()
    duplicates: int = 0
    asked: tuple[str, ...] = ()
    parent_id: str | None = None
    stay_end: str | None = None
    updates: "tuple[Update, ...]" = ()
    linked_on: date | None = None

    @property
    def id(self) -> str:
        return self.ids[0]

    @property
    def open_obligations(self) -> tuple[Obligation, ...]:
        return tuple(each for each in self.obligations if each.is_open)

    @property
    def has_ended(self) -> bool:
        """In a final state, and nothing is owed or under way."""
        return self.state in FINAL and self.is_at_rest

    @property
    def is_at_rest(self) -> bool:
        """Nothing will happen until somebody speaks; of a living link only its confirmation may be owed."""
        owed = any(each.kind is not Kind.RECONFIRM for each in self.open_obligations)
        return self.state in RESTING and not owed and not any(each.delivery in UNDER_WAY for each in self.letters)

    def find_letter(self, message_id: str | None) -> Letter | None:
        return next((each for each in self.letters if each.id == message_id), None)

    def find_taken(self, message_id: str | None) -> Taken | None:
        return next((each for each in self.taken if each.id == message_id), None)


class Outflow(NamedTuple):
    """The event by which the origin recorded that the person lives at the destination."""

    type: str
    caused_by: str
    ordinal: int
    since: str


class Update(NamedTuple):
    """An event by which the register took over what the partner said of a change."""

    caused_by: str
    ordinal: int


class Directory(NamedTuple):
    """What members know of one another: the calendars of all regions, with their histories."""

    calendars: Mapping[str, Calendar]


def begin(
    conversation_id: str,
    talk: Talk,
    own: str,
    partner: str,
    role: Role,
    now: datetime,
    *,
    profile: Profile = Profile.STD,
    asked: tuple[str, ...] = (),
    parent_id: str | None = None,
) -> Conversation:
    """A conversation in which nothing was said yet."""
    return Conversation(
        (conversation_id,),
        talk,
        own,
        partner,
        role,
        now,
        profile,
        since=now,
        asked=(*asked, partner),
        parent_id=parent_id,
    )
