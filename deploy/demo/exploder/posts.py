"""The events as an office posts them: one function for each kind, every field name of the contract in
this file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from deploy.demo.exploder.people import People, Residents
from deploy.demo.exploder.rules import (
    FAMILIES,
    Lots,
    delay_days,
    event_id,
    given_names,
    identifier,
    iso_date,
    month_day,
    registration_time,
)
from deploy.demo.exploder.tables import County

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
        unix_ms, registered_at = registration_time(self._lots, year, 364, 0)
        self._hand_over(
            "PersonEnumerated",
            residents,
            unix_ms,
            {
                **self._dates(iso_date(year, 364), registered_at),
                **self._place(residents, number),
                "subjects": [self._named("person", number)],
                "sex": self._sex(number),
                "birth_on": self._birth_on(number),
            },
        )

    def birth(self, residents: Residents, child: int, mother: int | None, order: int | None) -> None:
        """A live birth; `mother` is None when the source does not know her age."""
        year, day = self._people.birth_year[child], self._people.birth_day[child]
        unix_ms, registered_at = self._registration(year, day, _BIRTH_DELAY)
        subjects = [self._named("child", child)]
        about_mother: Post = {}
        if mother is not None:
            subjects.append(self._identified("mother", mother))
            about_mother = {"birth_order": order, "mother_birth_on": self._birth_on(mother)}
        self._hand_over(
            "BirthRegistered",
            residents,
            unix_ms,
            {
                **self._dates(iso_date(year, day), registered_at),
                **self._place(residents, child),
                "subjects": subjects,
                "sex": self._sex(child),
                "live_birth": True,
                **about_mother,
            },
        )

    def death(self, residents: Residents, number: int, year: int, day: int) -> None:
        unix_ms, registered_at = self._registration(year, day, _DEATH_DELAY)
        self._hand_over(
            "DeathRegistered",
            residents,
            unix_ms,
            {
                **self._dates(iso_date(year, day), registered_at),
                **self._place(residents, number),
                "subjects": [self._identified("deceased", number)],
                "sex": self._sex(number),
                "birth_on": self._birth_on(number),
            },
        )

    def arrival(self, residents: Residents, number: int, year: int, day: int, origin: Place) -> None:
        unix_ms, registered_at = self._registration(year, day, _MOVE_DELAY)
        self._hand_over(
            "ArrivalRegistered",
            residents,
            unix_ms,
            {
                **self._dates(iso_date(year, day), registered_at),
                **self._place(residents, number),
                "subjects": [self._named("mover", number)],
                "sex": self._sex(number),
                "birth_on": self._birth_on(number),
                "to_area": residents.home_code(self._people, number),
                "residence_kind": "permanent",
                **_place_fields("from", origin),
            },
        )

    def departure(self, residents: Residents, number: int, year: int, day: int, destination: Place) -> None:
        """Final at once: no confirmation is expected of the past."""
        unix_ms, registered_at = self._registration(year, day, _MOVE_DELAY)
        self._hand_over(
            "DepartureRegistered",
            residents,
            unix_ms,
            {
                **self._dates(iso_date(year, day), registered_at),
                **self._place(residents, number),
                "subjects": [self._identified("mover", number)],
                "sex": self._sex(number),
                "birth_on": self._birth_on(number),
                "from_area": residents.home_code(self._people, number),
                **_place_fields("to", destination),
            },
        )

    def _registration(self, year: int, day: int, delay: dict[str, int]) -> tuple[int, str]:
        return registration_time(self._lots, year, day, delay_days(self._lots, **delay))

    def _hand_over(self, kind: str, residents: Residents, unix_ms: int, rest: Post) -> None:
        head = {"type": kind, "version": 1, "event_id": event_id(self._lots, unix_ms)}
        self._sink(residents.county, unix_ms, head | rest)

    def _dates(self, occurred_on: str, registered_at: str) -> Post:
        return {"occurred_on": occurred_on, "registered_at": registered_at}

    def _place(self, residents: Residents, number: int) -> Post:
        code = residents.home_code(self._people, number)
        return {"residence_area": code, "occurrence_area": code, "office": f"{code}-1"}

    def _sex(self, number: int) -> str:
        return "female" if self._people.female[number] else "male"

    def _birth_on(self, number: int) -> str:
        return f"{self._people.birth_year[number]}-{month_day(self._people.birth_day[number])}"

    def _identified(self, role: str, number: int) -> Post:
        return {"role": role, "civil": {"identifiers": [{"kind": "local", "value": identifier(number)}]}}

    def _named(self, role: str, number: int) -> Post:
        civil = {
            "given_names": given_names(number),
            "family_name": FAMILIES[self._people.family[number]],
            "identifiers": [{"kind": "local", "value": identifier(number)}],
        }
        return {"role": role, "civil": civil}


def _place_fields(end: str, place: Place) -> Post:
    """The fields of one end of a move; what is not known is left out."""
    fields = {
        f"{end}_kind": place.kind,
        f"{end}_region": place.region,
        f"{end}_area": place.area,
        f"{end}_country": place.country,
    }
    return {name: value for name, value in fields.items() if value is not None}
