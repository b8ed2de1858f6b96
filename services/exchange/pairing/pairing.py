"""What pairing is asked, and what comes of it. Pure.

Nothing here says what a person is called or when they were born: explanations name fields and how well they agree.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.exchange.particulars.identification import Identification


class Kind(StrEnum):
    """What came of it; exhaustive."""

    PAIRED = "PAIRED"
    """One record, beyond doubt. Whether it may be answered with is another matter: `refusal`."""
    CONFLICT = "CONFLICT"
    """The identifier leads to somebody whose name or birth date is another. Two people decide."""
    CANDIDATES = "CANDIDATES"
    """Somebody might be meant. People decide."""
    NOT_UNIQUE = "NOT_UNIQUE"
    """Several fit. People decide."""
    NOT_FOUND = "NOT_FOUND"
    """Nobody, or nobody who may be told of."""
    INSUFFICIENT = "INSUFFICIENT"
    """Too little was said to find anybody by: `missing_fields`."""


NEEDS_PEOPLE = frozenset({Kind.CONFLICT, Kind.CANDIDATES, Kind.NOT_UNIQUE})


class Rule(StrEnum):
    """By what a person was paired; stands in the journal with every pairing."""

    LINK = "link"
    IDENTIFIER = "identifier"
    MINIMUM_SET = "minimum-set"
    PEOPLE = "people"


class Evidence(NamedTuple):
    """How well one field agrees. `weight` in bits: what the agreement says for (above 0) or against the person."""

    field: str
    verdict: str
    weight: float = 0.0


class Found(NamedTuple):
    """One record that may be meant, without particulars. `score`: 0 to 100. `refusal`: what its state says."""

    person_id: UUID
    score: int
    explanation: tuple[Evidence, ...]
    refusal: str | None = None
    is_protected: bool = False


class Question(NamedTuple):
    """`partner`: the region that asks. `moved_on`: since when the person lives there, as it says.

    `link_id`: of the conversation itself, where it has one already: it is no reason to refuse.
    """

    conversation_id: str
    identification: Identification
    partner: str = ""
    moved_on: date | None = None
    link_id: UUID | None = None


class Pairing(NamedTuple):
    """`person_id`, `rule`, `score`: with PAIRED. `found`: with what needs people, best first.

    `refusal`: the business code that the state of the record asks for when a *notice of arrival* is answered (B-D
    deceased, B-E left the country, B-F moved on, B-A already there, B-L later event), and the code of an answer that
    finds nobody (B-G, B-Z; B-P where somebody is protected, told as B-G). None: nothing stands in the way.
    `forward_to`: with B-F. `since`: from when the state is so, where known.
    """

    kind: Kind
    person_id: UUID | None = None
    rule: Rule | None = None
    score: int | None = None
    explanation: tuple[Evidence, ...] = ()
    refusal: str | None = None
    forward_to: str | None = None
    since: date | None = None
    missing_fields: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
