"""The cells to which one life adds. Pure: a function of the folded life, and so of the set of facts.

Populations, births, deaths and moves are all read off the same episodes of residence. Whatever the facts say and
however they contradict each other, in every area and over every period, for both tracks:

    population at the end = at the start + births - deaths + moves in - moves out + found

What events say apart from that is not counted: where it differs from the life, that is a finding.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.days import DAY, imputed
from services.projections.register.life.episodes import residence_rows
from services.projections.register.life.fact import Fact
from services.projections.register.life.handling import HANDLERS
from services.projections.register.life.places import UNKNOWN, Place
from services.projections.statistics.cells import (
    ARRIVAL,
    BIRTH,
    DEATH,
    OTHER,
    STILLBIRTH,
    UNKNOWN_PLACE,
    Cell,
    Crossing,
    Line,
    Occurrence,
)
from services.projections.statistics.expanding import expand

_ARRIVALS: Final = frozenset({"ArrivalRegistered", "ReturnRegistered"})
_DAY_MS: Final = 86_400_000
_BIRTH, _DEATH = "BirthRegistered", "DeathRegistered"
_BIRTH_FIELDS: Final = HANDLERS[_BIRTH].fields
_SEX, _LIVE, _ORDER = (_BIRTH_FIELDS.index(name) for name in ("sex", "live_birth", "birth_order"))
_MOTHER_ON, _MOTHER_PRECISION = (_BIRTH_FIELDS.index(name) for name in ("mother_birth_on", "mother_birth_on_precision"))
Row = tuple[Any, ...]
_State = tuple[str | None, str | None, bool]
_NOWHERE: Final = (None, None, False)


def contributions(life: LifeCourse) -> list[Cell]:
    """All cells of a life, each with `n` 1 or -1."""
    return list(expand(count_lines(life)))


def count_lines(life: LifeCourse, rows: Sequence[Row] | None = None) -> list[Line]:
    """The crossings and vital events of a life, each once. `rows`: those of `residence_rows`, if at hand.

    Nobody is counted under the id that a merge gave up, nor under a pseudonym.
    """
    if not life.known or life.merged_into is not None:
        return []
    lines: list[Line] = []
    if life.stillborn:
        rows = ()
    else:
        if rows is None:
            rows = residence_rows(life)
        if not rows and life.died == life.start:
            rows = (_moment(life),)
        if rows:
            _cross(lines, life, rows)
        if life.died is not None:
            _count_death(lines, life, life.died, rows[-1] if rows else None)
    if life.began_here:
        _count_birth(lines, life, rows[0] if rows else None)
    if "unions" in life.made:
        lines += _count_unions(life.unions)
    return lines


def _cross(lines: list[Line], life: LifeCourse, rows: Sequence[Row]) -> None:
    """Into the first episode, from each to the next, and out of the last. Between places elsewhere nothing counts."""
    sex, born = life.sex, life.born
    began = life.began_here
    before: _State = _NOWHERE if began else _find_origin(life)
    here_before = False
    for row in rows:
        lives, registered = row[5], row[9]
        here = lives is not None or registered is not None
        now: _State = (
            name_place(row[5:9]) if lives is None else lives,
            name_place(row[9:]) if registered is None else registered,
            row[4] == "temporary" and lives is not None,
        )
        if (here or here_before) and now != before:
            cause = BIRTH if began else ARRIVAL if _has_arrived(life, row[1]) else OTHER
            lines.append(Crossing(cause, *before, *now, row[1], sex, born, 1))
        before, here_before, began = now, here, False
    end = rows[-1][2]
    if end is not None and here_before:
        lines.append(Crossing(DEATH, *before, *_NOWHERE, end, sex, born, 1))


def _find_origin(life: LifeCourse) -> _State:
    """Where somebody was before their first day here, who was not born here."""
    usual, registered = life.before or (UNKNOWN, UNKNOWN)
    return (
        UNKNOWN_PLACE if usual[0] is not None else name_place(usual),
        UNKNOWN_PLACE if registered[0] is not None else name_place(registered),
        False,
    )


def _has_arrived(life: LifeCourse, day: int) -> bool:
    """Whether the last word on a day, or before the first, is an arrival."""
    said = None
    for step in life.steps:
        if step[0] > day:
            break
        said = step[5]
    return said is not None and said.type in _ARRIVALS


def _count_birth(lines: list[Line], life: LifeCourse, row: Row | None) -> None:
    """What only the event knows: the mother's birth day, the order, the delay. The area is that of the life."""
    fact = life.born_by
    assert fact is not None, "who began here has a birth"
    assert life.born is not None
    lived, registered = (None, None) if row is None else (row[5], row[9])
    if fact.type != _BIRTH:
        if lived is not None or registered is not None:
            lines.append(Occurrence(BIRTH, lived, life.born, life.sex, None, None, _delay(fact), registered, 1))
        return
    values = fact.values
    mother_on = values[_MOTHER_ON]
    mother_born = None if mother_on is None else imputed(mother_on, values[_MOTHER_PRECISION] or DAY)
    kind = BIRTH
    if values[_LIVE] is False:
        kind, lived, registered = STILLBIRTH, fact.residence_area, None
    sex = life.sex or values[_SEX]
    lines.append(Occurrence(kind, lived, life.born, sex, mother_born, values[_ORDER], _delay(fact), registered, 1))


def _count_death(lines: list[Line], life: LifeCourse, died: int, row: Row | None) -> None:
    """What only a partner told counts if the person lived or was registered here: else it is the partner's to count."""
    fact = life.died_by
    lived, registered = (None, None) if row is None else (row[5], row[9])
    if fact.type == _DEATH or lived is not None or registered is not None:
        lines.append(Occurrence(DEATH, lived, died, life.sex, life.born, None, _delay(fact), registered, 1))


def _count_unions(unions: Iterable[tuple[str, int, str | None, Fact]]) -> Iterator[Occurrence]:
    for kind, day, area, fact in unions:
        yield Occurrence(kind, area, day, None, None, None, _delay(fact), None, 1)


def _moment(life: LifeCourse) -> Row:
    """The episode of a life that began and ended on one day: as the register stood at its end."""
    usual, registered = life.before or (UNKNOWN, UNKNOWN)
    kind, day = None, life.start
    for step in life.steps:
        if step[0] <= day:
            usual, kind, registered = step[2:5]
    return (life.person_id, day, day, DAY, kind, *usual, *registered)


def _delay(fact: Fact) -> int | None:
    return fact.registered_at // _DAY_MS - fact.occurred_on if fact.precision == DAY else None


def name_place(place: Place) -> str:
    """A place as cells name it. Areas of other regions are not told apart."""
    area, region, _, country = place
    if area is not None:
        return area
    if region is not None:
        return f"region:{region}"
    return UNKNOWN_PLACE if country is None else f"country:{country}"
