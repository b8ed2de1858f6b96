"""What is recorded of somebody who reads a draft: PersonRead for everybody whom the draft names. Does no I/O."""

from collections.abc import Iterator
from datetime import datetime
from os import urandom
from typing import Any
from uuid import UUID

import msgspec

from services.ingest.corrections.draft import APPROVER, Draft
from services.kernel.errors import Forbidden, Rejected
from services.kernel.identity.caller import WHOLE_REGION, Caller

PEOPLE_MAX = 5  # in one PersonRead
OFFICE = "ingest"
DRAFTING = frozenset({"registrar", "service-worker"})  # geographers draft, but nothing about people
COMPARTMENTS = ("civil", "contact", "service")


def settle_purpose(caller: Caller, asked: str | None, purposes: frozenset[str]) -> str:
    """What the caller reads for: the token says it or the request does, never both differently.

    Rejected("purpose-required") if neither says a word of the vocabulary, Forbidden("purpose-not-yours") if the
    request says another than the token.
    """
    purpose = asked if asked is not None else caller.purpose
    if purpose not in purposes or purpose is None:
        raise Rejected("purpose-required", "?purpose", remedy=f"Name one of {', '.join(sorted(purposes))}.")
    if caller.purpose not in (None, purpose):
        raise Forbidden("purpose-not-yours", "?purpose")
    return purpose


def as_system(reader: Caller) -> Caller:
    """The system itself, on behalf of a reader: the log names the reader as the actor."""
    return Caller(reader.sub, frozenset({"system"}), (WHOLE_REGION,), None, reader.region)


def describe_reading(draft: Draft, reader: Caller, purpose: str, route: str, now: datetime) -> list[bytes]:
    """The PersonRead events, as posted, of one look at a draft's post; none if it names nobody."""
    if draft.post is None:
        return []
    document = msgspec.json.decode(draft.post)
    paths = sorted(set(_paths(document)))
    reading = {
        "type": "PersonRead",
        "occurred_on": now.date().isoformat(),
        "registered_at": now.isoformat(),
        "office": OFFICE,
        "source": "system",
        "purpose": purpose,
        "reader_role": _role_of(reader, draft),
        "route": route,
        "fields": paths,
        "compartments": [name for name in COMPARTMENTS if any(name in path.split(".") for path in paths)],
        "case_reference": document.get("case_reference") or str(draft.draft_id),
    }
    parts = range(0, len(draft.people), PEOPLE_MAX)
    return [msgspec.json.encode(reading | _about(draft, start, now)) for start in parts]


def _about(draft: Draft, start: int, now: datetime) -> dict[str, Any]:
    people = draft.people[start : start + PEOPLE_MAX]
    return {
        "event_id": str(_new_event_id(now)),
        "subjects": [{"role": "person", "region": region, "person_id": str(person_id)} for region, person_id in people],
    }


def _role_of(reader: Caller, draft: Draft) -> str:
    """Nobody approves their own draft: its author reads it in the role in which it was drafted."""
    roles = reader.roles & draft.author.roles & DRAFTING
    if not roles or (APPROVER in reader.roles and reader.sub != draft.author.sub):
        return APPROVER
    return min(roles)


def _paths(value: Any, above: str = "") -> Iterator[str]:
    """Dotted paths of everything that stands in a posted document; lists have no step of their own."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _paths(each, f"{above}.{name}" if above else name)
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each, above)
    elif value is not None and above:
        yield above


def _new_event_id(now: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562, section 5.7)."""
    raw = bytearray(int(now.timestamp() * 1000).to_bytes(6, "big") + urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))
