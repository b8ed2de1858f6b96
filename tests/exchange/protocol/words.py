"""Bodies to say things with."""

from datetime import date, timedelta
from typing import Any

from services.exchange.protocol.actions import Action
from services.exchange.protocol.bodies import Body

DAY = date(2026, 2, 2)


def body_of(code: str, outcome: str = "", **facts: Any) -> Body:
    """A body that is complete for that message; `facts` replace or add fields."""
    body = {**_BODIES.get(code, {}), **facts}
    field = _OUTCOMES.get(code)
    if field and outcome:
        body[field] = outcome
    return body


def body_for(action: Action, outcome: str, person: str, forward_to: str, third: bool = False) -> Body:
    """What an office of the tests says when it takes an action."""
    facts: dict[str, Any] = {}
    if action.what == "201":
        facts = {"registration_id": f"arrival-{person}"}
    elif action.what == "202":
        facts = {"departure_event_id": f"departure-{person}"}
    elif (action.what, outcome) in (("204", "B-F"), ("205", "MOVED_ON"), ("503", "FORWARDED")):
        facts = {"forward_to_jurisdiction": forward_to}
    elif action.what in ("303", "304"):
        facts = {"item_ids": ["1"]}
    return body_of(action.what, outcome, **facts)


_OUTCOMES = {
    "102": "outcome", "203": "outcome", "204": "reason_code", "205": "outcome", "212": "notice", "213": "outcome",
    "302": "outcome", "401": "effect", "402": "outcome", "404": "reason", "503": "outcome",
}  # fmt: skip
_BODIES: dict[str, dict[str, Any]] = {
    "101": {"requested_blocks": ["identification", "address"], "person_consent_or_basis": "CONSENT"},
    "102": {"outcome": "FOUND"},
    "201": {
        "registration_id": "arrival",
        "registered_on": "2026-02-03",
        "moved_in_on": DAY.isoformat(),
        "residence_kind": "PRIMARY",
    },
    "202": {
        "departure_event_id": "departure",
        "departed_on": DAY.isoformat(),
        "declared_destination": "north",
        "validity_until": (DAY + timedelta(days=90)).isoformat(),
    },
    "203": {"outcome": "CONFIRMED", "origin_effect": "OUTFLOW_RECORDED", "departed_on": DAY.isoformat()},
    "204": {"reason_code": "B-G"},
    "205": {"outcome": "UNKNOWN"},
    "211": {"registration_id": "arrival", "changed_fields": ["moved_in_on"], "reason": "TYPING_ERROR"},
    "212": {"notice": "ARRIVAL", "reason": "ERROR"},
    "213": {"outcome": "ALL_SETTLED"},
    "301": {"items": [{"item_id": "1", "path": "civil.family_name", "question": "IS_IT_SO"}], "why_needed": "exchange"},
    "302": {"outcome": "VERIFIED"},
    "303": {"item_ids": ["1"]},
    "304": {"item_ids": ["1"]},
    "401": {"change_kind": "NAME", "effect": "CHANGES"},
    "402": {"outcome": "APPLIED"},
    "404": {"reason": "RETURNED", "ended_on": "2026-06-01"},
    "501": {"path": "civil.family_name", "ground_of_doubt": "document-differs"},
    "502": {"expected_by": "2026-05-01"},
    "503": {"outcome": "CORRECTED"},
    "702": {"reason_code": "WORKLOAD"},
    "707": {"reason": "NEW_FACTS"},
}
