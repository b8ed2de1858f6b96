"""What a request between exchanges holds: letters with their parts one way, signed answers the other."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from services.exchange.wire.jws import Jws, WireError, parse_json
from services.exchange.wire.parts import JWE_CHARACTERS_MAX

ITEMS_MAX = 500
REQUEST_BYTES_MAX = 16 << 20
PARTS_MAX = 21
_NAMES = {"letter", "parts", "attempt", "sent_at"}


class Item(NamedTuple):
    """One letter on its way. `letter`: JSON that was read, checked by nobody. `parts`: role -> JWE.

    `attempt` and `sent_at` are outside the signed bytes: they change on a repeat.
    """

    letter: object
    parts: Mapping[str, str]
    attempt: int = 1
    sent_at: str | None = None


def write_item(letter: Jws, parts: Mapping[str, str], attempt: int, sent_at: str) -> dict[str, Any]:
    """As JSON."""
    return {"letter": letter._asdict(), "parts": dict(parts), "attempt": attempt, "sent_at": sent_at}


def write_request(items: Sequence[Mapping[str, Any]]) -> bytes:
    """The body of POST /exchange/v1/messages."""
    return json.dumps({"messages": list(items)}, separators=(",", ":")).encode()


def read_request(body: bytes) -> list[object]:
    """The items, not looked at yet. WireError E-TEC-01 where it is no request, E-TEC-09 where it holds too many."""
    document = parse_json(body)
    if not isinstance(document, dict) or set(document) != {"messages"} or not isinstance(document["messages"], list):
        raise WireError("E-TEC-01", "/messages")
    if not document["messages"]:
        raise WireError("E-TEC-01", "/messages")
    if len(document["messages"]) > ITEMS_MAX:
        raise WireError("E-TEC-09", "/messages")
    return document["messages"]


def read_item(value: object) -> Item:
    """WireError E-TEC-01 where it is no item, E-TEC-02 where its parts are none."""
    if not isinstance(value, dict) or "letter" not in value or not set(value) <= _NAMES:
        raise WireError("E-TEC-01")
    parts, attempt, sent_at = value.get("parts", {}), value.get("attempt", 1), value.get("sent_at")
    if not isinstance(attempt, int) or isinstance(attempt, bool) or not (sent_at is None or isinstance(sent_at, str)):
        raise WireError("E-TEC-01")
    if not isinstance(parts, dict) or len(parts) > PARTS_MAX or not all(isinstance(p, str) for p in parts.values()):
        raise WireError("E-TEC-02", "/parts")
    if any(len(part) > JWE_CHARACTERS_MAX for part in parts.values()):
        raise WireError("E-TEC-09", "/parts")
    return Item(value["letter"], parts, attempt, sent_at)


def write_answers(answers: Sequence[Jws | None]) -> bytes:
    """The body of the response: in the order of the items; null where nothing can be said yet."""
    told = [None if each is None else each._asdict() for each in answers]
    return json.dumps({"answers": told}, separators=(",", ":")).encode()


def read_answers(body: bytes, count: int) -> list[object]:
    """WireError E-TEC-01 where these are no answers to so many letters."""
    document = parse_json(body)
    if not isinstance(document, dict) or not isinstance(document.get("answers"), list):
        raise WireError("E-TEC-01", "/answers")
    answers: list[object] = document["answers"]
    if len(answers) != count:
        raise WireError("E-TEC-01", "/answers")
    return answers
