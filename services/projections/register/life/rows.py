"""What is written of a life: narrow rows, a function of the facts alone.

Days are counted from 1970-01-01 and intervals are half open: `[from_day, to_day)`, no `to_day` where it goes on.
A day known to the month or year only stands at the middle of its period, and a precision beside it says so.
Places have four columns `<track>_…`. Lives or is registered here: `area`. Elsewhere: `region`, with `region_area` in
that region's codes if known, or `country` (ZZ where nobody knows which). Unknown: all four null.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.episodes import civil_statuses, identifier_spans, memberships, residence_rows

TABLES: Final[dict[str, tuple[str, ...]]] = {
    "person": (
        "person_id",
        "merged_into",
        "sex",
        "born_day",
        "born_precision",
        "died_day",
        "died_precision",
        "birth_country",
        "usual_area",
        "registered_area",
        "civil_status",
        "household_id",
        "confirmed_day",
        "marks",
    ),
    "residence": (
        "person_id",
        "from_day",
        "to_day",
        "from_precision",
        "usual_kind",
        "usual_area",
        "usual_region",
        "usual_region_area",
        "usual_country",
        "registered_area",
        "registered_region",
        "registered_region_area",
        "registered_country",
    ),
    "civil_status": ("person_id", "from_day", "to_day", "from_precision", "status", "spouse_id"),
    "household_member": ("person_id", "from_day", "to_day", "from_precision", "household_id", "relation"),
    "identifier": ("person_id", "from_day", "to_day", "kind", "event_id"),
    "certificate": (
        "person_id",
        "certificate_id",
        "application_id",
        "kind",
        "state",
        "state_day",
        "valid_from_day",
        "valid_until_day",
        "reason",
    ),
    "link": (
        "person_id",
        "link_id",
        "from_day",
        "to_day",
        "own_side",
        "partner_region",
        "counterpart_id",
        "settled_by",
        "end_reason",
    ),
    "departure": (
        "person_id",
        "event_id",
        "left_day",
        "left_precision",
        "from_area",
        "to_region",
        "to_region_area",
        "to_country",
        "state",
        "answered_day",
    ),
    "service": ("person_id", "item_id", "kind", "service_code", "from_day", "to_day"),
    "marker": ("person_id", "marker_id", "kind", "scope", "from_day", "to_day"),
    "dispute": (
        "person_id",
        "dispute_id",
        "path",
        "ground",
        "raised_by",
        "disputed_event_id",
        "from_day",
        "expected_day",
        "to_day",
        "decision",
    ),
    "finding": ("person_id", "kind", "event_id", "other_event_id", "day", "area", "office"),
}

PROTECTED, DISPUTED, ERASED, HAS_FINDINGS, STILLBORN = 1, 2, 4, 8, 16
"""Bits of `person.marks`."""
_Rows: TypeAlias = dict[str, list[tuple[Any, ...]]]
_Lines: TypeAlias = Sequence[tuple[Any, ...]]


def rows(life: LifeCourse) -> _Rows:
    """Table → rows in the order of its columns; tables without rows are left out."""
    person_id = life.person_id
    if life.merged_into is not None:
        return {"person": [(person_id, life.merged_into, *_NOTHING_ELSE)]}
    if life.known:
        found = residence_rows(life)
        person = [_write_person(life)]
        written: _Rows = {"person": person, "residence": found} if found else {"person": person}
    else:
        written = {"person": [_write_person(life)]} if life.is_there else {}
    for collection in life.made:
        if collection in _WRITERS:
            table, write = _WRITERS[collection]
            if more := [(person_id, *row) for row in write(life)]:
                written[table] = more
    return written


_NOTHING_ELSE = (*(None for _ in range(len(TABLES["person"]) - 3)), 0)


def _write_person(life: LifeCourse) -> tuple[Any, ...]:
    """Where somebody lives is not said of the dead, nor when somebody died who never lived."""
    born, died = life.born, life.died
    alive = died is None
    told = not alive and not life.stillborn
    return (
        life.person_id,
        None,
        life.sex,
        born,
        life.born_precision,
        died if told else None,
        life.died_precision if told else None,
        life.birth_country,
        life.usual[0] if alive else None,
        life.registered[0] if alive else None,
        life.status,
        life.household_id if alive else None,
        life.confirmed_day,
        get_marks(life) if life.made or not alive else 0,
    )


def get_marks(life: LifeCourse) -> int:
    """Bits of `person.marks`. A marker counts as protecting until it is lifted: rows know no clock."""
    kept = life.made
    marks = STILLBORN if life.stillborn else 0
    if "findings" in kept and life.findings:
        marks |= HAS_FINDINGS
    if "markers" in kept:
        for marker in life.markers.values():
            if marker.kind == "erasure":
                marks |= ERASED
            elif not marker.lifted:
                marks |= PROTECTED
    if "disputes" in kept and any(dispute.to_day is None for dispute in life.disputes.values()):
        marks |= DISPUTED
    return marks


def _civil_statuses(life: LifeCourse) -> _Lines:
    return [(s.from_day, s.to_day, s.precision, *s.state) for s in civil_statuses(life)]


def _memberships(life: LifeCourse) -> _Lines:
    return [(s.from_day, s.to_day, s.precision, *s.state) for s in memberships(life)]


def _certificates(life: LifeCourse) -> _Lines:
    return [
        (c.certificate_id, c.application_id, c.kind, c.state, c.day, c.valid_from, c.valid_until, c.reason)
        for c in life.certificates
    ]


def _links(life: LifeCourse) -> _Lines:
    return [
        (id_, k.from_day, k.to_day, k.own_side, k.partner_region, k.counterpart_id, k.settled_by, k.end_reason)
        for id_, k in life.links.items()
    ]


def _departures(life: LifeCourse) -> _Lines:
    return [
        (d.event_id, d.day, d.precision, d.from_area, *d.to[1:], d.state, d.answered_day)
        for d in life.departures.values()
    ]


def _services(life: LifeCourse) -> _Lines:
    answered = life.answered_offers
    return [tuple(s) for item_id, s in life.services.items() if s.kind != "offer" or item_id not in answered]


def _markers(life: LifeCourse) -> _Lines:
    return [
        (marker_id, m.kind, scope, m.from_day, m.to_day)
        for marker_id, m in life.markers.items()
        for scope in m.scopes
        if m.to_day is None or m.to_day > m.from_day
    ]


def _disputes(life: LifeCourse) -> _Lines:
    return [
        (id_, d.path, d.ground, d.raised_by, d.disputed_event_id, d.from_day, d.expected_day, d.to_day, d.decision)
        for id_, d in life.disputes.items()
    ]


def _findings(life: LifeCourse) -> _Lines:
    return sorted(set(life.findings), key=lambda each: (each.day, each.kind, each.event_id, each.other_event_id or b""))


_WRITERS: Final[dict[str, tuple[str, Callable[[LifeCourse], _Lines]]]] = {
    "statuses": ("civil_status", _civil_statuses),
    "memberships": ("household_member", _memberships),
    "identifiers": ("identifier", identifier_spans),
    "certificates": ("certificate", _certificates),
    "links": ("link", _links),
    "departures": ("departure", _departures),
    "services": ("service", _services),
    "markers": ("marker", _markers),
    "disputes": ("dispute", _disputes),
    "findings": ("finding", _findings),
}
"""Collection of a life → its table and what writes its rows, without the person's id."""
