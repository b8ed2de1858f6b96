"""The events as an office posts them: one function for each kind, every field name of the contract in
this file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from deploy.demo.exploder.people import People, Residents
from deploy.demo.exploder.rules import (
    FAMILIES,
    LAST_DAY,
    Lots,
    delay_days,
    event_id,
    given_names,
    identifier,
    iso_date,
    number_of,
    registration_time,
)
from deploy.demo.exploder.tables import FEMALE, MALE, County

Post: TypeAlias = dict[str, Any]
Sink: TypeAlias = Callable[[County, int, Post], None]
"""Takes (county whose office posts, registered_at as Unix time in ms, the event)."""

_BIRTH_DELAY = {"usual_days_max": 10, "late_per_mille": 30}
_DEATH_DELAY = {"usual_days_max": 5, "late_per_mille": 10}
_MOVE_DELAY = {"usual_days_max": 14, "late_per_mille": 80}


@dataclass(frozen=True)
class Place:
    """Where a mover comes from or goes to; `kind` is a word of the vocabulary place_kind: an area of another
    region, a country abroad, or nobody knows.
    """

    kind: str
    region: str | None = None
    area: str | None = None
    country: str | None = None


UNKNOWN_PLACE = Place("unknown")


class Posts:
    """Writes events about people and hands them to a sink."""

    def __init__(self, people: People, lots: Lots, sink: Sink) -> None:
        self._people = people
        self._lots = lots
        self._sink = sink

    def enumeration(self, residents: Residents, number: int, year: int) -> None:
        """Found living here at the end of the year."""
        subjects = [self._named("person", number)]
        self._write("PersonEnumerated", residents, number, subjects, (year, LAST_DAY, 0), self._facts(number))

    def birth(self, residents: Residents, child: int, mother: int | None, order: int | None) -> None:
        """A live birth; `mother` is None when the source does not know her age."""
        on = self._people.birth_year[child], self._people.birth_day[child], self._delay(_BIRTH_DELAY)
        subjects, facts = [self._named("child", child)], {"sex": self._sex(child), "live_birth": True}
        if mother is not None:
            subjects.append(_identified("mother", mother))
            facts |= {"birth_order": order, "mother_birth_on": self._birth_on(mother)}
        self._write("BirthRegistered", residents, child, subjects, on, facts)

    def death(self, residents: Residents, number: int, year: int, day: int) -> None:
        on = year, day, self._delay(_DEATH_DELAY)
        subjects = [_identified("deceased", number)]
        self._write("DeathRegistered", residents, number, subjects, on, self._facts(number))

    def arrival(self, residents: Residents, number: int, year: int, day: int, origin: Place) -> None:
        on = year, day, self._delay(_MOVE_DELAY)
        facts = self._facts(number) | {"to_area": residents.home_code(self._people, number)}
        facts |= {"residence_kind": "permanent"} | _place_fields("from", origin)
        self._write("ArrivalRegistered", residents, number, [self._named("mover", number)], on, facts)

    def departure(self, residents: Residents, number: int, year: int, day: int, destination: Place) -> None:
        """Final at once: no confirmation is expected of the past."""
        on = year, day, self._delay(_MOVE_DELAY)
        facts = self._facts(number) | {"from_area": residents.home_code(self._people, number)}
        facts |= _place_fields("to", destination)
        self._write("DepartureRegistered", residents, number, [_identified("mover", number)], on, facts)

    def _write(
        self,
        kind: str,
        residents: Residents,
        number: int,
        subjects: list[Post],
        on: tuple[int, int, int],
        facts: Post,
    ) -> None:
        """`on`: year, day of the year, days until it was registered."""
        year, day, delay = on
        unix_ms, registered_at = registration_time(self._lots, year, day, delay)
        area = residents.home_code(self._people, number)
        post = {
            "type": kind,
            "version": 1,
            "event_id": event_id(self._lots, unix_ms),
            "source": "import",
            "occurred_on": iso_date(year, day),
            "registered_at": registered_at,
            "residence_area": area,
            "occurrence_area": area,
            "office": f"{area}-1",
            "subjects": subjects,
            **facts,
        }
        self._sink(residents.county, unix_ms, post)

    def _delay(self, usual: dict[str, int]) -> int:
        return delay_days(self._lots, **usual)

    def _facts(self, number: int) -> Post:
        return {"sex": self._sex(number), "birth_on": self._birth_on(number)}

    def _sex(self, number: int) -> str:
        return FEMALE if self._people.female[number] else MALE

    def _birth_on(self, number: int) -> str:
        return iso_date(self._people.birth_year[number], self._people.birth_day[number])

    def _named(self, role: str, number: int) -> Post:
        civil = {
            "given_names": given_names(number),
            "family_name": FAMILIES[self._people.family[number]],
            "identifiers": [{"kind": "local", "value": identifier(number)}],
        }
        return {"role": role, "civil": civil}


def _identified(role: str, number: int) -> Post:
    return {"role": role, "civil": {"identifiers": [{"kind": "local", "value": identifier(number)}]}}


def primary_number(post: Post) -> int:
    """The number of the person whom an event is about first."""
    value: str = post["subjects"][0]["civil"]["identifiers"][0]["value"]
    return number_of(value)


def _place_fields(end: str, place: Place) -> Post:
    """The fields of one end of a move; what is not known is left out."""
    fields = {
        f"{end}_kind": place.kind,
        f"{end}_region": place.region,
        f"{end}_area": place.area,
        f"{end}_country": place.country,
    }
    return {name: value for name, value in fields.items() if value is not None}
