"""The words in which conversations, letters and obligations stand. Names are part of the protocol: they never
change."""

from enum import StrEnum


class Talk(StrEnum):
    """What a conversation is about (`conversation_type`)."""

    MOVE = "MOVE"
    VERIFY = "VERIFY"
    DISCREPANCY = "DISCREPANCY"
    REG_TRANSFER = "REG_TRANSFER"
    UPDATE = "UPDATE"
    CERTIFICATE = "CERTIFICATE"
    REFERRAL = "REFERRAL"


class Role(StrEnum):
    """Which side a region is. In a move: destination or origin. Elsewhere: who asks and who answers."""

    DESTINATION = "DESTINATION"
    ORIGIN = "ORIGIN"
    ASKER = "ASKER"
    ANSWERER = "ANSWERER"
    EITHER = "EITHER"

    @property
    def opposite(self) -> "Role":
        return _OPPOSITES[self]


_OPPOSITES = {
    Role.DESTINATION: Role.ORIGIN,
    Role.ORIGIN: Role.DESTINATION,
    Role.ASKER: Role.ANSWERER,
    Role.ANSWERER: Role.ASKER,
    Role.EITHER: Role.EITHER,
}


class State(StrEnum):
    """Where a conversation stands, as one side sees it."""

    NONE = "NONE"
    OPEN = "OPEN"
    UNDELIVERABLE = "UNDELIVERABLE"
    DELIVERED = "DELIVERED"
    MANUAL_PAIRING = "MANUAL_PAIRING"
    PAIRED = "PAIRED"
    VERIFYING = "VERIFYING"
    REFUSING = "REFUSING"
    REFUSED = "REFUSED"
    FORWARDED = "FORWARDED"
    CONTESTED = "CONTESTED"
    ANSWERED = "ANSWERED"
    SETTLED = "SETTLED"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"
    CLARIFYING = "CLARIFYING"
    RECEIVED = "RECEIVED"
    UNDER_INVESTIGATION = "UNDER_INVESTIGATION"
    DECIDED = "DECIDED"


FINAL = frozenset({State.CLOSED, State.WITHDRAWN, State.LAPSED, State.FORWARDED, State.DECIDED})
"""A conversation in one of these waits for nothing. A word that comes late may still take it up again."""

RESTING = FINAL | {State.SETTLED, State.NONE}
"""Where a conversation may stay for years: it ended, its link lives, or nobody ever opened it."""


class Delivery(StrEnum):
    """Where one of our own messages stands on its way to the partner."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    RETRY_WAIT = "RETRY_WAIT"
    RECEIPTED = "RECEIPTED"
    REJECTED_TECH = "REJECTED_TECH"
    DEAD_LETTERED = "DEAD_LETTERED"
    REQUEUED = "REQUEUED"
    HANDLED_MANUALLY = "HANDLED_MANUALLY"


TAKEN = frozenset({Delivery.RECEIPTED, Delivery.HANDLED_MANUALLY})
"""The partner has it, by its receipt or by an operator's proof."""

UNDER_WAY = frozenset({Delivery.QUEUED, Delivery.SENT, Delivery.RETRY_WAIT, Delivery.REQUEUED})


class Clock(StrEnum):
    """Where an obligation stands in time."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    DUE_SOON = "DUE_SOON"
    OVERDUE = "OVERDUE"
    ESCALATED = "ESCALATED"


class End(StrEnum):
    """How an obligation ended; each ends once."""

    FULFILLED = "FULFILLED"
    VOIDED = "VOIDED"
    LAPSED = "LAPSED"


class Link(StrEnum):
    """Whether the two records of the mover are linked."""

    NONE = "NONE"
    OPEN = "OPEN"
    ENDED = "ENDED"
