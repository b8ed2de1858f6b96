"""What became of something that one region owed the other an answer to: one row, whatever was said in between.

An interim answer that came in time moves the due time to that of the final answer: one question stays one question.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.exchange.protocol.calendars import Unit
from services.exchange.protocol.conversation import Conversation, Directory, Obligation, PauseReason
from services.exchange.protocol.deadlines import ESCALATE_AFTER, TIMES, AtDue, Kind, find_deadline
from services.exchange.protocol.states import Clock, End
from services.exchange.scorecards.assessed import LOOKED_AT_AGAIN_AFTER, Assessed, Standing, day_of, days_between
from services.exchange.scorecards.words import OWN_ERROR, Word, codes_that_end

FINALS = frozenset({Kind.FINAL, Kind.VERIFICATION_FINAL, Kind.DISCREPANCY_DECISION})
"""What an interim answer opens: part of what was owed before, never another thing that is owed."""


NOT_YET = datetime.max.replace(tzinfo=UTC)


class Owed(NamedTuple):
    """An obligation with those that interim answers to it opened, and when it was due after all of them.

    `first_due_at`: when the first answer was due.
    """

    chain: tuple[Obligation, ...]
    first_due_at: datetime
    due_at: datetime


def assess_answer(c: Conversation, owed: Obligation, words: Sequence[Word], directory: Directory) -> Assessed:
    """The row of an obligation between two regions."""
    codes = codes_that_end(owed.kind)
    answers = sorted(
        (each for each in words if each.by == owed.debtor and each.about == owed.opened_by and each.code in codes
         and each.at is not None),
        key=_delivered,
    )  # fmt: skip
    debt = _follow(c, owed, answers, directory)
    final = next((each for each in answers if not each.is_interim), None)
    return _with_times(c, debt, answers, final, words, directory)


def _with_times(
    c: Conversation,
    debt: Owed,
    answers: Sequence[Word],
    final: Word | None,
    words: Sequence[Word],
    directory: Directory,
) -> Assessed:
    owed = debt.chain[0]
    voided_at = _find_voiding(debt, final)
    answered_at = final.at if final is not None and voided_at is None else None
    contested = _find_contest(final, words) if final is not None and final.voids else None
    overturned = None if final is None or final.voids else _find_overturning(final, words)
    counts = answered_at is not None
    return Assessed(
        c.id,
        owed.id,
        owed.kind,
        c.partner,
        owed.debtor,
        owed.creditor,
        owed.opened_at,
        debt.due_at,
        answered_at,
        final.outcome if final is not None else "",
        _standing(final, words) if counts else Standing.NONE,
        on_time=answered_at is not None and answered_at <= debt.due_at,
        first_on_time=bool(answers) and voided_at is None and _delivered(answers[0]) <= debt.first_due_at,
        differs=final is not None and bool(final.list_different()),
        different=final.list_different() if final is not None else (),
        days=days_between(owed.opened_at, answered_at) if answered_at is not None else -1,
        cohort_day=day_of(debt.due_at),
        answered_day=day_of(answered_at),
        voided_day=day_of(voided_at),
        contested_day=day_of(contested),
        overturned_day=day_of(overturned),
        reminded_day=day_of(_find_reminder(debt, words)),
        escalated_day=day_of(find_escalation(c, debt.chain, directory)),
    )


def _standing(final: Word | None, words: Sequence[Word]) -> Standing:
    if final is None:
        return Standing.NONE
    is_effective = final.is_effective() or (final.code == "204" and not final.voids and _is_agreed(final, words))
    return Standing.EFFECTIVE if is_effective else Standing.ANSWERED


def _is_agreed(refusal: Word, words: Sequence[Word]) -> bool:
    """Whether who asked says that there was nobody to be found: by taking the notice back, or as its own error."""
    again = _find_correction(refusal, words)
    if again is not None:
        return again.body().get("reason") in OWN_ERROR
    return any(each.code == "212" and each.by != refusal.by and each.at is not None for each in words)


def _delivered(word: Word) -> datetime:
    assert word.at is not None
    return word.at


def _follow(c: Conversation, owed: Obligation, answers: Sequence[Word], directory: Directory) -> Owed:
    """Only an interim answer that came before what it answers was due gives more time. Of a discrepancy the first
    word is what is assessed, so its day stays."""
    first = due = find_due_time(c, owed, directory)
    chain = [owed]
    for each in answers:
        opened = next((o for o in c.obligations if o.opened_by == each.id and o.kind in FINALS), None)
        if each.is_interim and opened is not None:
            if _delivered(each) <= due and owed.kind is not Kind.DISCREPANCY_FIRST:
                due = find_due_time(c, opened, directory)
            chain.append(opened)
    return Owed(tuple(chain), first, due)


def find_due_time(c: Conversation, owed: Obligation, directory: Directory) -> datetime:
    """When it was due, whatever pauses the debtor gave itself: nobody puts off what it owes by its own word.

    Pauses for a clarification count, which both have read, and those that stand in the book of who waits: while such
    a pause lasts it is not due. What the receipt stated is the due time without any; what the book holds is it with
    all.
    """
    is_own = owed.debtor == c.own
    alone = is_own and any(each.reason is not PauseReason.CLARIFICATION for each in owed.pauses)
    stated = _find_stated(c, owed) if alone else None
    due = owed.due_at if stated is None else _make_good(c, owed, stated, directory)
    last = owed.pauses[-1] if owed.clock is Clock.PAUSED else None
    if last is None or (is_own and last.reason is not PauseReason.CLARIFICATION) or last.since > due:
        return due
    if owed.ended_at is None:
        return NOT_YET
    return max(due, owed.ended_at + (timedelta() if owed.end is End.FULFILLED else timedelta(seconds=1)))


def _make_good(c: Conversation, owed: Obligation, stated: datetime, directory: Directory) -> datetime:
    """The stated due time, with the pauses that were asked for."""
    calendar, number = directory.calendars[owed.calendar_region], owed.calendar_version
    deadline = find_deadline(owed.kind, c.profile, urgent=False)
    for each in owed.pauses:
        if each.reason is PauseReason.CLARIFICATION and each.until is not None:
            days = calendar.working_days_between(each.since, each.until, number)
            if deadline.unit is not Unit.WORKING_DAYS:
                stated += each.until - each.since
            elif days:
                stated = calendar.due_at(stated, deadline._replace(amount=days), number)
    return stated


def _find_stated(c: Conversation, owed: Obligation) -> datetime | None:
    taken = c.find_taken(owed.opened_by)
    if taken is not None:
        return taken.receipt.response_due_at
    letter = c.find_letter(owed.opened_by)
    return letter.receipt.response_due_at if letter is not None and letter.receipt is not None else None


def _find_voiding(debt: Owed, final: Word | None) -> datetime | None:
    """When it was voided, if that was before it was due: by the answer that another must answer, or because nobody
    waited any more. What is voided later was overdue, and stays so."""
    if final is not None and final.voids:
        return final.at if _delivered(final) < debt.due_at else None
    last = debt.chain[-1]
    if final is None and last.end is End.VOIDED and last.ended_at is not None and last.ended_at < debt.due_at:
        return last.ended_at
    return None


def _find_contest(final: Word, words: Sequence[Word]) -> datetime | None:
    """Who waits asks again without saying that the first question was wrong."""
    again = _find_correction(final, words)
    return None if again is None or again.body().get("reason") in OWN_ERROR else again.at


def _find_correction(answer: Word, words: Sequence[Word]) -> Word | None:
    return next((each for each in words if each.code == "211" and each.about == answer.id and each.at), None)


def _find_overturning(final: Word, words: Sequence[Word]) -> datetime | None:
    """When the same region said the opposite to the same question, within ninety days: it found whom it had not
    found, or had not what it had confirmed. Where who asked had asked wrongly nothing is overturned."""
    answer, limit = final, _delivered(final) + LOOKED_AT_AGAIN_AFTER
    if final.code not in ("203", "204"):
        return None
    while (again := _find_correction(answer, words)) is not None:
        if again.body().get("reason") in OWN_ERROR:
            return None
        later = next(
            (each for each in words if each.about == again.id and each.by == final.by and each.at
             and not each.is_interim),
            None,
        )  # fmt: skip
        if later is None or _delivered(later) > limit:
            return None
        if later.is_positive != final.is_positive:
            return later.at
        answer = later
    return None


def _find_reminder(debt: Owed, words: Sequence[Word]) -> datetime | None:
    ids = {each.id for each in debt.chain}
    said = [each.said_at for each in words if each.code == "701" and each.body().get("obligation_id") in ids]
    return min(said, default=None)


def find_escalation(c: Conversation, chain: Sequence[Obligation], directory: Directory) -> datetime | None:
    """When the supervisors were told, by the calendar that was in force when it was opened."""
    for each in chain:
        if each.clock is Clock.ESCALATED and TIMES[each.kind].at_due is not AtDue.LAPSE:
            calendar = directory.calendars[each.calendar_region]
            return calendar.due_at(each.due_at, ESCALATE_AFTER[c.profile], each.calendar_version)
    return None
