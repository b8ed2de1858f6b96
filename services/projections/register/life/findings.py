"""What an office is asked to look at: facts that contradict a life or do not fit together, by kind.

A finding never stops anything: the outcome is settled by rule, and the finding says where somebody should look.
"""

from typing import Final, NamedTuple


class Finding(NamedTuple):
    """`event_id`: what does not fit; `other_event_id`: with what, where that is one event. Areas are of this region."""

    kind: str
    event_id: bytes
    other_event_id: bytes | None
    day: int
    area: str | None
    office: str


AFTER_DEATH = "after-death"
BEFORE_BIRTH = "before-birth"
DEATH_BEFORE_BIRTH = "death-before-birth"
SECOND_BIRTH = "second-birth"
SECOND_DEATH = "second-death"
SECOND_ENUMERATION = "second-enumeration"
SECOND_ARRIVAL = "second-arrival"
SECOND_MARRIAGE = "second-marriage"
SEX_DIFFERS = "sex-differs"
BIRTH_DATE_DIFFERS = "birth-date-differs"
CIVIL_STATUS_DIFFERS = "civil-status-differs"
RESIDENCE_DIFFERS = "residence-differs"
RESIDENCE_NOT_RECORDED = "residence-not-recorded"
NOT_REGISTERED_HERE = "not-registered-here"
UNION_NOT_RECORDED = "union-not-recorded"
NOT_A_MEMBER = "not-a-member"
DEPARTURE_MISSING = "departure-missing"
DEPARTURE_ANSWERED_TWICE = "departure-answered-twice"
DEPARTURE_NOT_AWAITED = "departure-not-awaited"
STEP_MISSING = "step-missing"
IDENTIFIER_CONFLICT = "identifier-conflict"
CONTESTED_COPY = "contested-copy"
TARGET_MISSING = "target-missing"
ACT_ON_AN_ACT = "act-on-an-act"
MERGE_MISSING = "merge-missing"
MERGE_CONTRADICTION = "merge-contradiction"

KINDS: Final[dict[str, str]] = {
    AFTER_DEATH: "It happened after the person's death and was not applied.",
    BEFORE_BIRTH: "It happened before the person's birth.",
    DEATH_BEFORE_BIRTH: "The death lies before the birth.",
    SECOND_BIRTH: "A birth of the person is registered already; the earlier one counts.",
    SECOND_DEATH: "A death of the person is registered already; the earlier one counts.",
    SECOND_ENUMERATION: "The person was enumerated already.",
    SECOND_ARRIVAL: "The person lived here already when they are said to have arrived; they live where it says.",
    SECOND_MARRIAGE: "The person was in a union already; the later one counts.",
    SEX_DIFFERS: "It names another sex than an earlier event.",
    BIRTH_DATE_DIFFERS: "It names another birth date than a stronger or an earlier event.",
    CIVIL_STATUS_DIFFERS: "It names another civil status than what is recorded.",
    RESIDENCE_DIFFERS: "It says that the person lived in another place than what is recorded.",
    RESIDENCE_NOT_RECORDED: "It says that the person lived here, and nothing is recorded of where they lived.",
    NOT_REGISTERED_HERE: "It says that the person is registered here, and the record says elsewhere.",
    UNION_NOT_RECORDED: "It ends a union that is not recorded, or not the one that stands.",
    NOT_A_MEMBER: "The person was not recorded as a member of that household.",
    DEPARTURE_MISSING: "The departure that it speaks of is not recorded for this person.",
    DEPARTURE_ANSWERED_TWICE: "The departure was both confirmed and lapsed; the later word counts.",
    DEPARTURE_NOT_AWAITED: "It lets a departure lapse that was final; the departure stands.",
    STEP_MISSING: "What it follows up (an application, a marker, a dispute, a link) is not recorded.",
    IDENTIFIER_CONFLICT: "Its identifier belongs to somebody with another birth date; a new person was made.",
    CONTESTED_COPY: "Two events with this id say different things; the earlier on the log counts.",
    TARGET_MISSING: "It corrects or annuls an event that is not recorded.",
    ACT_ON_AN_ACT: "It corrects or annuls a correction or an annulment; it has no effect.",
    MERGE_MISSING: "It reverses a merge that is not recorded.",
    MERGE_CONTRADICTION: "The merges contradict each other about which record is kept.",
}
