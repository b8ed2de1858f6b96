"""What is written of a life: narrow rows, a function of the facts alone.

Days are counted from 1970-01-01 and intervals are half open: `[from_day, to_day)`, no `to_day` where it goes on.
A day known to the month or year only stands at the middle of its period, and a precision beside it says so.
Places have four columns `<track>_…`. Lives or is registered here: `area`. Elsewhere: `region`, with `region_area` in
that region's codes if known, or `country` (ZZ where nobody knows which). Unknown: all four null.
"""

from typing import Final

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
