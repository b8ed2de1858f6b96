"""What the exchange with a partner region did to a record."""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.events.unions import DIVORCED, UNIONS, WIDOWED
from services.projections.register.life.events.vital import begin_life, end_life, find_subject, state_status
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import RESIDENCE_DIFFERS, SECOND_DEATH, STEP_MISSING
from services.projections.register.life.handling import BEGINNING, CLOSING, FOLLOWING, handles
from services.projections.register.life.places import UNKNOWN, find_place
from services.projections.register.life.records import Link


@handles("LinkOpened", BEGINNING)
def opened(life: LifeCourse, fact: Fact, role: str, partner_region: str, own_side: str, settled_by: str | None) -> None:
    """A link is known by its link_id; the event's own id stands in where there is none."""
    counterpart = find_subject(fact, "counterpart")
    life.links[fact.link_id or fact.event_id] = Link(life.day, own_side, partner_region, counterpart, settled_by)


@handles("LinkEnded", CLOSING)
def ended(life: LifeCourse, fact: Fact, role: str, partner_region: str, own_side: str, reason: str) -> None:
    """Its history stays."""
    link_id = fact.link_id or fact.event_id
    link = life.links.get(link_id)
    if link is None:
        life.doubt(fact, STEP_MISSING)
        link = life.links[link_id] = Link(None, own_side, partner_region, find_subject(fact, "counterpart"))
    link.to_day, link.end_reason = life.day, reason


@handles("RecordUpdatedByPartner", FOLLOWING)
def updated_by_partner(
    life: LifeCourse,
    fact: Fact,
    role: str,
    partner_region: str,
    change_kind: str,
    civil_status: str | None,
    child_sex: str | None,
    live_birth: bool | None,
    to_region: str | None,
    to_area: str | None,
) -> None:
    """What a partner says of a mover counts like an event of our own where it changes a life: a death, a civil status,
    where somebody lives who lives elsewhere. The spouse that it names keeps what this register says of them.
    """
    if role == "child":
        _add_child(life, fact, partner_region, child_sex, live_birth)
        return
    if role != "mover":
        return
    if change_kind == "death" and life.died_on is not None:
        if life.died_on != fact.occurred_on:
            life.doubt(fact, SECOND_DEATH, life.died_by)
        return
    if life.is_over(fact):
        return
    if change_kind == "death":
        end_life(life, fact)
    elif change_kind == "address" and to_region is not None:
        _move_elsewhere(life, fact, to_region, to_area)
    elif change_kind in ("marriage", "divorce", "widowhood") and civil_status not in (None, life.status):
        _change_status(life, fact, civil_status or "unknown")


def _add_child(life: LifeCourse, fact: Fact, partner_region: str, sex: str | None, live_birth: bool | None) -> None:
    if begin_life(life, fact, sex, live_birth):
        life.settle(fact, find_place(life.region, partner_region, None, None, None), None, UNKNOWN)


def _move_elsewhere(life: LifeCourse, fact: Fact, region: str, area: str | None) -> None:
    if life.usual[0] is not None:
        life.doubt(fact, RESIDENCE_DIFFERS)
    else:
        life.settle(fact, find_place(life.region, region, area, None, None), None, life.registered)


def _change_status(life: LifeCourse, fact: Fact, status: str) -> None:
    """The end of a union follows from its being one; everything else that differs is a finding."""
    if status in UNIONS or (status in (DIVORCED, WIDOWED) and life.status in (None, *UNIONS)):
        life.change_status(fact, status, find_subject(fact, "spouse") if status in UNIONS else None)
    else:
        state_status(life, fact, status)
