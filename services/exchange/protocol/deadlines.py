"""Kinds of obligation and their times, in both profiles. All times of the protocol stand in this file."""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from services.exchange.protocol.calendars import Deadline, Unit

_WD, _D, _MONTHS = Unit.WORKING_DAYS, Unit.DAYS, Unit.MONTHS


class Profile(StrEnum):
    """Which times a corridor keeps. `PADIS_NEAR` is `PADIS` between areas of one county."""

    STD = "std"
    PADIS = "padis"
    PADIS_NEAR = "padis-near"


class Kind(StrEnum):
    """What is owed."""

    NOTICE = "NOTICE"
    RECORD_RESPONSE = "RECORD_RESPONSE"
    FEEDBACK = "FEEDBACK"
    CORRECTION_FEEDBACK = "CORRECTION_FEEDBACK"
    FINAL = "FINAL"
    REVIEW = "REVIEW"
    REACTION = "REACTION"
    DEPARTURE_FEEDBACK = "DEPARTURE_FEEDBACK"
    CONFIRMATION = "CONFIRMATION"
    COMPENSATION = "COMPENSATION"
    UPDATE_FEEDBACK = "UPDATE_FEEDBACK"
    END_FEEDBACK = "END_FEEDBACK"
    RECONFIRM = "RECONFIRM"
    VERIFICATION = "VERIFICATION"
    VERIFICATION_FINAL = "VERIFICATION_FINAL"
    CLARIFYING_WINDOW = "CLARIFYING_WINDOW"
    CLARIFICATION = "CLARIFICATION"
    DISCREPANCY_FIRST = "DISCREPANCY_FIRST"
    DISCREPANCY_DECISION = "DISCREPANCY_DECISION"
    REMINDER_REPLY = "REMINDER_REPLY"
    MANUAL_DELIVERY = "MANUAL_DELIVERY"


class AtDue(StrEnum):
    """What happens when something is due and was not done."""

    REMIND = "REMIND"
    """Reminders by the creditor, then escalation, then it lapses."""
    ESCALATE = "ESCALATE"
    """A duty in one's own house: nobody to remind, but the supervisor hears of it; then it lapses."""
    LAPSE = "LAPSE"
    """Silence has a meaning of its own: it lapses at once."""


class Times(NamedTuple):
    """Times of one kind. `lapses_after`: how long after it was due it lapses, where it does not lapse at once."""

    timer: str
    owed: str
    std: Deadline
    padis: Deadline
    padis_urgent: Deadline
    at_due: AtDue = AtDue.REMIND
    lapses_after: Deadline = Deadline(30, _D)
    outlives: bool = False
    """Whether it goes on when the conversation has ended."""


def _same(timer: str, owed: str, deadline: Deadline, at_due: AtDue = AtDue.REMIND, outlives: bool = False) -> Times:
    return Times(timer, owed, deadline, deadline, deadline, at_due, outlives=outlives)


TIMES: dict[Kind, Times] = {
    Kind.NOTICE: Times(
        "T-NOTICE",
        "201 for an arrival that was registered",
        Deadline(3, _WD),
        Deadline(30, _D),
        Deadline(30, _D),
        AtDue.ESCALATE,
    ),
    Kind.RECORD_RESPONSE: _same("1 wd", "102 for 101, where it was not answered at once", Deadline(1, _WD)),
    Kind.FEEDBACK: Times("T-FEEDBACK", "203 or 204 for 201", Deadline(3, _WD), Deadline(30, _D), Deadline(15, _D)),
    Kind.CORRECTION_FEEDBACK: _same("T-CORRECTION", "203 or 204 for 211", Deadline(3, _WD)),
    Kind.FINAL: Times("T-FINAL", "final 203 or 204 after UNDER_VERIFICATION", *(Deadline(15, _D),) * 3),
    Kind.REVIEW: Times(
        "T-REVIEW", "213, 211 or 212 for a final 203", Deadline(5, _WD), Deadline(10, _D), Deadline(10, _D), AtDue.LAPSE
    ),
    Kind.REACTION: _same("5 wd", "211 or 212 for 204", Deadline(5, _WD)),
    Kind.DEPARTURE_FEEDBACK: Times(
        "10 wd", "205 or 201 for 202", Deadline(10, _WD), Deadline(30, _D), Deadline(30, _D)
    ),
    Kind.CONFIRMATION: _same(
        "T-DEPARTURE-VOID", "an arrival for a departure", Deadline(3, _MONTHS), AtDue.LAPSE, outlives=True
    ),
    Kind.COMPENSATION: _same(
        "1 wd", "events that undo what 212 takes back", Deadline(1, _WD), AtDue.ESCALATE, outlives=True
    ),
    Kind.UPDATE_FEEDBACK: _same("3 wd", "402 for 401, where it was asked for", Deadline(3, _WD)),
    Kind.END_FEEDBACK: _same("3 wd", "402 for the end of a stay", Deadline(3, _WD))._replace(
        lapses_after=Deadline(2, _WD)
    ),
    Kind.RECONFIRM: _same("T-RECONFIRM", "word that the link is still true", Deadline(180, _D), AtDue.ESCALATE),
    Kind.VERIFICATION: Times("5 wd", "302 for 301", Deadline(5, _WD), Deadline(30, _D), Deadline(15, _D)),
    Kind.VERIFICATION_FINAL: Times("T-FINAL", "302 after PENDING", *(Deadline(15, _D),) * 3),
    Kind.CLARIFYING_WINDOW: _same("5 wd", "303 for 302, where something is unclear", Deadline(5, _WD), AtDue.LAPSE),
    Kind.CLARIFICATION: _same("3 wd", "304 for 303", Deadline(3, _WD)),
    Kind.DISCREPANCY_FIRST: _same("T-DISCREPANCY", "502 or 503 for 501", Deadline(5, _WD)),
    Kind.DISCREPANCY_DECISION: _same("T-DISCREPANCY", "503 after 502", Deadline(30, _D)),
    Kind.REMINDER_REPLY: _same("2 wd", "702 for 701", Deadline(2, _WD), AtDue.LAPSE),
    Kind.MANUAL_DELIVERY: _same(
        "3 wd", "a dead letter handled by hand", Deadline(3, _WD), AtDue.ESCALATE, outlives=True
    ),
}

REMIND_AFTER = (Deadline(0, _D), Deadline(3, _WD), Deadline(6, _WD))
"""Levels 1 to 3, counted from the due time."""
ESCALATE_AFTER = {Profile.STD: Deadline(5, _WD), Profile.PADIS: Deadline(5, _D), Profile.PADIS_NEAR: Deadline(5, _D)}
DUE_SOON_PERCENT = 80

REPEAT_AFTER = tuple(timedelta(minutes=each) for each in (5, 15, 60, 6 * 60, 12 * 60))
"""T-RECEIPT: the first sending and five repeats with the same id, at these times after the first sending."""
DEAD_AFTER = timedelta(hours=24)
"""T-DEADLETTER, counted like the repeats from the first sending."""

CLOSE_AFTER = timedelta(days=30)
"""T-CLOSE: what is closing and hears nothing more is closed."""
REOPEN_WITHIN = timedelta(days=90)
ROUNDS_MAX = 2
"""T-CORRECTION: how many corrected notices, and how many clarifications."""
EXTENSIONS_MAX = 1
HOPS_MAX = 4
"""How often one notice may be forwarded before people must look."""


def find_deadline(kind: Kind, profile: Profile, urgent: bool) -> Deadline:
    """How long a debtor has, in a corridor of that profile."""
    times = TIMES[kind]
    if profile is Profile.STD or (profile is Profile.PADIS_NEAR and kind is Kind.NOTICE):
        return times.std
    return times.padis_urgent if urgent else times.padis
