"""What a batch of entries changes in the tables, gathered before anything is written."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

from services.exchange.journal.entry import Entry, Linked, Outcome, SealedPart
from services.exchange.journal.findings import FindingNote
from services.exchange.ledger.house import RegisterPost
from services.exchange.protocol.conversation import Conversation, Obligation
from services.exchange.protocol.stimuli import Escalation


@dataclass(slots=True)
class Held:
    """A conversation as it stands in the course of a batch. `duty_since`: when its last entry was appended.

    `person_since`: since when it is known who it is about.
    """

    conversation: Conversation
    opened_at: datetime
    person_id: UUID | None = None
    person_rule: str | None = None
    revision: int = 0
    duty_since: datetime | None = None
    person_since: datetime | None = None


class Send(Enum):
    """What becomes of `send_at` of a letter."""

    KEEP = "keep"
    CLEAR = "clear"


@dataclass(slots=True)
class MessageRow:
    """One message, as far as the batch changes it. None: as it was."""

    message_id: str
    is_ours: bool
    partner: str
    conversation_id: str
    message_type: str
    outcome: str
    in_reply_to: str | None
    said_at: datetime
    linked: Linked | None = None
    payload: bytes | None = None
    jws: bytes | None = None
    delivery: str | None = None
    error_code: str | None = None
    attempt: int = 0
    taken_at: datetime | None = None
    send: datetime | Send = Send.KEEP
    answer: bytes | None = None
    answered_at: datetime | None = None


class PartRow(NamedTuple):
    """Particulars of one subject of a message."""

    message_id: str
    is_ours: bool
    part: SealedPart


class Joined(NamedTuple):
    """One conversation went into another."""

    gone_id: str
    kept_id: str


class Chains:
    """The heads of the chains, by (partner, is_ours)."""

    def __init__(self, heads: dict[tuple[str, bool], tuple[int, bytes]]) -> None:
        self.heads = heads
        self.moved: set[tuple[str, bool]] = set()

    def find(self, partner: str, is_ours: bool) -> tuple[int, bytes] | None:
        """Position and hash of the last letter; None before the first."""
        return self.heads.get((partner, is_ours))

    def move(self, partner: str, is_ours: bool, position: int, signed_hash: bytes) -> None:
        """The head is that letter now."""
        self.heads[partner, is_ours] = (position, signed_hash)
        self.moved.add((partner, is_ours))


@dataclass(slots=True)
class Changes:
    """Everything that one batch comes to. Later changes of a row replace earlier ones."""

    changed: set[str] = field(default_factory=set)
    joined: list[Joined] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    obligations: dict[tuple[str, str], Obligation] = field(default_factory=dict)
    escalations: dict[tuple[str, str], tuple[Escalation, datetime]] = field(default_factory=dict)
    messages: dict[tuple[str, bool], MessageRow] = field(default_factory=dict)
    parts: list[PartRow] = field(default_factory=list)
    posts: list[tuple[str, RegisterPost]] = field(default_factory=list)
    follow_ups: list[Entry] = field(default_factory=list)
    findings: list[tuple[str, datetime, FindingNote]] = field(default_factory=list)
    outcomes: dict[UUID, tuple[datetime, Outcome]] = field(default_factory=dict)

    def put_message(self, row: MessageRow) -> None:
        """Adds it, or lays it over what the batch changed of it before."""
        before = self.messages.get((row.message_id, row.is_ours))
        if before is not None:
            row.jws, row.linked = row.jws or before.jws, row.linked or before.linked
            row.payload = row.payload or before.payload
            row.answer = row.answer or before.answer
            row.answered_at = row.answered_at or before.answered_at
            row.send = before.send if row.send is Send.KEEP else row.send
        self.messages[row.message_id, row.is_ours] = row
