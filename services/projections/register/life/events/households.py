"""Membership of households. A person is a member of one at a time; leaving the region ends it."""

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import NOT_A_MEMBER
from services.projections.register.life.handling import BEGINNING, ENDING, handles


@handles("HouseholdMemberJoined", BEGINNING)
def joined(life: LifeCourse, fact: Fact, role: str, household_id: bytes, household_relation: str) -> None:
    """Joining another household leaves the one before."""
    if not life.is_over(fact):
        life.join(fact, household_id, household_relation)


@handles("HouseholdMemberLeft", ENDING)
def left(life: LifeCourse, fact: Fact, role: str, household_id: bytes) -> None:
    """Death and departure end a membership already: leaving after them is no finding."""
    if life.died_on is not None:
        return
    if life.household_id == household_id:
        life.join(fact, None, None)
    elif not any(each.household_id == household_id for each in life.memberships):
        life.doubt(fact, NOT_A_MEMBER)
