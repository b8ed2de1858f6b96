"""What held from when to when, of a life that is folded. Episodes of one kind adjoin or leave gaps, never overlap."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.days import DAY
from services.projections.register.life.places import UNKNOWN, Place


class Residence(NamedTuple):
    """Where the person lives and is registered in `[from_day, to_day)`: exactly one of each at every instant."""

    from_day: int
    to_day: int | None
    precision: str
    usual: Place
    kind: str | None
    registered: Place


class Span(NamedTuple):
    """A state in `[from_day, to_day)`."""

    from_day: int
    to_day: int | None
    precision: str
    state: tuple[Any, ...]


def residences(life: LifeCourse) -> list[Residence]:
    """From birth, or the first that is known, to death; none of somebody who never lived or whose death lies first."""
    return [Residence(row[1], row[2], row[3], row[5:9], row[4], row[9:]) for row in residence_rows(life)]


def residence_rows(life: LifeCourse) -> list[tuple[Any, ...]]:
    """The same as rows of the table `residence`: a hundred million of them are made, so nothing is made in between."""
    if not life.known:
        return []
    start, end = life.start, life.died
    if end is not None and end <= start:
        return []
    usual, registered = life.before or (UNKNOWN, UNKNOWN)
    kind, since, precision = None, start, life.born_precision or DAY
    steps = life.steps
    episodes: list[tuple[Any, ...]] = []
    person_id = life.person_id
    last = len(steps) - 1
    for index, (day, its_precision, its_usual, its_kind, its_registered, _) in enumerate(steps):
        if index < last and steps[index + 1][0] == day:
            continue  # the last word of a day holds
        if end is not None and day >= end:
            break
        if day > start:
            if its_usual == usual and its_registered == registered and its_kind == kind:
                continue
            episodes.append((person_id, since, day, precision, kind) + usual + registered)  # noqa: RUF005 (faster)
            since, precision = day, its_precision
        elif day == start:
            precision = its_precision
        usual, kind, registered = its_usual, its_kind, its_registered
    episodes.append((person_id, since, end, precision, kind) + usual + registered)  # noqa: RUF005
    return episodes


def spans(
    life: LifeCourse, changes: Iterable[tuple[int, str, tuple[Any, ...]]], nothing: tuple[Any, ...]
) -> list[Span]:
    """Changes (day, precision, state) in the order of days as spans, within the life; none where the state is
    `nothing`.
    """
    start = life.born if life.born is not None else None
    end = life.died
    by_day: dict[int, tuple[str, tuple[Any, ...]]] = {}
    for day, precision, state in changes:
        within = day if start is None or day >= start else start
        if end is None or within < end:
            by_day[within] = (precision, state)
    found: list[Span] = []
    former: tuple[Any, ...] = nothing
    for day, (precision, state) in by_day.items():
        if state == former:
            continue
        if former != nothing:
            found[-1] = found[-1]._replace(to_day=day)
        if state != nothing:
            found.append(Span(day, end, precision, state))
        former = state
    return found


def civil_statuses(life: LifeCourse) -> list[Span]:
    """State: (status, spouse)."""
    if "statuses" not in life.made:
        return []
    return spans(life, ((s.day, s.precision, (s.status, s.spouse_id)) for s in life.statuses), (None, None))


def memberships(life: LifeCourse) -> list[Span]:
    """State: (household, relation)."""
    if "memberships" not in life.made:
        return []
    changes = ((m.day, m.precision, (m.household_id, m.relation)) for m in life.memberships)
    return spans(life, changes, (None, None))


def identifier_spans(life: LifeCourse) -> list[tuple[int, int | None, str, bytes]]:
    """(from, to, kind, event): an identifier that replaces former ones ends those of its kind."""
    found: list[tuple[int, int | None, str, bytes]] = []
    for each in life.identifiers:
        if each.replaces_former:
            found = [
                (since, each.day if until is None and kind == each.kind else until, kind, event_id)
                for since, until, kind, event_id in found
            ]
        found.append((each.day, None, each.kind, each.event_id))
    return found


def find_at(episodes: Sequence[Any], day: int) -> Any | None:
    """The one of `[from_day, to_day)` in which the day lies, if any."""
    for each in episodes:
        if each.from_day <= day and (each.to_day is None or day < each.to_day):
            return each
    return None
