"""Signed bytes back into an envelope, strictly: one spelling, declared fields, nothing else.

A message of a type or version that is not known here may have fields that are not known here; those are let go, so that
the protocol can say E-TEC-03.
"""

import json
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.envelope import Envelope, Part, Protection, Urgency, canonical_json
from services.exchange.protocol.states import Talk
from services.exchange.wire.chain import ChainLink
from services.exchange.wire.jws import WireError

PARTS_MAX = 40
TEXT_MAX = 200
NUMBER_MAX = 1 << 53
_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_HASH = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_DECLARED = {field.name for field in fields(Envelope)}
_REQUIRED = {field.name for field in fields(Envelope) if field.default is MISSING}


class ReadLetter(NamedTuple):
    envelope: Envelope
    chain: ChainLink


class _WrongFormError(ValueError):
    """A value is not of its form."""


def read_payload(payload: bytes) -> ReadLetter:
    """WireError: E-TEC-01 no canonical JSON object, 02 a field, 03 a kind of conversation of later times."""
    try:
        document = json.loads(payload)
        is_canonical = canonical_json(document) == payload
    except (ValueError, RecursionError):
        raise WireError("E-TEC-01", "/payload") from None
    if not is_canonical or not isinstance(document, dict):
        raise WireError("E-TEC-01", "/payload")
    claimed = document.get("message_id"), document.get("sender_jurisdiction")
    message_id = claimed[0] if isinstance(claimed[0], str) and _UUID7.fullmatch(claimed[0]) else ""
    try:
        return ReadLetter(_read_envelope(document), _read_chain(document.get("chain")))
    except WireError as wrong:
        raise WireError(wrong.code, wrong.path, message_id=message_id) from None


def _read_envelope(document: Mapping[str, Any]) -> Envelope:
    for name in sorted(_REQUIRED):
        if name not in document:
            raise WireError("E-TEC-02", f"/{name}")
    stated: dict[str, Any] = {}
    is_known = _is_known(document)
    for name, value in document.items():
        if name in _DECLARED:
            stated[name] = _read_field(name, value, is_known)
        elif name != "chain" and is_known:
            raise WireError("E-TEC-02", "/unknown-field")
    envelope = Envelope(**stated)
    if is_known and set(stated) != _stated(envelope):
        raise WireError("E-TEC-02", "/absent-field")
    return envelope


def _is_known(document: Mapping[str, Any]) -> bool:
    code, version = document["message_type"], document["schema_version"]
    known = CATALOGUE.get(code) if isinstance(code, str) else None
    return known is not None and version in known.versions


def _stated(envelope: Envelope) -> set[str]:
    """The fields that the one spelling holds: whatever is not absent."""
    return {name for name in _DECLARED if getattr(envelope, name) not in (None, ())}


def _read_field(name: str, value: object, is_known: bool) -> Any:
    try:
        return _READERS[name](value)
    except _WrongFormError:
        if not is_known and name in _LATER_WORDS:
            return _LATER_WORDS[name]
        if name == "conversation_type" and isinstance(value, str):
            raise WireError("E-TEC-03", f"/{name}") from None
        raise WireError("E-TEC-02", f"/{name}") from None


def _read_chain(value: object) -> ChainLink:
    if not isinstance(value, dict) or set(value) != set(ChainLink._fields):
        raise WireError("E-TEC-02", "/chain")
    try:
        return ChainLink(_number(value["position"]), _hash(value["previous_hash"]))
    except _WrongFormError:
        raise WireError("E-TEC-02", "/chain") from None


def _text(value: object) -> str:
    if (
        not isinstance(value, str)
        or len(value) > TEXT_MAX
        or any(each < " " or "\ud800" <= each <= "\udfff" for each in value)
    ):
        raise _WrongFormError
    return value


def _matching(pattern: re.Pattern[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _WrongFormError
        return value

    return read


_id, _hash, _word = _matching(_UUID7), _matching(_HASH), _matching(_WORD)


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < NUMBER_MAX:
        raise _WrongFormError
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _WrongFormError
    return value


def read_instant(value: object) -> datetime:
    """An instant in UTC, as `isoformat` writes it. ValueError for any other spelling."""
    try:
        at = datetime.fromisoformat(_text(value))
    except ValueError:
        raise _WrongFormError from None
    if at.tzinfo is None or at.astimezone(UTC).isoformat() != value or not 2000 <= at.year <= 2200:
        raise _WrongFormError
    return at.astimezone(UTC)


def _day(value: object) -> date:
    try:
        day = date.fromisoformat(_text(value))
    except ValueError:
        raise _WrongFormError from None
    if day.isoformat() != value or not 1800 <= day.year <= 2200:
        raise _WrongFormError
    return day


def _bytes(value: object) -> bytes:
    if not isinstance(value, str):
        raise _WrongFormError
    try:
        raw = b64decode(value, validate=True)
    except (NotBase64, ValueError):
        raise _WrongFormError from None
    if b64encode(raw).decode() != value:
        raise _WrongFormError
    return raw


def _one_of(words: type[StrEnum]) -> Callable[[object], Any]:
    def read(value: object) -> StrEnum:
        try:
            return words(_text(value))
        except ValueError:
            raise _WrongFormError from None

    return read


def _parts(value: object) -> tuple[Part, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= PARTS_MAX:
        raise _WrongFormError
    parts = []
    for each in value:
        if not isinstance(each, dict) or set(each) != set(Part._fields):
            raise _WrongFormError
        parts.append(Part(_word(each["role"]), _hash(each["commitment"])))
    if len({part.role for part in parts}) != len(parts):
        raise _WrongFormError
    return tuple(parts)


_READERS: Mapping[str, Callable[[object], Any]] = {
    "message_id": _id,
    "message_type": _word,
    "schema_version": _number,
    "conversation_id": _id,
    "conversation_type": _one_of(Talk),
    "seq": _number,
    "sender_jurisdiction": _word,
    "recipient_jurisdiction": _word,
    "recorded_at": read_instant,
    "payload": _bytes,
    "body_schema_id": _number,
    "sender_office": _text,
    "recipient_office": _text,
    "in_reply_to": _id,
    "request_hash": _hash,
    "occurred_on": _day,
    "effective_on": _day,
    "purpose_code": _text,
    "legal_basis_code": _text,
    "urgency": _one_of(Urgency),
    "response_required": _flag,
    "protection": _one_of(Protection),
    "consent_ref": _text,
    "parts": _parts,
}
_LATER_WORDS = {"urgency": Urgency.ROUTINE, "protection": Protection.NONE, "parts": ()}
"""What stands in for a word of a later version, which is not taken anyway."""
