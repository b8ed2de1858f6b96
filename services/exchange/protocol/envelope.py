"""The envelope, the same for all messages, and what is said about one: receipt and rejection.

What is signed is `signed_part(envelope)` together with what delivery adds (the hash of the message before, the key's
id). It holds nothing of a person that would have to be forgotten: particulars travel beside it, one sealed part per
subject, and only a salted commitment to each part is signed.
"""

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from services.exchange.protocol.states import Talk


class Urgency(StrEnum):
    ROUTINE = "ROUTINE"
    PRIORITY = "PRIORITY"
    URGENT = "URGENT"


class Protection(StrEnum):
    NONE = "NONE"
    RESTRICTED = "RESTRICTED"
    PROTECTED = "PROTECTED"


class Part(NamedTuple):
    """What the signature says of one subject's particulars: whose they are here, and a salted commitment to them."""

    role: str
    commitment: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message. Ids are UUIDv7 in their text form, hashes are hexadecimal, instants are aware and in UTC."""

    message_id: str
    message_type: str
    schema_version: int
    conversation_id: str
    conversation_type: Talk
    seq: int
    sender_jurisdiction: str
    recipient_jurisdiction: str
    recorded_at: datetime
    payload: bytes
    body_schema_id: int
    sender_office: str = ""
    recipient_office: str | None = None
    in_reply_to: str | None = None
    request_hash: str | None = None
    occurred_on: date | None = None
    effective_on: date | None = None
    purpose_code: str = "exchange"
    legal_basis_code: str = "agreement-between-regions"
    urgency: Urgency = Urgency.ROUTINE
    response_required: bool = False
    protection: Protection = Protection.NONE
    consent_ref: str | None = None
    parts: tuple[Part, ...] = ()


_NAMES = tuple(field.name for field in fields(Envelope))
_read_all = attrgetter(*_NAMES)
_PLAIN = frozenset({str, int, bool})
_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class Receipt(NamedTuple):
    """901. `received_at` is the legal time of delivery; `response_due_at` is None where nothing is owed for it."""

    message_id: str
    message_hash: str
    received_at: datetime
    response_due_at: datetime | None = None
    calendar_version: int | None = None


class Rejection(NamedTuple):
    """902. The message was not taken. `detail_path` says where, never what stood there."""

    message_id: str
    error_code: str
    detail_path: str = ""


def signed_part(envelope: Envelope) -> bytes:
    """The envelope as canonical JSON: keys sorted, no spaces, UTF-8, absent fields left out, payload as base64."""
    stated = zip(_NAMES, _read_all(envelope), strict=True)
    return canonical_json(
        {
            name: value if type(value) in _PLAIN else _plain(value)
            for name, value in stated
            if value is not None and value != ()
        }
    )


def message_hash(envelope: Envelope) -> str:
    """SHA-256 over the signed part: what an answer names as `request_hash`, and a receipt as `message_hash`."""
    return hashlib.sha256(signed_part(envelope)).hexdigest()


def canonical_json(value: object) -> bytes:
    """One spelling for one value. What no text can hold still has bytes, so that it can be refused by its hash."""
    return _encoder.encode(value).encode("utf-8", "surrogatepass")


def derive_id(at: datetime, *of: object) -> str:
    """The id of something that the exchange says or does by itself: a UUIDv7 of that instant, the same whenever the
    same cause is worked out again.
    """
    raw = bytearray((int(at.timestamp() * 1000)).to_bytes(6, "big"))
    raw += hashlib.sha256("\n".join(str(each) for each in of).encode()).digest()[:10]
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    text = raw.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [part._asdict() if isinstance(part, Part) else _plain(part) for part in value]
    return value
