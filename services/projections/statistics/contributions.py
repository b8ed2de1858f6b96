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
    BIRTH,
    DEATH,
    FOUND,
    IN,
    INFLOW,
    INTERNAL,
    OUT,
    OUTFLOW,
    REGISTERED,
    STILLBIRTH,
    TEMPORARY,
    UNKNOWN_PLACE,
    USUAL,
    Cell,
    Change,
    Move,
    Occurrence,
)

_ARRIVALS: Final = frozenset({"ArrivalRegistered", "ReturnRegistered"})
_DAY_MS: Final = 86_400_000
_BIRTH_FIELDS: Final = HANDLERS["BirthRegistered"].fields
_SEX, _LIVE, _ORDER = (_BIRTH_FIELDS.index(name) for name in ("sex", "live_birth", "birth_order"))
_MOTHER_ON, _MOTHER_PRECISION = (
    _BIRTH_FIELDS.index(name) for name in ("mother_birth_on", "mother_birth_on_precision")
)
Row = tuple[Any, ...]
_Member = tuple[str, str, str | None]


def contributions(life: LifeCourse, rows: Sequence[Row] | None = None) -> list[Cell]:
    """All cells of a life, each with `n` 1 or -1. `rows`: those of `residence_rows`, if they are there already.

    Nobody is counted under the id that a merge gave up, nor under a pseudonym.
    """
    if not life.known or life.merged_into is not None:
        return []
    cells: list[Cell] = []
    if not life.stillborn:
        if rows is None:
            rows = residence_rows(life)
        if not rows and life.died == life.start:
            rows = [_moment(life)]
        if rows:
            _count_residence(cells, life, rows)
        _count_death(cells, life, rows[-1] if rows else None)
    else:
        rows = ()
    if life.began_here:
        _count_birth(cells, life, rows[0] if rows else None)
    if "unions" in life.made:
        cells += _count_unions(life.unions)
    return cells


def _count_residence(cells: list[Cell], life: LifeCourse, rows: Sequence[Row]) -> None:
    """Changes of populations, and moves."""
    first, last = rows[0], rows[-1]
    if not life.began_here:
        _begin(cells, life, first)
    members: list[_Member] = []
    before = first
    for row in rows:
        now = _memberships(row)
        if row is not first:
            if row[5:9] != before[5:9]:
                _move(cells, life, USUAL, before[5:9], row[5:9], row[1])
            if row[9:] != before[9:]:
                _move(cells, life, REGISTERED, before[9:], row[9:], row[1])
        if row[1] != row[2]:  # who was born and died on one day is in no population
            _change(cells, life, row[1], members, now)
            members = now
        before = row
    if last[2] is not None:
        _change(cells, life, last[2], members, [])


def _memberships(row: Row) -> list[_Member]:
    """The populations to which somebody belongs during an episode: (population, area, elsewhere)."""
    lives, registered = row[5], row[9]
    found: list[_Member] = []
    if lives is not None:
        found.append((USUAL, lives, None))
        if row[4] == "temporary":
            found.append((TEMPORARY, lives, None))
    if registered is not None:
        found.append((REGISTERED, registered, None))
    if lives != registered:
        if lives is not None:
            found.append((INFLOW, lives, name_place(row[9:])))
        if registered is not None:
            found.append((OUTFLOW, registered, name_place(row[5:9])))
    return found


def _change(cells: list[Cell], life: LifeCourse, day: int, before: list[_Member], now: list[_Member]) -> None:
    sex, born = life.sex, life.born
    for population, area, elsewhere in before:
        if (population, area, elsewhere) not in now:
            cells.append(Change(population, area, elsewhere, sex, born, day, -1))
    for population, area, elsewhere in now:
        if (population, area, elsewhere) not in before:
            cells.append(Change(population, area, elsewhere, sex, born, day, 1))


def _move(cells: list[Cell], life: LifeCourse, track: str, before: Place, now: Place, day: int) -> None:
    """From one episode to the next. Between two places elsewhere nobody here moves."""
    if now[0] is None:
        if before[0] is not None:
            cells.append(Move(OUT, track, before[0], name_place(now), day, life.sex, life.born, 1))
    elif before[0] is not None:
        cells.append(Move(INTERNAL, track, before[0], now[0], day, life.sex, life.born, 1))
    else:
        cells.append(_come(life, track, before, now[0], day))


def _begin(cells: list[Cell], life: LifeCourse, row: Row) -> None:
    """Who is here from the first day that is known, without a birth."""
    origins = life.before or (UNKNOWN, UNKNOWN)
    for track, origin, area in ((USUAL, origins[0], row[5]), (REGISTERED, origins[1], row[9])):
        if area is not None:
            cells.append(_come(life, track, UNKNOWN if origin[0] is not None else origin, area, row[1]))


def _come(life: LifeCourse, track: str, origin: Place, area: str, day: int) -> Move:
    """Into an area from elsewhere. Who is not said to have arrived, and to have been anywhere, was only found."""
    if origin == UNKNOWN and not _has_arrived(life, day):
        return Move(FOUND, track, None, area, day, life.sex, life.born, 1)
    return Move(IN, track, name_place(origin), area, day, life.sex, life.born, 1)


def _has_arrived(life: LifeCourse, day: int) -> bool:
    """Whether the last word on a day, or before the first, is an arrival."""
    said = None
    for step in life.steps:
        if step[0] > day:
            break
        said = step[5]
    return said is not None and said.type in _ARRIVALS


def _count_birth(cells: list[Cell], life: LifeCourse, row: Row | None) -> None:
    """What only the event knows: the mother's birth day, the order, the delay. The area is that of the life."""
    fact = life.born_by
    assert fact is not None, "who began here has a birth"
    assert life.born is not None
    values = fact.values
    mother_on = values[_MOTHER_ON]
    mother_born = None if mother_on is None else imputed(mother_on, values[_MOTHER_PRECISION] or DAY)
    lived, registered = (None, None) if row is None else (row[5], row[9])
    kind = BIRTH
    if values[_LIVE] is False:
        kind, lived, registered = STILLBIRTH, fact.residence_area, None
    sex = life.sex or values[_SEX]
    delay = _delay(fact)
    cells.append(Occurrence(kind, lived, life.born, sex, mother_born, values[_ORDER], delay, registered, 1))


def _count_death(cells: list[Cell], life: LifeCourse, row: Row | None) -> None:
    died = life.died
    if died is not None:
        lived, registered = (None, None) if row is None else (row[5], row[9])
        cells.append(Occurrence(DEATH, lived, died, life.sex, life.born, None, _delay(life.died_by), registered, 1))


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
