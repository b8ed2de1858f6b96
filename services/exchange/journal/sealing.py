"""Particulars at rest: sealed with the kernel's means, under the key of their holder in the compartment `exchange`."""

from collections.abc import Mapping
from os import urandom
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.exchange.journal.entry import SealedPart
from services.kernel.codec import Decoder
from services.kernel.codec.encode import Encoder
from services.kernel.contract.catalog import Catalog
from services.kernel.privacy.data_keys import Holder
from services.kernel.privacy.sealing import FORMAT, NONCE_BYTES, DataKey, additional_data, unseal

COMPARTMENT = "exchange"


class Particulars(NamedTuple):
    """What is told of one subject: canonical JSON, and the salt of its commitment."""

    salt: bytes
    document: bytes


def read_sealed(row: asyncpg.Record) -> SealedPart:
    """A row of exchange.part."""
    return SealedPart(
        row["role"],
        row["commitment"],
        UUID(bytes=row["holder"].bytes),
        UUID(bytes=row["key_id"].bytes),
        row["block_schema_id"],
        row["nonce"],
        row["ciphertext"],
    )


def holder_of(holder: UUID) -> Holder:
    """Whose key it is, as `DataKeys.get_or_create` wants it."""
    return holder.bytes, COMPARTMENT


class PartSealer:
    """Seals and unseals. Keys come from `DataKeys`, and must be kept (committed) before anything sealed leaves."""

    def __init__(self, catalog: Catalog) -> None:
        self._block = catalog.latest_block(COMPARTMENT)
        self._decoder = Decoder(catalog)
        self._encoder = Encoder()

    def seal(
        self, message_id: str, holder: UUID, role: str, commitment: str, particulars: Particulars, key: DataKey
    ) -> SealedPart:
        """`key`: the holder's."""
        plain = self._encoder.encode(self._block, {"salt": particulars.salt, "document": particulars.document.decode()})
        nonce, schema_id = urandom(NONCE_BYTES), self._block.schema_id
        bound_to = additional_data(UUID(message_id).bytes, holder.bytes, COMPARTMENT, schema_id)
        sealed = key.cipher.encrypt(nonce, plain, bound_to)
        return SealedPart(role, commitment, holder, UUID(bytes=key.key_id.bytes), schema_id, nonce, sealed)

    def open(self, message_id: str, part: SealedPart, keys: Mapping[UUID, DataKey]) -> Particulars | None:
        """What was sealed; None where the key was destroyed: forgotten. `keys`: as `DataKeys.find` gives them."""
        key = keys.get(part.key_id)
        if key is None:
            return None
        block = {
            "format": FORMAT,
            "key_id": part.key_id.bytes,
            "compartment": COMPARTMENT,
            "block_schema_id": part.block_schema_id,
            "nonce": part.nonce,
            "ciphertext": part.ciphertext,
        }
        plain = unseal(key, block, event_id=UUID(message_id).bytes, person_id=part.holder.bytes)
        record = self._decoder.decode_block(part.block_schema_id, plain)
        return Particulars(record["salt"], record["document"].encode())
