"""Sealed blocks: the particulars of one person and compartment, readable only while their key exists.

Format 1 is AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the additional data are event id, person,
compartment and block schema, so that a block cannot be moved to another event or another person.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct

from services.kernel.errors import Corrupt

FORMAT = 1
NONCE_BYTES = 12


class DataKey(Struct, frozen=True):
    """The key of one person and compartment. `key_id` stands in every block that it seals."""

    key_id: UUID
    cipher: AESGCM


def unseal(key: DataKey, block: Mapping[str, Any], *, event_id: bytes, person_id: bytes) -> bytes:
    """What was sealed. Raises `Corrupt` when block, event, person or key do not belong together."""
    if block["format"] != FORMAT or block["key_id"] != key.key_id.bytes:
        raise Corrupt("bad-seal")
    bound_to = additional_data(event_id, person_id, block["compartment"], block["block_schema_id"])
    try:
        return key.cipher.decrypt(block["nonce"], block["ciphertext"], bound_to)
    except InvalidTag as error:
        raise Corrupt("bad-seal") from error


def additional_data(event_id: bytes, person_id: bytes, compartment: str, block_schema_id: int) -> bytes:
    """What a block is bound to: handed to the cipher beside the particulars, with a nonce that is never used twice."""
    return event_id + person_id + block_schema_id.to_bytes(4, "big") + compartment.encode()
