"""What the house says by itself, word for word: bodies and documents, made of what the register holds. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from services.exchange.particulars import documents
from services.exchange.particulars.identification import Identification
from services.exchange.protocol.bodies import Body, Value, ids_of, read_body, text_of
from services.exchange.protocol.calendars import months_later
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.deadlines import TIMES, Kind
from services.exchange.protocol.failures import spoken_code
from services.exchange.register.comparing import FieldResult, differing
from services.exchange.register.facts import day_of
from services.exchange.register.held import Held, identify, state_address, state_values

_KINDS = {"permanent": "PRIMARY", "temporary": "TEMPORARY", "secondary": "SECONDARY"}


class Words(NamedTuple):
    """One message: its code, body, and the document about the person where there is one. `office`: who speaks."""

    code: str
    body: Body
    document: Mapping[str, Any] | None = None
    in_reply_to: str | None = None
    on: date | None = None
    office: str = ""


def notice(held: Held, arrival: Mapping[str, Any]) -> Words:
    """201, of an arrival as it stands on the log."""
    on = day_of(arrival["occurred_on"])
    body = {
        "registration_id": str(UUID(bytes=arrival["event_id"])),
        "registered_on": day_of(arrival["registered_at"] // 86_400_000).isoformat(),
        "moved_in_on": on.isoformat(),
        "residence_kind": _KINDS[arrival["residence_kind"]],
        "keep_origin_registration": arrival.get("origin_registration_kept") or None,
        "reason_of_move": arrival.get("reason"),
        "expected_stay": _months(arrival.get("expected_stay_months")),
        "household_ref": _id(arrival.get("moving_together_id")),
    }
    civil = held.civil or {}
    document = documents.Arrival(
        subject=identify(held),
        address=_address(civil.get("address"), arrival["to_area"]),
        previous_address_declared=state_address(civil.get("previous_address")),
        asserted_fields=state_values(held),
    )
    return Words("201", _said(body), _plain(document), on=on, office=arrival["office"])


def announcement(held: Held, departure: Mapping[str, Any], partner: str) -> Words:
    """202, of a departure that waits for an arrival."""
    on = day_of(departure["occurred_on"])
    months = TIMES[Kind.CONFIRMATION].std.amount
    body = {
        "departure_event_id": str(UUID(bytes=departure["event_id"])),
        "departed_on": on.isoformat(),
        "declared_destination": partner,
        "validity_until": months_later(on, months).isoformat(),
        "household_ref": _id(departure.get("moving_together_id")),
    }
    document = documents.Departure(subject=identify(held))
    return Words("202", _said(body), _plain(document), on=on, office=departure["office"])


def feedback(
    results: Sequence[FieldResult], held: Held, conversation: Conversation, about: str, *, joined: bool = False
) -> Words:
    """The final 203. Values travel sealed, and only those that differ. `joined`: a departure waits for this notice."""
    different = differing(results)
    moved_on = moved_in_on(conversation, about)
    body = {
        "outcome": "CONFIRMED_WITH_DIFFERENCES" if different else "CONFIRMED",
        "field_results": [each.to_line() for each in results] or None,
        "origin_effect": _effect(held, conversation, joined=joined or conversation.departure is not None),
        "departed_on": moved_on.isoformat() if moved_on else None,
    }
    document = documents.Feedback(values=tuple(each.to_values() for each in different)) if different else None
    return Words("203", _said(body), None if document is None else _plain(document), about, moved_on)


def refusal(
    code: str, about: str, *, forward_to: str | None = None, since: date | None = None, missing: Sequence[str] = ()
) -> Words:
    """204. What a neutral code may not say is cut off before it leaves."""
    told = since if code in ("B-D", "B-E", "B-F") else None
    body = {
        "reason_code": spoken_code(code),
        "forward_to_jurisdiction": forward_to if code == "B-F" else None,
        "departed_on": told.isoformat() if told else None,
        "missing_fields": list(missing) if code == "B-Z" and missing else None,
    }
    return Words("204", _said(body), None, about)


def acceptance(paths: Sequence[str], about: str) -> Words:
    """213: differences that matter to nobody are kept as they are here."""
    decisions = [{"path": path, "decision": "KEPT_DESTINATION"} for path in sorted(paths)]
    return Words("213", _said({"outcome": "ALL_SETTLED", "decisions": decisions or None}), None, about)


def record(held: Held, conversation: Conversation, about: str, as_of: date) -> Words:
    """102 with those blocks of the record that were asked for, and no other."""
    civil, asked = held.civil or {}, _blocks_asked_for(conversation, about)
    status = held.civil_status if "civil-status" in asked else None
    snapshot = documents.Snapshot(
        identification=identify(held) if "identification" in asked else Identification(),
        civil_status=documents.CivilStatus(status) if status else None,
        citizenships=tuple(civil.get("citizenships") or ()) if "citizenships" in asked else (),
        address=_address(civil.get("address"), held.lives_in) if "address" in asked else None,
        as_of=as_of.isoformat(),
    )
    return Words("102", {"outcome": "FOUND"}, _plain(documents.Response(snapshot=snapshot)), about)


def _blocks_asked_for(conversation: Conversation, about: str) -> frozenset[str]:
    taken = conversation.find_taken(about)
    if taken is None:
        return frozenset()
    return ids_of(read_body(taken.envelope.payload, CATALOGUE["101"].items), "requested_blocks")


def corrected(said: Words, held: Held) -> Words:
    """211 with everything as it is held now."""
    moved_on = day_of(held.event["occurred_on"]).isoformat() if held.event else None
    values = documents.Values(values=state_values(held))
    body = {**said.body, "moved_in_on": moved_on, "changed_fields": ["moved_in_on", *_paths(values)]}
    return said._replace(body=_said(body), document=_plain(values))


def _paths(values: documents.Values) -> list[str]:
    return [each.path for each in values.values]


def moved_in_on(conversation: Conversation, about: str) -> date | None:
    """Since when the person lives at the destination, by the notice or the correction of it."""
    for message_id in (about, conversation.arrival):
        message = conversation.find_taken(message_id) or conversation.find_letter(message_id)
        if message is not None:
            text = text_of(read_body(message.envelope.payload, CATALOGUE[message.code].items), "moved_in_on")
            if text is not None:
                return date.fromisoformat(text)
    return None


def departed_on(conversation: Conversation) -> date | None:
    """When the person left, by the announcement."""
    message = conversation.find_taken(conversation.departure) or conversation.find_letter(conversation.departure)
    if message is None:
        return None
    text = text_of(read_body(message.envelope.payload, CATALOGUE["202"].items), "departed_on")
    return date.fromisoformat(text) if text else None


def _effect(held: Held, conversation: Conversation, *, joined: bool) -> str:
    """What the origin does to its record. Who lives at the destination already by our own record has left before;
    a second home takes nobody away; who keeps the registration only lives elsewhere.
    """
    notice_ = conversation.find_taken(conversation.arrival)
    body = read_body(notice_.envelope.payload, CATALOGUE["201"].items) if notice_ else {}
    is_gone = held.elsewhere == conversation.partner and not joined and conversation.outflow is None
    if is_gone or body.get("residence_kind") == "SECONDARY":
        return "KEPT"
    return "OUTFLOW_RECORDED" if body.get("keep_origin_registration") else "DEREGISTERED"


def _address(address: Mapping[str, Any] | None, area: str | None) -> documents.Address | None:
    stated = state_address(address)
    if stated is None:
        return documents.Address(area=area) if area else None
    return documents.Address(
        lines=stated.lines,
        postal_code=stated.postal_code,
        locality=stated.locality,
        country=stated.country,
        area=area,
    )


def _months(count: int | None) -> str | None:
    return f"P{count}M" if count else None


def _id(raw: bytes | None) -> str | None:
    return str(UUID(bytes=raw)) if raw else None


def _said(body: Mapping[str, Any]) -> dict[str, Value]:
    return {name: value for name, value in body.items() if value is not None}


def _plain(document: msgspec.Struct) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def excuse(about: str, until: date) -> Words:
    """702 of a program; why people are late they say themselves."""
    return Words("702", {"reason_code": "SYSTEM_DOWN", "new_expected_at": until.isoformat()}, None, about)
