"""Counts people from posted events alone: a second reading of the same facts, which shares no code with
the exploder.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

_ORDER = {
    "PersonEnumerated": 0,
    "BirthRegistered": 1,
    "ArrivalRegistered": 2,
    "DepartureRegistered": 3,
    "DeathRegistered": 4,
}
_PRIMARY = {
    "PersonEnumerated": "person",
    "BirthRegistered": "child",
    "DeathRegistered": "deceased",
    "ArrivalRegistered": "mover",
    "DepartureRegistered": "mover",
}


class Identifier(msgspec.Struct, gc=False):
    kind: str
    value: str


class Civil(msgspec.Struct, gc=False):
    identifiers: list[Identifier]


class Subject(msgspec.Struct, gc=False):
    role: str
    civil: Civil


class Event(msgspec.Struct, gc=False):
    """The fields of a post that counting needs."""

    type: str
    event_id: str
    occurred_on: date
    registered_at: str
    residence_area: str
    subjects: list[Subject]
    sex: str
    birth_on: date | None = None
    mother_birth_on: date | None = None
    birth_order: int | None = None
    from_area: str | None = None
    from_region: str | None = None
    to_area: str | None = None
    to_region: str | None = None

    def who(self, role: str) -> str | None:
        for subject in self.subjects:
            if subject.role == role:
                (identifier,) = subject.civil.identifiers
                return identifier.value
        return None

    def born(self) -> date:
        return self.birth_on or self.occurred_on


@dataclass
class Person:
    born: date
    sex: str
    area: str | None = None
    children: int = 0


@dataclass
class Ledger:
    """One region's people, and the tables counted from its events."""

    people: dict[str, Person] = field(default_factory=dict)
    population: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    births: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    deaths: Counter[tuple[int, str, int]] = field(default_factory=Counter)
    contradictions: list[str] = field(default_factory=list)
    arrivals: dict[tuple[str, str, date], tuple[str, str]] = field(default_factory=dict)
    departures: dict[tuple[str, str, date], tuple[str, str]] = field(default_factory=dict)
    _residents: Counter[tuple[str, int]] = field(default_factory=Counter)

    def count(self, events: Iterable[Event]) -> None:
        """Fold events in the order in which they occurred; take stock at the end of every year."""
        ordered = sorted(events, key=lambda e: (e.occurred_on, _ORDER[e.type], e.registered_at))
        year = ordered[0].occurred_on.year
        for event in ordered:
            while event.occurred_on.year > year:
                self._take_stock(year)
                year += 1
            self._apply(event)
        self._take_stock(year)

    def _take_stock(self, year: int) -> None:
        for (sex, born), number in self._residents.items():
            self.population[year, sex, min(year - born, 100)] += number

    def _apply(self, event: Event) -> None:
        who = event.who(_PRIMARY[event.type])
        assert who is not None
        person = self.people.setdefault(who, Person(event.born(), event.sex))
        if (person.born, person.sex) != (event.born(), event.sex):
            self._contradicts(event, "another birth date or sex")
        if event.type in ("DeathRegistered", "DepartureRegistered"):
            if person.area != event.residence_area:
                self._contradicts(event, f"lives in {person.area}")
            person.area = None
            self._residents[person.sex, person.born.year] -= 1
        else:
            if person.area is not None:
                self._contradicts(event, f"lives in {person.area} already")
            person.area = event.residence_area
            self._residents[person.sex, person.born.year] += 1
        self._tally(event, who)

    def _tally(self, event: Event, who: str) -> None:
        on = event.occurred_on
        if event.type == "DeathRegistered":
            self.deaths[on.year, event.sex, min(completed_age(event.born(), on), 100)] += 1
        elif event.type == "BirthRegistered":
            self._tally_birth(event)
        elif event.type == "ArrivalRegistered" and event.from_region is not None:
            self.arrivals[who, event.from_region, on] = (str(event.from_area), str(event.to_area))
        elif event.type == "DepartureRegistered" and event.to_region is not None:
            self.departures[who, event.to_region, on] = (str(event.from_area), str(event.to_area))

    def _tally_birth(self, event: Event) -> None:
        mother = self.people.get(event.who("mother") or "")
        if mother is None or mother.sex != "female" or mother.area != event.residence_area:
            self._contradicts(event, "no mother lives there")
            return
        if mother.born != event.mother_birth_on:
            self._contradicts(event, "the mother has another birth date")
        if (event.birth_order or 0) <= mother.children:
            self._contradicts(event, f"the mother has {mother.children} children already")
        mother.children = event.birth_order or 0
        year = event.occurred_on.year
        self.births[year, year - mother.born.year, event.sex] += 1

    def _contradicts(self, event: Event, why: str) -> None:
        self.contradictions.append(f"{event.type} of {event.who(_PRIMARY[event.type])} on {event.occurred_on}: {why}")


def completed_age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def read_events(path: Path) -> Iterator[Event]:
    decode = msgspec.json.Decoder(Event).decode
    with path.open("rb") as file:
        yield from (decode(line) for line in file)


def read_posts(path: Path) -> Iterator[dict[str, Any]]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    with path.open("rb") as file:
        yield from (decode(line) for line in file)
