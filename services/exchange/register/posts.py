"""What the protocol wants logged, as posts for the region's own ingest. Pure: the same decision gives the same bytes.

An event's id derives from its cause and its place among the cause's events, so posting twice is posting once. What
only the register knows of the mover (sex, birth date, area) is filled in by the relay, once, before the first sending.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.exchange.ledger.house import RegisterPost
from services.exchange.protocol.bodies import Body, ids_of, read_body, text_of
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.stimuli import RegisterEvent

OFFICE = "exchange"
COMPLETED = frozenset({"DepartureRegistered"})
"""Types of which the relay fills in what the register holds of the mover."""

_ROLES = {"FieldDisputed": "person", "DisputeSettled": "person"}
_IDS = frozenset({"arrival_event_id", "departure_event_id", "message_id", "dispute_id"})
_CANONICAL = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CIVIL_STATUS = {"marriage": "married", "divorce": "divorced"}


def make_posts(
    events: Sequence[RegisterEvent], conversation: Conversation, person_id: UUID | None, at: datetime
) -> list[RegisterPost]:
    """The posts of one decision, in its order. Of somebody whom this register does not know there is nothing to log.

    `conversation`: after the decision. What has no form on the log (an id of the partner's that is no UUID) is left
    out: its cause stands in the journal.
    """
    if person_id is None:
        return []
    posts = []
    for event in events:
        document = _write(event, conversation, person_id, at)
        if document is not None:
            post = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
            posts.append(RegisterPost(UUID(document["event_id"]), event.type, post))
    return posts


def event_id_of(own: str, caused_by: str, ordinal: int) -> str:
    """The id of what a cause made the register log. It carries the instant of its cause."""
    return derive_id(instant_of(caused_by), own, caused_by, ordinal)


def instant_of(message_id: str) -> datetime:
    """Of a UUIDv7; of anything else, the beginning of time."""
    try:
        milliseconds = UUID(message_id).int >> 80
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _write(event: RegisterEvent, conversation: Conversation, person_id: UUID, at: datetime) -> dict[str, Any] | None:
    facts = _FACTS.get(event.type, _stated)(event, conversation)
    if facts is None:
        return None
    document: dict[str, Any] = {
        "type": event.type,
        "event_id": event_id_of(conversation.own, event.caused_by, event.ordinal),
        "occurred_on": event.occurred_on.isoformat(),
        "registered_at": at.isoformat(timespec="milliseconds"),
        "office": OFFICE,
        "source": "system",
        "caused_by": event.caused_by,
        "conversation_id": conversation.id,
        "link_id": event.link_id,
    }
    ids = (document[name] for name in ("caused_by", "conversation_id", "link_id") if document[name] is not None)
    if not all(map(_is_uuid, (*ids, *(facts[name] for name in _IDS & set(facts))))):
        return None
    if event.type != "EventAnnulled":
        document["subjects"] = [{"role": _ROLES.get(event.type, "mover"), "person_id": str(person_id)}]
    return {name: value for name, value in (document | facts).items() if value is not None}


def _stated(event: RegisterEvent, conversation: Conversation) -> dict[str, Any] | None:
    """The facts as the protocol states them."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in event.facts}


def _answered(event: RegisterEvent, conversation: Conversation) -> dict[str, Any] | None:
    """With the office that answered, where the partner answered us."""
    facts = _stated(event, conversation) or {}
    taken = conversation.find_taken(event.caused_by)
    return facts | {"partner_office": taken.envelope.sender_office or None} if taken else facts


def _departed(event: RegisterEvent, conversation: Conversation) -> dict[str, Any] | None:
    """An outflow that nobody had announced. Whoever keeps a registration here only lives there."""
    effect = text_of(_body_of(event.caused_by, conversation), "origin_effect")
    return {
        "to_kind": "region",
        "to_region": conversation.partner,
        "registration_kept": effect == "OUTFLOW_RECORDED",
        "confirmation_expected": False,
    }


def _updated(event: RegisterEvent, conversation: Conversation) -> dict[str, Any] | None:
    facts = _stated(event, conversation) or {}
    kind, said_in = facts.get("change_kind"), str(facts.get("message_id", event.caused_by))
    body, said = _body_of(said_in, conversation), conversation.find_taken(said_in)
    on = said.envelope.effective_on or said.envelope.occurred_on if said is not None else None
    if on is not None:  # the day of the change, not of our answer to it
        facts["occurred_on"] = on.isoformat()
    if kind == "address":
        facts["to_region"] = text_of(body, "next_jurisdiction")
    return facts | {"civil_status": _CIVIL_STATUS.get(str(kind))}


def _annulled(event: RegisterEvent, conversation: Conversation) -> dict[str, Any] | None:
    stated = dict(event.facts)
    target = event_id_of(conversation.own, str(stated["caused_by"]), int(str(stated["ordinal"])))
    cause = conversation.find_taken(event.caused_by)
    withdrawn = cause is not None and cause.code == "212"
    return {"target_event_id": target, "reason": "notice-withdrawn" if withdrawn else "other"}


def _disputed(event: RegisterEvent, conversation: Conversation) -> dict[str, Any] | None:
    report = next((each for each in conversation.taken if each.code == "501"), None)
    if report is None:
        return None
    body = read_body(report.envelope.payload, CATALOGUE["501"].items)
    facts = _stated(event, conversation) or {}
    return facts | {"path": body["path"], "ground": body["ground_of_doubt"], "raised_by": "partner"}


def _dispute_settled(event: RegisterEvent, conversation: Conversation) -> dict[str, Any] | None:
    """Only what was marked as disputed is settled."""
    if not any(letter.code == "502" for letter in conversation.letters):
        return None
    body = _body_of(event.caused_by, conversation)
    named = sorted(each for each in ids_of(body, "event_ids") if _is_uuid(each))
    return (_stated(event, conversation) or {}) | {"result_event_ids": named}


_FACTS: Mapping[str, Callable[[RegisterEvent, Conversation], dict[str, Any] | None]] = {
    "OriginAnswered": _answered,
    "DestinationAnswered": _answered,
    "DepartureRegistered": _departed,
    "RecordUpdatedByPartner": _updated,
    "EventAnnulled": _annulled,
    "FieldDisputed": _disputed,
    "DisputeSettled": _dispute_settled,
}


def _body_of(message_id: str, conversation: Conversation) -> Body:
    message = conversation.find_taken(message_id) or conversation.find_letter(message_id)
    return {} if message is None else read_body(message.envelope.payload, CATALOGUE[message.code].items)


def _is_uuid(value: Any) -> bool:
    if _CANONICAL.fullmatch(str(value)):
        return True  # by far the most are; the other spellings are left to those who know them
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
