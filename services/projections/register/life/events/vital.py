"""Enumeration, birth, death."""

from services.projections.register.life.course import BIRTH_RECORD, ENUMERATED, LifeCourse
from services.projections.register.life.events.unions import leave_widowed
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import (
    CIVIL_STATUS_DIFFERS,
    RESIDENCE_DIFFERS,
    SECOND_BIRTH,
    SECOND_DEATH,
    SECOND_ENUMERATION,
)
from services.projections.register.life.handling import BIRTH, DEATH, ENUMERATION, handles
from services.projections.register.life.places import UNKNOWN, Place, find_place, find_registered

NEVER_MARRIED = "never-married"
SECONDARY = "secondary"


@handles("PersonEnumerated", ENUMERATION)
def enumerated(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    birth_on: int | None,
    birth_on_precision: str | None,
    residence_kind: str | None,
    residence_region: str | None,
    residence_region_area: str | None,
    registered_region: str | None,
    registered_area: str | None,
    civil_status: str | None,
    birth_country: str | None,
    household_id: bytes | None,
    household_relation: str | None,
) -> None:
    """Found here when the register began: whatever was before is unknown. What it says of residence holds from it."""
    life.identify(fact, sex, birth_on, birth_on_precision, ENUMERATED)
    if birth_country is not None and life.birth_country is None:
        life.birth_country = birth_country
    if life.is_over(fact):
        return
    if life.enumerated is not None:
        life.doubt(fact, SECOND_ENUMERATION)
    life.enumerated = fact.event_id
    area = fact.residence_area
    if area is None or residence_kind == SECONDARY:
        lives = find_place(life.region, residence_region, residence_region_area, None, None)
    else:
        lives = (area, None, None, None)
    if life.usual not in (lives, UNKNOWN):
        life.doubt(fact, RESIDENCE_DIFFERS)
    kind = residence_kind if lives[0] is not None else None
    if registered_region is None and registered_area is None:
        life.settle(fact, lives, kind, lives)
    else:
        life.settle(fact, lives, kind, find_registered(life.region, registered_region, registered_area, lives))
    if civil_status is not None:
        state_status(life, fact, civil_status)
    if household_id is not None:
        life.join(fact, household_id, household_relation)


@handles("BirthRegistered", BIRTH)
def born(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    live_birth: bool,
    mother_birth_on: int | None,
    mother_birth_on_precision: str | None,
    mother_region: str | None,
    mother_region_area: str | None,
    registered_region: str | None,
    registered_area: str | None,
    household_id: bytes | None,
    birth_order: int | None,
) -> None:
    """The child lives where the mother does by the record of the birth. A stillborn child is known and never lived."""
    if role == "mother":
        life.identify(fact, None, mother_birth_on, mother_birth_on_precision)
        if not life.is_over(fact):
            life.see(fact, fact.residence_area)
        return
    if role != "child":
        return
    if not begin_life(life, fact, sex, live_birth):
        return
    area = fact.residence_area
    lives: Place
    if area is not None:
        lives = (area, None, None, None)
    else:
        lives = find_place(life.region, mother_region, mother_region_area, None, None)
    if registered_region is None and registered_area is None:
        life.settle(fact, lives, None, lives)
    else:
        life.settle(fact, lives, None, find_registered(life.region, registered_region, registered_area, lives))
    if household_id is not None:
        life.join(fact, household_id, "child")


@handles("DeathRegistered", DEATH)
def died(
    life: LifeCourse,
    fact: Fact,
    role: str,
    sex: str,
    birth_on: int | None,
    birth_on_precision: str | None,
    civil_status: str | None,
) -> None:
    """The earliest death counts. It leaves a surviving spouse widowed, by what the death itself says."""
    if role == "surviving_spouse":
        leave_widowed(life, fact, find_subject(fact, "deceased"))
        return
    life.identify(fact, sex, birth_on, birth_on_precision)
    if life.died_on is not None:
        life.doubt(fact, SECOND_DEATH, life.died_by)
        return
    life.see(fact, fact.residence_area)
    if civil_status not in (None, "unknown", life.status) and life.status is not None:
        life.doubt(fact, CIVIL_STATUS_DIFFERS)
    end_life(life, fact)


def begin_life(life: LifeCourse, fact: Fact, sex: str | None, live_birth: bool | None) -> bool:
    """Whether the child lives from here on: not if stillborn, born already, or dead already."""
    if life.born_weight == BIRTH_RECORD:
        life.doubt(fact, SECOND_BIRTH, life.born_by)
        return False
    life.identify(fact, sex, fact.occurred_on, fact.precision, BIRTH_RECORD)
    if life.died_on is not None:
        return False
    if live_birth is False:
        life.stillborn = True
        end_life(life, fact)
        return False
    if life.status is None:
        life.status = NEVER_MARRIED
    return True


def end_life(life: LifeCourse, fact: Fact) -> None:
    """Nothing later is applied."""
    life.died_on, life.died_precision, life.died_by = fact.occurred_on, fact.precision, fact


def state_status(life: LifeCourse, fact: Fact, status: str) -> None:
    """A civil status as declared: holds from then on; another than what is recorded is a finding."""
    if status in ("unknown", life.status):
        return
    if life.status is not None:
        life.doubt(fact, CIVIL_STATUS_DIFFERS)
    life.change_status(fact, status, None)


def find_subject(fact: Fact, role: str) -> bytes | None:
    """Who stands in a role."""
    for subject in fact.subjects:
        if subject.role == role:
            return subject.person_id
    return None
