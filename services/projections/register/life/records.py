"""What a life consists of besides its dates: steps of residence, departures, statuses, papers, marks."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from services.projections.register.life.fact import Fact
from services.projections.register.life.places import Place

AWAITING, CONFIRMED, LAPSED, FINAL = "awaiting", "confirmed", "lapsed", "final"


Step: TypeAlias = tuple[int, str, Place, str | None, Place, Fact]
"""Day, precision, where the person lives from then on, in which kind, where registered, and which event says so."""


class Answer(NamedTuple):
    """What became of a departure that waited: confirmed (and where to, if it says) or lapsed."""

    state: str
    day: int
    region: str | None
    area: str | None
    fact: Fact


class Departure(NamedTuple):
    """A departure and its state; `day` is imputed."""

    event_id: bytes
    day: int
    precision: str
    from_area: str
    to: Place
    state: str
    answered_day: int | None


class Status(NamedTuple):
    """From `day` on the person's civil status; `spouse_id` of a union that stands."""

    day: int
    precision: str
    status: str
    spouse_id: bytes | None
    event_id: bytes


class Membership(NamedTuple):
    """From `day` on a member of a household; of none if there is no id."""

    day: int
    precision: str
    household_id: bytes | None
    relation: str | None
    event_id: bytes


class Identifier(NamedTuple):
    """An identifier of a kind was assigned; its value is sealed."""

    day: int
    kind: str
    event_id: bytes
    replaces_former: bool


@dataclass(slots=True)
class Certificate:
    """An application, the certificate that came of it, or both."""

    certificate_id: bytes | None
    application_id: bytes | None
    kind: str
    state: str
    day: int
    valid_from: int | None = None
    valid_until: int | None = None
    reason: str | None = None


@dataclass(slots=True)
class Link:
    """The records of one mover in two regions."""

    from_day: int | None
    own_side: str
    partner_region: str
    counterpart_id: bytes | None
    settled_by: str | None = None
    to_day: int | None = None
    end_reason: str | None = None


@dataclass(slots=True)
class Marker:
    """Parts of a record are withheld (protection) or were erased. `to_day`: after its last day, or when lifted."""

    kind: str
    scopes: tuple[str, ...]
    from_day: int
    to_day: int | None = None
    lifted: bool = False


@dataclass(slots=True)
class Dispute:
    """Somebody doubts what is recorded."""

    path: str
    ground: str
    raised_by: str
    disputed_event_id: bytes | None
    from_day: int
    expected_day: int | None
    to_day: int | None = None
    decision: str | None = None


class Service(NamedTuple):
    """An offer that was not answered, a delivery, a referral or a consent, under a pseudonym."""

    item_id: bytes
    kind: str
    service_code: str | None
    from_day: int
    to_day: int | None
