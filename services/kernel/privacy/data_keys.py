"""Data keys in `privacy.data_key`: one per person and compartment, random, wrapped by the region key.

Callers hold a transaction; what they seal is durable to read once it commits. Rows are written in the order of
their ids, so that concurrent writers wait for one another instead of locking each other out.
"""

from collections.abc import Iterable, Mapping, Sequence
from os import urandom

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.kernel.database import Connection, Uuid
from services.kernel.errors import Corrupt
from services.kernel.privacy.region_key import KEY_BYTES, RegionKey
from services.kernel.privacy.sealing import NONCE_BYTES, DataKey

Holder = tuple[bytes, str]
"""Whose key: (person id, compartment)."""

GENERATIONS_MAX = 1000


class DataKeys:
    """Finds, makes and destroys the data keys of a region."""

    def __init__(self, region_key: RegionKey) -> None:
        self._region_key = region_key
        self._wrapping = AESGCM(region_key.wrapping)

    async def get_or_create(self, connection: Connection, holders: Iterable[Holder]) -> dict[Holder, DataKey]:
        """The living key of each holder. Somebody who was forgotten gets a new key for new particulars."""
        keys: dict[Holder, DataKey] = {}
        wanted = dict.fromkeys(holders, 0)
        while wanted:
            by_id = {self._region_key.key_id(*holder, generation): holder for holder, generation in wanted.items()}
            rows = await self._fetch_or_insert(connection, sorted(by_id))
            for key_id, wrapped in rows.items():
                holder = by_id[key_id]
                if wrapped is None:
                    wanted[holder] += 1
                    continue
                keys[holder] = self._unwrap(key_id, wrapped)
                del wanted[holder]
        return keys

    async def find(self, connection: Connection, key_ids: Sequence[Uuid]) -> dict[Uuid, DataKey]:
        """The keys that still exist. A missing one means *redacted*, never an error."""
        rows = await connection.fetch(
            "SELECT key_id, wrapped FROM privacy.data_key WHERE key_id = ANY($1) AND wrapped IS NOT NULL",
            key_ids,
        )
        return {row["key_id"]: self._unwrap(row["key_id"], row["wrapped"]) for row in rows}

    async def dangerous_destroy(self, connection: Connection, person_id: bytes, compartments: Sequence[str]) -> int:
        """Destroys the keys of a person for ever, returns how many; all that they sealed is unreadable now."""
        key_ids = [
            self._region_key.key_id(person_id, compartment, generation)
            for compartment in compartments
            for generation in range(GENERATIONS_MAX)
        ]
        rows = await connection.fetch(
            "UPDATE privacy.data_key SET wrapped = NULL, destroyed_at = now()"
            " WHERE key_id = ANY($1) AND wrapped IS NOT NULL RETURNING key_id",
            key_ids,
        )
        return len(rows)

    async def _fetch_or_insert(self, connection: Connection, key_ids: Sequence[Uuid]) -> Mapping[Uuid, bytes | None]:
        """Wrapped bytes by id (None: destroyed), after making those that did not exist."""
        known = await self._fetch(connection, key_ids)
        missing = [key_id for key_id in key_ids if key_id not in known]
        if not missing:
            return known
        made = self._wrap_new(missing)
        inserted = await connection.fetch(
            "INSERT INTO privacy.data_key (key_id, wrapped)"
            " SELECT * FROM unnest($1::uuid[], $2::bytea[]) ON CONFLICT DO NOTHING RETURNING key_id",
            missing,
            made,
        )
        if len(inserted) == len(missing):
            return known | dict(zip(missing, made, strict=True))
        return await self._fetch(connection, key_ids)

    async def _fetch(self, connection: Connection, key_ids: Sequence[Uuid]) -> dict[Uuid, bytes | None]:
        rows = await connection.fetch("SELECT key_id, wrapped FROM privacy.data_key WHERE key_id = ANY($1)", key_ids)
        return {row["key_id"]: row["wrapped"] for row in rows}

    def _wrap_new(self, key_ids: Sequence[Uuid]) -> list[bytes]:
        size = KEY_BYTES + NONCE_BYTES
        random = urandom(size * len(key_ids))
        wrapped = []
        for index, key_id in enumerate(key_ids):
            start = index * size
            nonce = random[start : start + NONCE_BYTES]
            key = random[start + NONCE_BYTES : start + size]
            wrapped.append(nonce + self._wrapping.encrypt(nonce, key, key_id.bytes))
        return wrapped

    def _unwrap(self, key_id: Uuid, wrapped: bytes) -> DataKey:
        try:
            plain = self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.bytes)
        except Exception as error:
            raise Corrupt("bad-seal") from error
        return DataKey(key_id, AESGCM(plain))
