"""One entry of the journal: what happened to a conversation, when, and what proves it.

State is the fold of `decide` over the entries, with `at` as now. So whoever wants something done appends an entry;
nobody writes state but the one who folds.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.exchange.journal.findings import FindingNote
from services.exchange.protocol.deadlines import Profile
from services.exchange.protocol.envelope import Receipt, Rejection
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Denial, Stimulus

SYSTEM = "exchange"
"""The actor of what the exchange does by itself."""


class Beginning(NamedTuple):
    """How a conversation begins that is not known yet; ignored where it is."""

    talk: Talk
    role: Role
    profile: Profile = Profile.STD
    asked: tuple[str, ...] = ()
    parent_id: str | None = None


class PersonKnown(NamedTuple):
    """Who the conversation is about in this region's register, and by which rule that was settled.

    `decided_by`: the people who settled it, where people did; two of them where identifier and person contradict.
    """

    person_id: UUID
    rule: str
    score: int | None = None
    decided_by: tuple[str, ...] = ()


class Join(NamedTuple):
    """Two conversations are about one person: the other one is joined with this one."""

    other_id: str


class SealedPart(NamedTuple):
    """Particulars of one subject, sealed at rest. `holder`: whose key; `role` and `commitment` as in the envelope.

    `nonce` and `ciphertext` are of the kernel's sealing (compartment `exchange`), bound to (message id, holder):
    see journal/sealing.py.
    """

    role: str
    commitment: str
    holder: UUID
    key_id: UUID
    block_schema_id: int
    nonce: bytes
    ciphertext: bytes


class Linked(NamedTuple):
    """Where a letter stands in its sender's chain: hashes are SHA-256 over the signed bytes."""

    position: int
    previous_hash: bytes
    signed_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`event_id`: UUIDv7, derived from the cause where the same cause must give the same entry.

    `partner` decides the order among entries. `conversation_id`: any of its ids, or the one that begins here. `at`
    counts to the millisecond; finer parts are cut off. `evidence`: for `Hear` the letter, for `TakeReceipt` and
    `TakeRejection` the partner's signed answer. `linked`: for `Hear`, its place in the partner's chain. `actor`: who
    did it, `exchange` for what is done without people. `case_reference`: the office's case, or the proof of a delivery.
    """

    event_id: UUID
    partner: str
    conversation_id: str
    at: datetime
    stimulus: Stimulus | Join | FindingNote
    begins: Beginning | None = None
    person: PersonKnown | None = None
    parts: tuple[SealedPart, ...] = ()
    evidence: bytes | None = None
    linked: Linked | None = None
    actor: str = SYSTEM
    office: str = ""
    case_reference: str | None = None


class Outcome(NamedTuple):
    """What became of an entry. `conversation_id`: the first of its ids. `reply`: for a message heard.

    `denial`: why nothing was done; `unknown-conversation` where there is none and none begins.
    """

    conversation_id: str
    reply: Receipt | Rejection | None = None
    denial: Denial | None = None
