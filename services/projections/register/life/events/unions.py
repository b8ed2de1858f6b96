"""Marriages, registered partnerships, and how they end."""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import SECOND_MARRIAGE, UNION_NOT_RECORDED
from services.projections.register.life.handling import BEGINNING, ENDING, handles

MARRIED, PARTNERED, SEPARATED, WIDOWED, DIVORCED = "married", "partnered", "separated", "widowed", "divorced"
UNIONS = frozenset({MARRIED, PARTNERED, SEPARATED})
FIRST = "first_spouse"


@handles("MarriageRegistered", BEGINNING)
def married(
    life: LifeCourse,
    fact: Fact,
    role: str,
    union_kind: str | None,
    first_spouse_sex: str,
    first_spouse_birth_on: int | None,
    first_spouse_birth_on_precision: str | None,
    first_spouse_residence_area: str | None,
    second_spouse_sex: str,
    second_spouse_birth_on: int | None,
    second_spouse_birth_on_precision: str | None,
    second_spouse_residence_area: str | None,
) -> None:
    """A second union is a finding, and the later one counts. A partnership that becomes a marriage is none."""
    if role == FIRST:
        life.identify(fact, first_spouse_sex, first_spouse_birth_on, first_spouse_birth_on_precision)
        area = first_spouse_residence_area
    else:
        life.identify(fact, second_spouse_sex, second_spouse_birth_on, second_spouse_birth_on_precision)
        area = second_spouse_residence_area
    if life.is_over(fact):
        return
    life.see(fact, area)
    spouse = _other(fact, role)
    _note(life, fact, role, "partnership" if union_kind == "registered-partnership" else "marriage", area)
    status = PARTNERED if union_kind == "registered-partnership" else MARRIED
    if life.status in UNIONS and not (life.status == PARTNERED and status == MARRIED and life.spouse_id == spouse):
        life.doubt(fact, SECOND_MARRIAGE)
    life.change_status(fact, status, spouse)


@handles("DivorceRegistered", ENDING)
def divorced(
    life: LifeCourse,
    fact: Fact,
    role: str,
    ending: str | None,
    first_spouse_sex: str,
    first_spouse_birth_on: int | None,
    first_spouse_birth_on_precision: str | None,
    first_spouse_residence_area: str | None,
    second_spouse_sex: str,
    second_spouse_birth_on: int | None,
    second_spouse_birth_on_precision: str | None,
    second_spouse_residence_area: str | None,
) -> None:
    """Ends the union that stands with this spouse. One that a court declared void leaves the status before it, and one
    that was converted goes on as what it was converted to.
    """
    if role == FIRST:
        life.identify(fact, first_spouse_sex, first_spouse_birth_on, first_spouse_birth_on_precision)
        area = first_spouse_residence_area
    else:
        life.identify(fact, second_spouse_sex, second_spouse_birth_on, second_spouse_birth_on_precision)
        area = second_spouse_residence_area
    if life.is_over(fact):
        return
    life.see(fact, area)
    if not _can_end(life, fact, _other(fact, role)) or ending == "converted":
        return
    if ending == "annulment":
        life.change_status(fact, _status_before_union(life), None)
    else:
        _note(life, fact, role, "dissolution" if ending == "dissolution" else "divorce", area)
        life.change_status(fact, DIVORCED, None)


def leave_widowed(life: LifeCourse, fact: Fact, deceased: bytes | None) -> None:
    """The spouse died, by what the death says. Who died on the same day is nobody's widow, in either order."""
    if life.died_on == fact.occurred_on:
        return
    if not life.is_over(fact) and _can_end(life, fact, deceased):
        life.change_status(fact, WIDOWED, None)


def _note(life: LifeCourse, fact: Fact, role: str, kind: str, area: str | None) -> None:
    """For counting, once: a union is its first person's, unless that is nobody of this region."""
    first = next((each.region for each in fact.subjects if each.role == FIRST), None)
    if role == FIRST or first != life.region:
        life.unions.append((kind, life.day, fact.residence_area or area, fact))


def _can_end(life: LifeCourse, fact: Fact, spouse: bytes | None) -> bool:
    """Whether the fact may end a union with this spouse. Not if another union stands, or if it ended already; where
    none is recorded it is believed. Everything but the end of the union that stands is a finding.
    """
    if life.status in UNIONS and (life.spouse_id is None or life.spouse_id == spouse):
        return True
    if life.status is None:
        return True
    life.doubt(fact, UNION_NOT_RECORDED)
    return life.status not in UNIONS and life.status not in (WIDOWED, DIVORCED)


def _status_before_union(life: LifeCourse) -> str:
    """Of the union that stands."""
    for status in reversed(life.statuses):
        if status.status not in UNIONS:
            return status.status
    return "never-married"


def _other(fact: Fact, role: str) -> bytes | None:
    """The other spouse."""
    for subject in fact.subjects:
        if subject.role != role and subject.role.endswith("_spouse"):
            return subject.person_id
    return None
