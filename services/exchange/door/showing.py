"""A conversation as offices see it: where it stands, what was said, what is owed, what may be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.protocol import Conversation
from services.exchange.protocol.bodies import WrongBodyError, read_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Letter, Obligation, Taken
from services.exchange.protocol.deadlines import TIMES
from services.exchange.protocol.failures import FAILURES
from services.exchange.worklist.actions import office_actions
from services.exchange.worklist.lists import SAYS

_OF_NOBODY = frozenset({"701", "702"})
"""Messages that speak of obligations only: their bodies are shown without a look at anybody."""


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation, and what the tables say of it beside."""

    conversation: Conversation
    row: asyncpg.Record

    @property
    def person_id(self) -> UUID | None:
        found = self.row["person_id"]
        return None if found is None else UUID(bytes=found.bytes)


def tell(found: Found, person_id: UUID | None, opened: Mapping[str, Any]) -> dict[str, Any]:
    """The conversation as an office sees it; bodies and particulars where somebody is looked at."""
    c = found.conversation
    is_look = person_id is not None or bool(opened)
    messages = [_tell_heard(each, opened, is_look) for each in c.taken]
    messages += [_tell_said(each, opened, is_look) for each in c.letters]
    return {
        **tell_row(found.row),
        "ids": c.ids,
        "person_id": person_id,
        "tacit": c.tacit,
        "round": c.round,
        "stay_end": c.stay_end,
        "registration_id": c.registration_id,
        "departure_event_id": c.departure_event_id,
        "allowed_actions": office_actions(c),
        "obligations": [_tell_obligation(each) for each in c.obligations],
        "messages": sorted(messages, key=lambda each: each["at"]),
        "refused": [
            {"message_id": each.message_id, "error_code": each.error_code, "says": _meaning(each.error_code)}
            for each in c.refused
        ],
    }


def tell_row(row: asyncpg.Record) -> dict[str, Any]:
    names = ("conversation_id", "partner", "talk", "role", "state", "link", "opened_at", "since", "wake_at", "ended")
    told = {name: row[name] for name in names} | {"duty": row["duty"], "why": row["duty_why"] or None}
    return {name: str(value) if isinstance(value, UUID) else value for name, value in told.items()} | {
        "conversation_id": str(row["conversation_id"]),
        "parent_id": None if row["parent_id"] is None else str(row["parent_id"]),
        "revision": row["revision"],
        "says": SAYS.get(row["duty_why"] or "", ""),
    }


def _tell_obligation(each: Obligation) -> dict[str, Any]:
    return {
        "obligation_id": each.id,
        "kind": each.kind,
        "owed": TIMES[each.kind].owed,
        "debtor": each.debtor,
        "creditor": each.creditor,
        "opened_at": each.opened_at,
        "due_at": each.due_at,
        "calendar_version": each.calendar_version,
        "clock": each.clock,
        "reminders": each.reminders,
        "pauses": [one._asdict() for one in each.pauses],
        "end": each.end,
        "ended_at": each.ended_at,
    }


def _tell_heard(each: Taken, opened: Mapping[str, Any], is_look: bool) -> dict[str, Any]:
    stands = {"at": each.receipt.received_at, "noted": each.noted, "response_due_at": each.receipt.response_due_at}
    return _tell_message(each, None) | stands | _tell_content(each, opened, is_look)


def _tell_said(each: Letter, opened: Mapping[str, Any], is_look: bool) -> dict[str, Any]:
    stands = {
        "at": each.envelope.recorded_at,
        "delivery": each.delivery,
        "attempt": each.attempt,
        "next_at": each.next_at,
        "received_at": each.receipt.received_at if each.receipt is not None else None,
        "error_code": each.error_code,
    }
    return _tell_message(each, each.error_code) | stands | _tell_content(each, opened, is_look)


def _tell_message(each: Taken | Letter, error_code: str | None) -> dict[str, Any]:
    """What heard and said messages have in common."""
    return {
        "message_id": each.id,
        "from": each.envelope.sender_jurisdiction,
        "code": each.code,
        "outcome": each.outcome,
        **_in_words(each.code, each.outcome, error_code),
        "in_reply_to": each.envelope.in_reply_to,
    }


def _in_words(code: str, outcome: str, error_code: str | None) -> dict[str, str]:
    """What the message is called, and what its codes mean."""
    message = CATALOGUE.get(code)
    meanings = [each for each in (_meaning(outcome), _meaning(error_code)) if each]
    return {"name": "" if message is None else message.name, "says": " ".join(meanings)}


def _meaning(code: str | None) -> str:
    return FAILURES[code].text if code in FAILURES else ""


def _tell_content(each: Taken | Letter, opened: Mapping[str, Any], is_look: bool) -> dict[str, Any]:
    """Body and particulars, where somebody is looked at or nobody is spoken of."""
    if not is_look and each.code not in _OF_NOBODY:
        return {}
    try:
        body = read_body(each.envelope.payload, CATALOGUE[each.code].items)
    except WrongBodyError:
        body = {}
    return {"body": body, "parts": opened.get(each.id) or {}}
