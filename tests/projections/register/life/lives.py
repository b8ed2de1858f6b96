"""Short lives for tests: what is said, and what of one life can be read in one line."""

from collections.abc import Iterable
from typing import Any

from services.projections.register.life import Fact, LifeCourse, fold_people, rows
from services.projections.register.life.days import as_date
from services.projections.register.life.episodes import civil_statuses, memberships, residences
from services.projections.register.life.places import Place
from tests.projections.sentences import Log, key


def fold(log: Log | Iterable[Fact], name: str) -> LifeCourse:
    """The life of one person."""
    facts = log.facts if isinstance(log, Log) else log
    return fold_people(facts, [key(name)])[key(name)]


def written(log: Log, name: str, table: str) -> list[tuple[Any, ...]]:
    """Rows of one person without the person's id."""
    return [row[1:] for row in rows(fold(log, name)).get(table, [])]


def homes(life: LifeCourse) -> str:
    """Where the person lives: `1980-05-03 A, 2001-01-01 south/S1, 2005-01-01 end`."""
    return _line(life, [(each.from_day, each.usual) for each in residences(life)])


def registrations(life: LifeCourse) -> str:
    """Where the person is registered."""
    return _line(life, [(each.from_day, each.registered) for each in residences(life)])


def statuses(life: LifeCourse) -> str:
    found = civil_statuses(life)
    return ", ".join(f"{as_date(each.from_day)} {each.state[0]}" for each in found)


def households(life: LifeCourse) -> list[tuple[str, str | None, bytes]]:
    return [(_text(each.from_day), _text(each.to_day), each.state[0]) for each in memberships(life)]


def kinds(life: LifeCourse) -> list[str]:
    """Findings."""
    return sorted(finding.kind for finding in life.findings)


def _line(life: LifeCourse, places: list[tuple[int, Place]]) -> str:
    words: list[str] = []
    former: Place | None = None
    for day, place in places:
        if place != former:
            words.append(f"{as_date(day)} {say_place(place)}")
        former = place
    if life.died is not None:
        words.append(f"{as_date(life.died)} end")
    return ", ".join(words)


def say_place(place: Place) -> str:
    area, region, region_area, country = place
    if region is not None:
        return f"{region}/{region_area}" if region_area else region
    return area or country or "unknown"


def _text(day: int | None) -> str:
    return "" if day is None else as_date(day).isoformat()
