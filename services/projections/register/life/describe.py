"""One life as at a day, in plain values, for those who read it."""

from dataclasses import dataclass

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.episodes import (
    Residence,
    Span,
    civil_statuses,
    find_at,
    memberships,
    residences,
)
from services.projections.register.life.places import UNKNOWN, Place
from services.projections.register.life.records import Departure

UNBORN, ALIVE, DEAD = "unborn", "alive", "dead"


@dataclass(frozen=True, slots=True)
class State:
    """A person as at the end of a day. Places are None before birth and after death, `UNKNOWN` where nobody knows;
    episodes are those in which the day lies.
    """

    vital: str
    usual: Place | None
    kind: str | None
    registered: Place | None
    civil_status: str | None
    spouse_id: bytes | None
    household_id: bytes | None
    relation: str | None
    residence: Residence | None
    awaited_departure: Departure | None


def describe(life: LifeCourse, day: int) -> State:
    """The state at the end of a day: what began on it holds. Somebody without a known birth date is never unborn."""
    residence: Residence | None = find_at(residences(life), day)
    status: Span | None = find_at(civil_statuses(life), day)
    member: Span | None = find_at(memberships(life), day)
    awaited = [d for d in life.departures.values() if d.state == "awaiting" and d.day <= day]
    vital = ALIVE
    if life.died is not None and life.died <= day:
        vital = DEAD
    elif life.born is not None and day < life.born:
        vital = UNBORN
    if vital != ALIVE:
        return State(vital, None, None, None, None, None, None, None, None, None)
    implied = "never-married" if life.began_here else None
    return State(
        vital,
        residence.usual if residence else UNKNOWN,
        residence.kind if residence else None,
        residence.registered if residence else UNKNOWN,
        status.state[0] if status else implied,
        status.state[1] if status else None,
        member.state[0] if member else None,
        member.state[1] if member else None,
        residence,
        awaited[-1] if awaited else None,
    )
