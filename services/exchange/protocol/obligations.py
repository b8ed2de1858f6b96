"""Obligations: opening, what lies ahead of them, pausing, ending."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.exchange.protocol.calendars import Calendar, Unit
from services.exchange.protocol.conversation import Ahead, Milestone, Obligation, Pause, PauseReason
from services.exchange.protocol.deadlines import (
    DUE_SOON_PERCENT,
    ESCALATE_AFTER,
    REMIND_AFTER,
    TIMES,
    AtDue,
    Kind,
    Profile,
    find_deadline,
)
from services.exchange.protocol.states import UNDER_WAY, Clock, End
from services.exchange.protocol.turn import Turn


def open_obligation(
    turn: Turn,
    kind: Kind,
    debtor: str,
    creditor: str,
    opened_by: str,
    *,
    about: str | None = None,
    received_at: datetime | None = None,
    urgent: bool = False,
    due: tuple[datetime, int] | None = None,
    parent: str | None = None,
) -> Obligation:
    """Opens what was not opened before. `due`: the due time and calendar version that a receipt states.

    The reply to a reminder of what is no longer owed (`parent`) is void from the start.
    """
    id_ = f"{opened_by}/{kind}"
    known = next((each for each in turn.c.obligations if each.id == id_), None)
    if known is not None:
        return known
    calendar = turn.directory.calendars[debtor]
    opened_at = received_at or turn.at
    due_at, number = due or due_time(calendar, kind, turn.c.profile, opened_at, urgent)
    ahead = milestones(kind, turn.c.profile, opened_at, due_at, calendar, number)
    obligation = Obligation(
        id_,
        kind,
        debtor,
        creditor,
        opened_by,
        about or opened_by,
        opened_at,
        due_at,
        debtor,
        number,
        ahead,
        parent=parent,
    )
    turn.put_obligation(obligation)
    if parent is not None and all(each.id != parent for each in turn.c.open_obligations):
        end_obligation(turn, obligation, End.VOIDED, parent)
    return obligation


def due_time(
    calendar: Calendar, kind: Kind, profile: Profile, received_at: datetime, urgent: bool
) -> tuple[datetime, int]:
    """When it is due, and the number of the calendar's version by which that was worked out."""
    version = calendar.find_version(received_at)
    start = calendar.start_of_clock(received_at, version)
    return calendar.due_at(start, find_deadline(kind, profile, urgent), version.version), version.version


def milestones(
    kind: Kind, profile: Profile, start: datetime, due: datetime, calendar: Calendar, number: int
) -> tuple[Ahead, ...]:
    """What lies ahead, in order of time; nothing lies beyond its lapsing."""
    times = TIMES[kind]
    soon = Ahead(start + (due - start) * DUE_SOON_PERCENT // 100, Milestone.DUE_SOON)
    if times.at_due is AtDue.LAPSE:
        return soon, Ahead(due, Milestone.DUE), Ahead(due, Milestone.LAPSE)
    lapse = Ahead(calendar.due_at(due, times.lapses_after, number), Milestone.LAPSE)
    later = [Ahead(calendar.due_at(due, ESCALATE_AFTER[profile], number), Milestone.ESCALATE)]
    if times.at_due is AtDue.REMIND:
        later += [
            Ahead(calendar.due_at(due, after, number) if after.amount else due, Milestone.REMIND, level)
            for level, after in enumerate(REMIND_AFTER, start=1)
        ]
    order = list(Milestone)
    later = sorted((each for each in later if each.at < lapse.at), key=lambda each: (each.at, order.index(each.what)))
    return soon, Ahead(due, Milestone.DUE), *later, lapse


def end_obligation(turn: Turn, obligation: Obligation, end: End, by: str, at: datetime | None = None) -> None:
    """Ends it, and with it the replies to its reminders."""
    if not obligation.is_open:
        return
    turn.put_obligation(
        replace(obligation, end=end, ended_at=at or turn.at, ended_by=by, ahead=(), pauses=_closed(obligation, turn.at))
    )
    for each in turn.c.open_obligations:
        if each.parent == obligation.id and each.answered_by is None:
            end_obligation(turn, each, End.VOIDED, by)


def settle_by_delivery(
    turn: Turn, obligation: Obligation, message_id: str, delivered_at: datetime, *, voids: bool = False
) -> None:
    """An answer was delivered, in time or after it had lapsed. `voids`: it says that another must answer."""
    lapses_at = obligation.ahead[-1].at
    answered = End.VOIDED if voids else End.FULFILLED
    end = answered if delivered_at < lapses_at else End.LAPSED
    end_obligation(turn, obligation, end, message_id, min(delivered_at, lapses_at))


def void_the_rest(turn: Turn, by: str) -> None:
    """A conversation that is over is owed nothing, but for what outlives it and what is already answered."""
    for each in turn.c.open_obligations:
        if not TIMES[each.kind].outlives and each.answered_by is None:
            end_obligation(turn, each, End.VOIDED, by)


def is_being_answered(turn: Turn, obligation: Obligation) -> bool:
    """Whether our own answer is under way: it does not lapse by our clock while the partner may have it."""
    letter = turn.c.find_letter(obligation.answered_by)
    return letter is not None and letter.delivery in UNDER_WAY


def pause(turn: Turn, obligation: Obligation, reason: PauseReason) -> None:
    """Its clock stands still; nothing ahead of it happens."""
    if obligation.is_open and obligation.clock is not Clock.PAUSED:
        pauses = (*obligation.pauses, Pause(reason, turn.at))
        turn.put_obligation(replace(obligation, clock=Clock.PAUSED, pauses=pauses))


def resume(turn: Turn, obligation: Obligation) -> None:
    """Its clock goes on. Working days are made good by working days, lengths of time by their length."""
    if not obligation.is_open or obligation.clock is not Clock.PAUSED:
        return
    since = obligation.pauses[-1].since
    calendar, number = turn.directory.calendars[obligation.calendar_region], obligation.calendar_version
    deadline = find_deadline(obligation.kind, turn.c.profile, urgent=False)
    due = obligation.due_at
    if deadline.unit is Unit.WORKING_DAYS:
        days = calendar.working_days_between(since, turn.at, number)
        due = calendar.due_at(due, deadline._replace(amount=days), number) if days else due
    else:
        due += turn.at - since
    ahead = milestones(obligation.kind, turn.c.profile, obligation.opened_at, due, calendar, number)
    passed = len(ahead) - len(obligation.ahead)
    clock = _clock_after(ahead[:passed])
    turn.put_obligation(
        replace(obligation, clock=clock, due_at=due, ahead=ahead[passed:], pauses=_closed(obligation, turn.at))
    )


def length_of_pauses(obligation: Obligation) -> timedelta:
    """For scorecards: how long its clock stood still."""
    return sum(((each.until or each.since) - each.since for each in obligation.pauses), timedelta())


def _closed(obligation: Obligation, at: datetime) -> tuple[Pause, ...]:
    return tuple(each if each.until else each._replace(until=at) for each in obligation.pauses)


def _clock_after(passed: tuple[Ahead, ...]) -> Clock:
    reached = {each.what for each in passed}
    if Milestone.ESCALATE in reached:
        return Clock.ESCALATED
    if Milestone.DUE in reached:
        return Clock.OVERDUE
    return Clock.DUE_SOON if Milestone.DUE_SOON in reached else Clock.RUNNING
