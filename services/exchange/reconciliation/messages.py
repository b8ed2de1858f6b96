"""What two exchanges say to each other in a run, as signed JSON. Pure.

Four steps, each a request by whoever began the run and an answer: `open` (sums of 4,096 buckets), `narrow` (sums of
their parts; where corridors are large), `items` (links of what differs), `marks` (what each knows of them). An answer
names the hash of its request, so that neither can be put beside another one. The many bytes of a step are beside what
is signed, which names their hash.
"""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from services.exchange.protocol.envelope import canonical_json
from services.exchange.reconciliation.digests import BUCKETS, PARTS, SUM_BYTES
from services.exchange.reconciliation.keys import SALT_BYTES
from services.exchange.register.posts import instant_of
from services.exchange.wire.jws import FindKey, Jws, SigningKey, WireError, parse_json, read_jws, sign, verify

REQUEST_TYP, ANSWER_TYP = "domicile-reconciliation+json", "domicile-reconciliation-answer+json"
OPEN, NARROW, ITEMS, MARKS = "open", "narrow", "items", "marks"
DIFFERING_MAX = 1024
"""Where more buckets differ, two registers were not kept together, and link by link is no way to mend that."""
ITEMS_MAX = 50_000
LINKS_MAX = 1 << 40
NARROW_ABOVE = BUCKETS * PARTS
"""Links of the larger side above which buckets that differ are divided first."""
BODY_BYTES_MAX = 6 << 20
CLOCKS_APART = timedelta(minutes=5)
_FIELDS: Mapping[str, Mapping[str, type]] = {
    OPEN: {"salt": bytes, "our_kid": str, "your_kid": str, "links": int},
    NARROW: {},
    ITEMS: {},
    MARKS: {},
}
_ANSWERED: Mapping[str, Mapping[str, type]] = {**_FIELDS, OPEN: {"links": int}}
_PACKED: Mapping[str, str] = {OPEN: "sums", NARROW: "sums", ITEMS: "items", MARKS: "marks"}
"""The name of a step's many bytes."""
_KID_MAX = 100

Data = Mapping[str, Any]


class Said(NamedTuple):
    """One request, or one answer. `data`: texts, numbers and bytes by name. `hash`: of the signed payload."""

    run_id: UUID
    sender: str
    recipient: str
    step: str
    at: datetime
    data: Data
    hash: str = ""


def write_request(said: Said, key: SigningKey) -> tuple[bytes, str]:
    """The body, and the hash that its answer names."""
    payload = canonical_json(_document(said))
    return _write(said, sign(payload, REQUEST_TYP, key)), hashlib.sha256(payload).hexdigest()


def write_answer(said: Said, request_hash: str, key: SigningKey) -> bytes:
    """The body."""
    payload = canonical_json({**_document(said), "request_hash": request_hash})
    return _write(said, sign(payload, ANSWER_TYP, key))


def read_request(raw: bytes, own: str, now: datetime, find_key: FindKey) -> Said:
    """WireError: E-TEC-01 unreadable, 02 not in its form, 04 and 05 the signature, 06 not for us, 07 too old."""
    document, packed, owner, digest = _open(raw, REQUEST_TYP, find_key)
    return _read(document, packed, _FIELDS, owner, own, now, digest)


def read_answer(raw: bytes, request: Said, request_hash: str, now: datetime, find_key: FindKey) -> Said:
    """As `read_request`; E-TEC-07 where it answers something else."""
    document, packed, owner, digest = _open(raw, ANSWER_TYP, find_key)
    if document.pop("request_hash", None) != request_hash:
        raise WireError("E-TEC-07", "/request_hash")
    said = _read(document, packed, _ANSWERED, owner, request.sender, now, digest)
    if (said.run_id, said.sender, said.step) != (request.run_id, request.recipient, request.step):
        raise WireError("E-TEC-07", "/run_id")
    return said


def _document(said: Said) -> dict[str, Any]:
    name = _PACKED[said.step]
    small = {key: value for key, value in said.data.items() if key != name}
    return {
        "run_id": str(said.run_id),
        "from": said.sender,
        "to": said.recipient,
        "step": said.step,
        "at": said.at.isoformat(timespec="milliseconds"),
        "data": {key: b64encode(v).decode() if isinstance(v, bytes) else v for key, v in small.items()},
        "packed_hash": hashlib.sha256(said.data[name]).hexdigest(),
    }


def _write(said: Said, signed: Jws) -> bytes:
    packed = b64encode(said.data[_PACKED[said.step]]).decode()
    return canonical_json({"signed": signed._asdict(), "packed": packed})


def _open(raw: bytes, typ: str, find_key: FindKey) -> tuple[dict[str, Any], bytes, str, str]:
    body = parse_json(raw)
    if not isinstance(body, dict) or set(body) != {"signed", "packed"} or not isinstance(body["packed"], str):
        raise WireError("E-TEC-01")
    payload, key = verify(read_jws(body["signed"]), typ, find_key)
    document, packed = parse_json(payload), _read_bytes(body["packed"], "/packed")
    if not isinstance(document, dict) or canonical_json(document) != payload:
        raise WireError("E-TEC-01", "/payload")
    if document.pop("packed_hash", None) != hashlib.sha256(packed).hexdigest():
        raise WireError("E-TEC-07", "/packed_hash")
    return document, packed, key.owner, hashlib.sha256(payload).hexdigest()


def _read(
    document: dict[str, Any],
    packed: bytes,
    forms: Mapping[str, Mapping[str, type]],
    owner: str,
    own: str,
    now: datetime,
    digest: str,
) -> Said:
    if set(document) != {"run_id", "from", "to", "step", "at", "data"}:
        raise WireError("E-TEC-02", "/payload")
    if document["from"] != owner:
        raise WireError("E-TEC-04", "/from")
    if document["to"] != own:
        raise WireError("E-TEC-06", "/to")
    try:
        run_id, at, step = UUID(document["run_id"]), datetime.fromisoformat(document["at"]), document["step"]
        form = forms[step]
    except (ValueError, TypeError, AttributeError, KeyError):
        raise WireError("E-TEC-02", "/payload") from None
    if at.tzinfo is None or str(run_id) != document["run_id"]:
        raise WireError("E-TEC-02", "/payload")
    if abs(now - at) > CLOCKS_APART:
        raise WireError("E-TEC-07", "/at")
    if step == OPEN and (run_id.version != 7 or abs(instant_of(document["run_id"]) - at) > CLOCKS_APART):
        raise WireError("E-TEC-02", "/run_id")  # what is found is named by the instant in it
    if _PACKED[step] == "sums" and len(packed) % SUM_BYTES:
        raise WireError("E-TEC-02", "/packed")
    data = {**_read_data(document["data"], form), _PACKED[step]: packed}
    return Said(run_id, owner, own, step, at, data, digest)


def _read_data(data: object, form: Mapping[str, type]) -> Data:
    if not isinstance(data, dict) or set(data) != set(form):
        raise WireError("E-TEC-02", "/data")
    read: dict[str, Any] = {}
    for name, type_ in form.items():
        value = data[name]
        if type_ is int:
            if type(value) is not int or not 0 <= value < LINKS_MAX:
                raise WireError("E-TEC-02", f"/data/{name}")
        elif not isinstance(value, str) or (type_ is str and not 0 < len(value) <= _KID_MAX):
            raise WireError("E-TEC-02", f"/data/{name}")
        read[name] = _read_bytes(value, f"/data/{name}") if type_ is bytes else value
    if len(read.get("salt", bytes(SALT_BYTES))) != SALT_BYTES:
        raise WireError("E-TEC-02", "/data/salt")
    return read


def _read_bytes(text: str, path: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError):
        raise WireError("E-TEC-02", path) from None
