"""What a conversation comes to for the scorecards: rows that follow from its value alone, so that a rebuild gives the
same. Pure."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.exchange.protocol.conversation import Conversation, Directory, Obligation
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.states import End, Link, Role
from services.exchange.scorecards.answers import assess_answer, find_escalation
from services.exchange.scorecards.assessed import Assessed, Standing, What, day_of, days_between
from services.exchange.scorecards.words import Word, list_words

EDITION = 2
"""Counted up when one conversation would come to other rows; the tables are then made again at the next start."""

RECONCILIATION = "reconciliation"
"""Why a finding is asked about. It counts by itself (X11, X12); answers to it would let a region that tells no links
collect good answers.
"""
ANSWERED = (
    Kind.FEEDBACK,
    Kind.CORRECTION_FEEDBACK,
    Kind.VERIFICATION,
    Kind.UPDATE_FEEDBACK,
    Kind.END_FEEDBACK,
    Kind.DISCREPANCY_FIRST,
)
"""Kinds of obligation that an answer of the other region ends."""
_SUBJECT_OF = (Kind.FEEDBACK, Kind.VERIFICATION, Kind.DISCREPANCY_FIRST)
_NOT_PAIRED = {"B-G": "NOT_FOUND", "B-U": "NOT_UNIQUE", "B-C": "CONFLICT", "B-Z": "TOO_LITTLE"}
_METHODS = {"link": "LINK", "identifier": "ID", "minimum-set": "MIN_SET", "people": "MANUAL"}


class Person(NamedTuple):
    """Who the conversation is about in this region's register: since when that is known here, and by which rule."""

    known_at: datetime | None = None
    rule: str | None = None


def assess(c: Conversation, person: Person, directory: Directory) -> list[Assessed]:
    """All rows of one conversation. The same value gives the same rows."""
    words = list_words(c)
    if any(each.code == "301" and each.body().get("why_needed") == RECONCILIATION for each in words):
        return []
    rows = []
    for owed in c.obligations:
        if owed.kind in ANSWERED:
            rows.append(assess_answer(c, owed, words, directory))
        elif owed.kind in _OWN:
            rows.append(_OWN[owed.kind](c, owed, words, directory))
    settled = _assess_settlement(c, words)
    if settled is not None:
        rows += [settled, _assess_link(c, settled)]
    return rows + _assess_pairing(c, rows, person)


def _assess_notice(c: Conversation, owed: Obligation, words: Sequence[Word], directory: Directory) -> Assessed:
    """A registration that the origin must be told of. Said when it was put into words, however long it travels."""
    said = [each for each in words if each.code == "201" and each.by == c.own]
    said = [each for each in said if each.body().get("registration_id") == owed.opened_by]
    at = min((each.said_at for each in said), default=None)
    if at is None and owed.end is End.FULFILLED:
        at = owed.ended_at
    taken_back = (each.said_at for each in words if (each.code, each.outcome, each.by) == ("212", "ARRIVAL", c.own))
    voided = min((each for each in taken_back if each < owed.due_at), default=None)
    if at is None and owed.end is End.VOIDED and owed.ended_at is not None and owed.ended_at < owed.due_at:
        voided = owed.ended_at
    row = _row(c, owed.id, owed.kind, owed.debtor, owed.creditor, owed.opened_at, owed.due_at)
    return row._replace(
        answered_at=at,
        standing=Standing.NONE if at is None else Standing.ANSWERED,
        on_time=at is not None and at <= owed.due_at,
        first_on_time=at is not None and at <= owed.due_at,
        days=-1 if at is None else days_between(owed.opened_at, at),
        answered_day=day_of(at),
        voided_day=day_of(voided),
        escalated_day=day_of(find_escalation(c, (owed,), directory)),
    )


def _assess_reconfirmation(c: Conversation, owed: Obligation, words: Sequence[Word], directory: Directory) -> Assessed:
    """Stale from the day after it was due until somebody says that the link is true, or it ends."""
    row = _row(c, owed.id, owed.kind, owed.debtor, c.partner, owed.opened_at, owed.due_at + timedelta(days=1))
    renewed = owed.ended_at if owed.end in (End.FULFILLED, End.VOIDED) else _find_end_of_link(c)
    return row._replace(ended_day=day_of(renewed))


def _assess_dead_letter(c: Conversation, owed: Obligation, words: Sequence[Word], directory: Directory) -> Assessed:
    """A letter that could not be brought: belongs to the day on which that was clear."""
    return _row(c, owed.id, owed.kind, owed.debtor, c.partner, owed.opened_at, owed.opened_at)


_OWN: dict[Kind, Callable[[Conversation, Obligation, Sequence[Word], Directory], Assessed]] = {
    Kind.NOTICE: _assess_notice,
    Kind.RECONFIRM: _assess_reconfirmation,
    Kind.MANUAL_DELIVERY: _assess_dead_letter,
}


def _assess_settlement(c: Conversation, words: Sequence[Word]) -> Assessed | None:
    """When both had said all, or silence said it; from the day of registration that the notice states."""
    arrival = next((each for each in words if each.id == c.arrival), None)
    if c.link is Link.NONE or arrival is None:
        return None
    tacit_at = [o.ended_at for o in c.obligations if o.kind is Kind.REVIEW and o.end is End.LAPSED and o.ended_at]
    said_at = [each.said_at for each in words if each.code == "213"]
    implied = [each.said_at for each in words if each.code in ("401", "402", "404", "707")]
    at = min(tacit_at + said_at, default=min(implied, default=None)) or c.since or arrival.said_at
    destination, origin = _sides(c)
    row = _row(c, f"{c.arrival}/{What.SETTLEMENT}", What.SETTLEMENT, destination, origin, arrival.said_at, at)
    registered_on = date.fromisoformat(str(arrival.body()["registered_on"]))
    tacit = at not in said_at
    return row._replace(
        answered_at=at,
        outcome="TACIT" if tacit else "ACCEPTED",
        standing=Standing.ANSWERED,
        days=days_between(registered_on, at),
        answered_day=day_of(at),
    )


def _assess_link(c: Conversation, settled: Assessed) -> Assessed:
    """A closure that was taken back counts as if it had not been."""
    assert settled.answered_at is not None
    row = _row(
        c, f"{c.arrival}/{What.LINK}", What.LINK, settled.debtor, settled.creditor, settled.opened_at,
        settled.answered_at,
    )  # fmt: skip
    return row._replace(ended_day=day_of(_find_end_of_link(c)))


def _find_end_of_link(c: Conversation) -> datetime | None:
    return c.since if c.link is Link.ENDED else None


def _assess_pairing(c: Conversation, rows: Sequence[Assessed], person: Person) -> list[Assessed]:
    """Who was asked knows how it paired; who asked sees from the answer whether it did."""
    asked = min((each for each in rows if each.kind in _SUBJECT_OF), key=lambda each: each.opened_at, default=None)
    if asked is None:
        return []
    at, outcome = asked.answered_at, _NOT_PAIRED.get(asked.outcome, "NOT_TOLD" if asked.outcome else "")
    if asked.debtor == c.own and person.rule is not None:
        at = max(person.known_at or asked.answered_at or asked.opened_at, asked.opened_at)
        outcome = _METHODS.get(person.rule, "OTHER")
    elif asked.debtor == c.own and outcome == "NOT_TOLD":
        outcome = "OTHER"
    paired = outcome not in ("", *_NOT_PAIRED.values()) and at is not None
    row = _row(
        c, f"{asked.about}/{What.PAIRING}", What.PAIRING, asked.debtor, asked.creditor, asked.opened_at,
        asked.opened_at,
    )  # fmt: skip
    return [
        row._replace(
            answered_at=at,
            outcome=outcome if at is not None else "",
            standing=Standing.EFFECTIVE if paired else Standing.ANSWERED if at is not None else Standing.NONE,
            answered_day=day_of(at),
        )
    ]


def _sides(c: Conversation) -> tuple[str, str]:
    """(destination, origin)."""
    return (c.own, c.partner) if c.role is Role.DESTINATION else (c.partner, c.own)


def _row(
    c: Conversation, about: str, kind: str, debtor: str, creditor: str, opened_at: datetime, cohort_at: datetime
) -> Assessed:
    return Assessed(c.id, about, kind, c.partner, debtor, creditor, opened_at, cohort_at, cohort_day=day_of(cohort_at))
