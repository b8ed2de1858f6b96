"""Letters: an envelope and its place in the chain, signed.

The signed bytes are the canonical JSON of the envelope's fields and `chain`. They are what is sent; `attempt` and
`sent_at` travel beside. `hash` of a letter is SHA-256 over these bytes (what the next letter names), `message_hash` is
that of the envelope alone (what receipts and answers name).
"""

import hashlib
import json
from typing import NamedTuple

from services.exchange.protocol.envelope import Envelope, canonical_json, signed_part
from services.exchange.wire.chain import ChainLink
from services.exchange.wire.jws import FindKey, Jws, SigningKey, WireError, read_jws, read_kid, sign, verify
from services.exchange.wire.reading import ReadLetter, read_payload

TYP = "domicile-letter+json"
LETTER_BYTES_MAX = 64 << 10
"""Of the signed bytes of one letter."""


class OpenedLetter(NamedTuple):
    """A letter whose signature holds. `hash`: of its signed bytes. `jws`: what proves it."""

    envelope: Envelope
    chain: ChainLink
    hash: str
    kid: str
    jws: Jws


def letter_payload(envelope: Envelope, chain: ChainLink) -> bytes:
    """The bytes that are signed. The same in every year and with every key."""
    whole = json.loads(signed_part(envelope)) | {"chain": chain._asdict()}
    return canonical_json(whole)


def payload_hash(payload: bytes) -> str:
    """What the next letter of the chain names."""
    return hashlib.sha256(payload).hexdigest()


def sign_letter(payload: bytes, key: SigningKey) -> Jws:
    """`payload`: of `letter_payload`."""
    return sign(payload, TYP, key)


def open_letter(letter: object, find_key: FindKey, own: str) -> OpenedLetter:
    """A letter to the region `own`, from JSON that was read or its bytes.

    WireError: E-TEC-01 unreadable, E-TEC-02 a field, E-TEC-03 from a later version, E-TEC-04 signature, E-TEC-05 a key
    that may not be used, E-TEC-06 not addressed to us, E-TEC-09 too large. What the error says of the message
    (`message_id`, `sender`) is there only if the signature holds.
    """
    signed = read_jws(letter)
    if len(signed.payload) > LETTER_BYTES_MAX * 4 // 3 + 4:
        raise WireError("E-TEC-09")
    payload, key = verify(signed, TYP, find_key)
    read = read_payload(payload)
    if read.envelope.sender_jurisdiction != key.owner:
        raise WireError("E-TEC-04", "/sender_jurisdiction")
    if read.envelope.recipient_jurisdiction != own:
        raise WireError("E-TEC-06", "/recipient_jurisdiction", message_id=read.envelope.message_id, sender=key.owner)
    return OpenedLetter(read.envelope, read.chain, payload_hash(payload), key.kid, signed)


def kid_of(signed: Jws, typ: str) -> str:
    """By which key it claims to be signed. WireError E-TEC-04."""
    return read_kid(signed.protected, typ)


def find_hash(letter: object) -> str:
    """The hash of the bytes that claim to be signed, for an answer that refuses them; empty where there are none."""
    try:
        return payload_hash(read_jws(letter).raw_payload())
    except WireError:
        return ""


def read_letter(letter: bytes) -> tuple[Envelope, ChainLink, str]:
    """Envelope, link and hash of a letter that was verified when it came: evidence that was kept. WireError."""
    payload = read_jws(letter).raw_payload()
    read: ReadLetter = read_payload(payload)
    return read.envelope, read.chain, payload_hash(payload)
