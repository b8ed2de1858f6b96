"""Answers to letters: 901 and 902, signed by the exchange that gives them.

The signed bytes are canonical JSON: `code` (901 or 902), the fields of the receipt or of the rejection, `sender` and
`recipient` (regions) and `letter_hash`: SHA-256 over the bytes that were answered, as they came.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple

from services.exchange.protocol.envelope import Receipt, Rejection, canonical_json
from services.exchange.protocol.failures import FAILURES
from services.exchange.wire.jws import FindKey, Jws, SigningKey, WireError, parse_json, read_jws, sign, verify
from services.exchange.wire.reading import read_instant

TYP = "domicile-answer+json"
ANSWER_BYTES_MAX = 4 << 10
_RECEIPT, _REJECTION = "901", "902"
_NUMBER_MAX = 2**31 - 1
_PATH = re.compile("[ -~]{0,200}")
_ADDRESSING = {"code", "sender", "recipient", "letter_hash"}


class Answer(NamedTuple):
    """What became of a letter. `sender`: who says so. `letter_hash`: of the bytes that it is about."""

    reply: Receipt | Rejection
    sender: str
    recipient: str
    letter_hash: str


def sign_answer(answer: Answer, key: SigningKey) -> Jws:
    """The same answer gives the same bytes."""
    return sign(_write(answer), TYP, key)


def open_answer(signed: object, find_key: FindKey) -> tuple[Answer, Jws]:
    """From JSON that was read, or its bytes. WireError E-TEC-01 or E-TEC-04 where it is no answer or not signed."""
    envelope = read_jws(signed)
    if len(envelope.payload) > ANSWER_BYTES_MAX * 4 // 3 + 4:
        raise WireError("E-TEC-09")
    payload, key = verify(envelope, TYP, find_key)
    answer = _read(payload)
    if answer.sender != key.owner:
        raise WireError("E-TEC-04", "/sender")
    return answer, envelope


def find_letter_hash(signed: object) -> str:
    """Which letter an answer says it is about, by its hash; empty where it says nothing. Nothing is verified."""
    try:
        said = parse_json(read_jws(signed).raw_payload())
        return _read_hash(said["letter_hash"])
    except (WireError, KeyError, TypeError, ValueError):
        return ""


def _read_hash(text: object) -> str:
    """ValueError for anything but SHA-256 in hexadecimal."""
    if not isinstance(text, str) or len(text) != 64:
        raise ValueError
    return bytes.fromhex(text).hex()


def _write(answer: Answer) -> bytes:
    code = _RECEIPT if isinstance(answer.reply, Receipt) else _REJECTION
    stated = answer.reply._asdict() | {
        "code": code,
        "sender": answer.sender,
        "recipient": answer.recipient,
        "letter_hash": answer.letter_hash,
    }
    return canonical_json(
        {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in stated.items()
            if value is not None
        }
    )


def _read(payload: bytes) -> Answer:
    """Whatever does not come out as the same bytes again is no answer."""
    document = parse_json(payload)
    try:
        answer = _build(document)
        is_same = _write(answer) == payload
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WireError("E-TEC-01", "/payload") from None
    if not is_same:
        raise WireError("E-TEC-01", "/payload")
    return answer


def _build(document: Any) -> Answer:
    stated = {name: value for name, value in document.items() if name not in _ADDRESSING}
    reply: Receipt | Rejection
    if document["code"] == _RECEIPT:
        for name in ("received_at", "response_due_at"):
            if name in stated:
                stated[name] = read_instant(stated[name])
        reply = Receipt(**stated)
        _read_hash(reply.message_hash)
        number = reply.calendar_version
        if number is not None and not (type(number) is int and 0 < number <= _NUMBER_MAX):
            raise ValueError
    else:
        reply = Rejection(**stated)
        if reply.error_code not in FAILURES or not reply.error_code.startswith("E-TEC-"):
            raise ValueError
        if not isinstance(reply.detail_path, str) or not _PATH.fullmatch(reply.detail_path):
            raise ValueError
    texts = (reply.message_id, document["sender"], document["recipient"], document["letter_hash"])
    if not all(isinstance(each, str) for each in texts):
        raise ValueError
    return Answer(reply, document["sender"], document["recipient"], document["letter_hash"])
