"""From rows of a life to what is told of it. Pure.

Days become dates, ids become UUIDs, and the columns of a place become one object: `{"area": …}` in this region,
`{"region": …}` or `{"country": …}` elsewhere, `{"unknown": true}` where nobody knows. Intervals are half open: `to_on`
is the first day on which it is no more.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.kernel.codec.posts.dates import EPOCH
from services.projections.api.course import Course
from services.projections.api.sight import PROTECTION, Tables
from services.projections.register.life import describe
from services.projections.register.life.describe import DEAD
from services.projections.register.life.places import Place

Told = dict[str, Any]

TRACKS = ("usual", "registered")
_PLACE = ("area", "region", "region_area", "country")
# Table -> its name among the histories. Findings, services and the person's own row are told elsewhere.
HISTORIES: Mapping[str, str] = {
    "residence": "residence",
    "civil_status": "civil_status",
    "household_member": "household",
    "identifier": "identifiers",
    "certificate": "certificates",
    "link": "links",
    "departure": "departures",
    "marker": "markers",
    "dispute": "disputes",
}
_LENGTHS = {"year": 4, "month": 7, "day": 10}


def iso_date(day: int | None, precision: str | None = None) -> str | None:
    """A day as people write it, to the month or year where no more is known."""
    if day is None:
        return None
    return date.fromordinal(day + EPOCH).isoformat()[: _LENGTHS.get(precision or "day", 10)]


def iso_instant(milliseconds: int) -> str:
    """Milliseconds since 1970 as RFC 3339, UTC."""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def tell_row(row: Mapping[str, Any]) -> Told:
    """One row, without the person's own id."""
    told: Told = {}
    for track in TRACKS:
        if f"{track}_country" in row:
            told[track] = tell_place(row, f"{track}_")
    for name, value in row.items():
        if name == "person_id" or (name.partition("_")[0] in told and name.partition("_")[2] in _PLACE):
            continue
        if name == "day" or name.endswith("_day"):
            told[f"{name[:-3]}on" if name != "day" else "on"] = iso_date(value)
        else:
            told[name] = str(UUID(bytes=value)) if isinstance(value, bytes) else value
    return told


def tell_place(row: Mapping[str, Any], prefix: str) -> Told:
    """The place that the columns `<prefix>area`, `<prefix>region`, … say."""
    place = {name: row[prefix + name] for name in _PLACE if row.get(prefix + name) is not None}
    return place or {"unknown": True}


def tell_history(tables: Tables, as_at: int | None) -> Told:
    """All episodes by kind, oldest first; with `as_at` those that had begun by then."""
    return {
        name: [tell_row(row) for row in tables.get(table, ()) if as_at is None or _day_of(row) <= as_at]
        for table, name in HISTORIES.items()
    }


def tell_current(course: Course, day: int, today: int) -> Told:
    """The state at the end of a day. Protection and disputes are told as they stand today."""
    tables, state = course.tables, describe(course.life, day)
    person = _person(course)
    dead = state.vital == DEAD
    return {
        "vital": state.vital,
        "sex": person.get("sex"),
        "born_on": tell_birth(course),
        "died_on": iso_date(person.get("died_day"), person.get("died_precision")) if dead else None,
        "birth_country": person.get("birth_country"),
        "usual": _tell_place(state.usual),
        "usual_kind": state.kind,
        "registered": _tell_place(state.registered),
        "civil_status": state.civil_status,
        "spouse_id": _uuid(state.spouse_id),
        "household_id": _uuid(state.household_id),
        "household_relation": state.relation,
        "awaits_confirmation": state.awaited_departure is not None,
        "protected": [r["scope"] for r in tables.get("marker", ()) if r["kind"] == PROTECTION and _stands(r, today)],
        "disputed": sorted({row["path"] for row in tables.get("dispute", ()) if row["to_day"] is None}),
    }


def tell_birth(course: Course) -> str | None:
    """The birth date, as exactly as it is known."""
    person = _person(course)
    return iso_date(person.get("born_day"), person.get("born_precision"))


def _person(course: Course) -> Mapping[str, Any]:
    rows = course.tables.get("person", ())
    return rows[0] if rows else {}


def _tell_place(place: Place | None) -> Told | None:
    """None before birth and after death."""
    if place is None:
        return None
    told = {name: value for name, value in zip(_PLACE, place, strict=True) if value is not None}
    return told or {"unknown": True}


def _stands(row: Mapping[str, Any], day: int) -> bool:
    return row["to_day"] is None or bool(row["to_day"] > day)


def _day_of(row: Mapping[str, Any]) -> int:
    for name in ("from_day", "left_day", "state_day"):
        if row.get(name) is not None:
            return int(row[name])
    return -(1 << 31)


def _uuid(value: bytes | None) -> str | None:
    return str(UUID(bytes=value)) if value is not None else None
