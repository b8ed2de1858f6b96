"""One row of an assessment: something that came due, and what became of it.

A row holds instants, not opinions: what it says as of any later day follows from it alone (`reading.FLAGS`). Days are
days of UTC, so that both regions put a thing into the same period; `NEVER` is the day of what has not happened.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from services.exchange.protocol.deadlines import Kind

NEVER = "infinity"


class What(StrEnum):
    """What is assessed besides kinds of obligation, which keep their names."""

    PAIRING = "PAIRING"
    """A subject that was delivered, and whether the region found out who is meant. Belongs to the day of delivery."""
    SETTLEMENT = "SETTLEMENT"
    """A move that was settled. Belongs to the day of settling; days count from the registration."""
    LINK = "LINK"
    """A link between two records, from the day of its opening to that of its end."""
    LETTER = "LETTER"
    """A message on its way. Belongs to the day on which its 24 hours end."""


STANDING = frozenset({What.LINK, Kind.RECONFIRM})
"""What is looked at as it stands on a day, whenever it began: a link, a confirmation that is overdue."""
TOLD_BY = frozenset({What.PAIRING, What.SETTLEMENT, Kind.DISCREPANCY_FIRST})
"""Of what it is told how often it came out how."""
CONFIRMED = frozenset({"CONFIRMED", "CONFIRMED_WITH_DIFFERENCES"})


class Standing(StrEnum):
    """What an answer is worth."""

    NONE = ""
    ANSWERED = "ANSWERED"
    EFFECTIVE = "EFFECTIVE"


class Assessed(NamedTuple):
    """`about`: the obligation's id, or what stands for it. `due_at`: when it came to belong to its cohort.

    `different`: paths of which an answer said that they differ. Days that have not come are `NEVER`; `days` is -1
    where nothing was answered. `voided_day`: when it was voided before it was due; `contested_day`: when who waits
    said that the answer which voided it does not hold.
    """

    conversation_id: str
    about: str
    kind: str
    partner: str
    debtor: str
    creditor: str
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None = None
    outcome: str = ""
    standing: str = Standing.NONE
    on_time: bool = False
    first_on_time: bool = False
    differs: bool = False
    different: tuple[str, ...] = ()
    days: int = -1
    cohort_day: str = NEVER
    answered_day: str = NEVER
    voided_day: str = NEVER
    contested_day: str = NEVER
    overturned_day: str = NEVER
    reminded_day: str = NEVER
    escalated_day: str = NEVER
    ended_day: str = NEVER


LOOKED_AT_AGAIN_AFTER = timedelta(days=90)
"""For so long after an answer it may turn out that what it said does not hold."""


def day_of(at: datetime | None) -> str:
    """The day of an instant in UTC."""
    return NEVER if at is None or at.year == date.max.year else at.date().isoformat()


def days_between(start: datetime | date, end: datetime) -> int:
    """Whole days of the calendar from one to the other."""
    first = start.date() if isinstance(start, datetime) else start
    return (end.date() - first).days
