"""Salted commitments: what a letter's signature says of particulars that travel beside it.

commitment = SHA-256(salt ‖ canonical JSON of the document), the salt being 32 random bytes that travel with the
document and are sealed with it. Who has forgotten both cannot find out again what was said, and guessing is in vain;
the signature, and the parts of others in the same letter, stay verifiable.
"""

import hashlib
import json
from collections.abc import Mapping
from hmac import compare_digest
from secrets import token_bytes
from typing import Any, NamedTuple

from services.exchange.particulars.identification import WrongParticulars
from services.exchange.protocol.envelope import Part, canonical_json

SALT_BYTES = 32
_NO_PART = "A part holds `salt`, in hexadecimal, and `document`, as canonical JSON, that come to its commitment."


class OpenPart(NamedTuple):
    """One subject's particulars, not sealed. `document`: canonical JSON."""

    role: str
    commitment: str
    salt: bytes
    document: bytes

    @property
    def part(self) -> Part:
        """As the envelope names it."""
        return Part(self.role, self.commitment)

    def read(self) -> dict[str, Any]:
        """The document."""
        document: dict[str, Any] = json.loads(self.document)
        return document


def commit(role: str, document: Mapping[str, Any], salt: bytes | None = None) -> OpenPart:
    """A part to be said. `salt`: drawn where it is not given, as it must be but in tests."""
    salt = token_bytes(SALT_BYTES) if salt is None else salt
    written = canonical_json(document)
    return OpenPart(role, commitment_of(salt, written), salt, written)


def commitment_of(salt: bytes, document: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(salt + document).hexdigest()


def write_part(part: OpenPart) -> bytes:
    """What is encrypted for the recipient."""
    return canonical_json({"salt": part.salt.hex(), "document": part.read()})


def read_part(opened: bytes, stated: Part) -> OpenPart:
    """What was decrypted, held against what the signature says. WrongParticulars where it does not fit."""
    try:
        whole = json.loads(opened)
        salt, document = bytes.fromhex(whole["salt"]), whole["document"]
        if set(whole) != {"salt", "document"} or not isinstance(document, dict) or len(salt) != SALT_BYTES:
            raise ValueError
        written = canonical_json(document)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise WrongParticulars("", _NO_PART) from None
    if not compare_digest(commitment_of(salt, written), stated.commitment):
        raise WrongParticulars("", _NO_PART)
    return OpenPart(stated.role, stated.commitment, salt, written)
