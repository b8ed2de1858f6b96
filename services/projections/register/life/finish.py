"""What can only be told of a life when all its facts are folded: days of birth and death, and what lies outside."""

from collections.abc import Sequence
from typing import Any

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.days import DAY, imputed, period
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import (
    BEFORE_BIRTH,
    DEATH_BEFORE_BIRTH,
    DEPARTURE_MISSING,
    RESIDENCE_DIFFERS,
    RESIDENCE_NOT_RECORDED,
)
from services.projections.register.life.places import UNKNOWN


def finish(life: LifeCourse, entries: Sequence[Any]) -> None:
    """Call once, after the last handler. `entries`: see `fold`."""
    born_on, died_on = life.born_on, life.died_on
    if born_on is not None:
        if life.born_precision == DAY:
            life.born = born_on
        else:
            life.born = _impute_birth(born_on, life.born_precision or DAY, entries, life.born_by)
        if life.first_day < life.born:
            _find_before_birth(life, life.born, entries)
    if died_on is not None:
        exact = life.died_precision == DAY
        life.died = died_on if exact else _impute_death(life, died_on, life.died_precision)
        if life.stillborn:
            life.died = life.born
        elif life.born is not None and life.died < life.born:
            life.doubt(life.died_by, DEATH_BEFORE_BIRTH, life.born_by)
    if not life.made:
        return
    if "sightings" in life.made:
        for fact, area in life.sightings:
            _compare(life, fact, area)
    if "heard" in life.made:
        for departure_id, answer in life.heard.items():
            if departure_id not in life.departures:
                life.day = answer.day
                life.doubt(answer.fact, DEPARTURE_MISSING)


def _impute_birth(on: int, precision: str, entries: Sequence[Any], born_by: Fact | None) -> int:
    """The middle of the period, but before the first thing that is known to have happened in it."""
    first, last = period(on, precision)
    middle = imputed(on, precision)
    for entry in entries:
        fact: Fact = entry[6]
        day: int = entry[0]
        if first <= day <= last and fact.precision == DAY and not (fact is born_by and entry[4] == "child"):
            return max(first, min(middle, day - 1))
    return middle


def _impute_death(life: LifeCourse, on: int, precision: str) -> int:
    """The middle of the period, but after the last move in it."""
    first, last = period(on, precision)
    middle = imputed(on, precision)
    moves = [step[0] for step in life.steps if first <= step[0] <= last]
    return min(last, max(middle, moves[-1] + 1)) if moves else middle


def _find_before_birth(life: LifeCourse, born: int, entries: Sequence[Any]) -> None:
    """Facts that cannot have happened after the birth, whatever their exact days are."""
    for entry in entries:
        if entry[0] >= born:
            break
        fact = entry[6]
        if (
            entry[4] != "child"
            and not (fact.type == "DeathRegistered" and entry[4] == "deceased")
            and period(fact.occurred_on, fact.precision)[1] < born
        ):
            life.day = entry[0]
            life.doubt(fact, BEFORE_BIRTH, life.born_by)


def _compare(life: LifeCourse, fact: Fact, area: str) -> None:
    """An area where the person is said to have lived, with all places of the record within the day or the period."""
    first, last = period(fact.occurred_on, fact.precision)
    at_first = (life.before or (UNKNOWN, UNKNOWN))[0]
    places = []
    for day, _, usual, *_ in life.steps:
        if day < first:
            at_first = usual
        elif day <= last:
            places.append(usual)
    places.append(at_first)
    if not any(place[0] == area for place in places):
        life.day = imputed(fact.occurred_on, fact.precision)
        nothing = all(place == UNKNOWN for place in places)
        life.doubt(fact, RESIDENCE_NOT_RECORDED if nothing else RESIDENCE_DIFFERS)
