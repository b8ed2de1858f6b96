"""States of a record: protection, disputes, erasure."""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import STEP_MISSING
from services.projections.register.life.handling import BEGINNING, CLOSING, handles
from services.projections.register.life.records import Dispute, Marker

PROTECTION, ERASURE = "protection", "erasure"


@handles("ProtectionMarkerSet", BEGINNING)
def protected(
    life: LifeCourse,
    fact: Fact,
    role: str,
    marker_id: bytes,
    withheld: list[str],
    valid_until_on: int | None,
) -> None:
    """Its last day is written down; whether it is over yet is for readers, who have a clock."""
    until = None if valid_until_on is None else valid_until_on + 1
    life.markers[marker_id] = Marker(PROTECTION, tuple(sorted(set(withheld))), life.day, until)


@handles("ProtectionMarkerLifted", CLOSING)
def lifted(life: LifeCourse, fact: Fact, role: str, marker_id: bytes) -> None:
    """A marker that is not recorded is not lifted: where it is set later, it holds."""
    marker = life.markers.get(marker_id)
    if marker is None:
        life.doubt(fact, STEP_MISSING)
        return
    marker.lifted = True
    if marker.to_day is None or marker.to_day > life.day:
        marker.to_day = life.day


@handles("SubjectErased", BEGINNING)
def erased(life: LifeCourse, fact: Fact, role: str, compartments: list[str]) -> None:
    """Keys are destroyed; what stands unsealed stays, and so does every count."""
    life.markers[fact.event_id] = Marker(ERASURE, tuple(sorted(set(compartments))), life.day)


@handles("FieldDisputed", BEGINNING)
def disputed(
    life: LifeCourse,
    fact: Fact,
    role: str,
    dispute_id: bytes,
    disputed_event_id: bytes | None,
    path: str,
    ground: str,
    raised_by: str,
    decision_expected_on: int | None,
) -> None:
    """Shown with every read until it is settled."""
    life.disputes[dispute_id] = Dispute(path, ground, raised_by, disputed_event_id, life.day, decision_expected_on)


@handles("DisputeSettled", CLOSING)
def settled(life: LifeCourse, fact: Fact, role: str, dispute_id: bytes, decision: str) -> None:
    """What carries the decision out are corrections and annulments of their own."""
    dispute = life.disputes.get(dispute_id)
    if dispute is None:
        life.doubt(fact, STEP_MISSING)
        return
    dispute.to_day, dispute.decision = life.day, decision
