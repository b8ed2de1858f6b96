"""Data keys in `privacy.data_key`: one per person and compartment, random, wrapped by the region key.

What is sealed with a key can be read for good once whoever kept the key has committed. Rows are written in the order of
their ids, so that concurrent writers wait for one another instead of locking each other out.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from os import urandom

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.kernel.database import Connection, Uuid, bytea_array, uuid_array
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
        self.name_key = region_key.name_key

    async def get_or_create(
        self, connection: Connection, holders: Iterable[Holder], newcomers: Collection[bytes] = ()
    ) -> dict[Holder, DataKey]:
        """The living key of each holder. Somebody who was forgotten gets a new key for new particulars.

        `newcomers`: people who most probably have none yet; a hint that saves looking for what is not there.
        """
        keys: dict[Holder, DataKey] = {}
        first = {self._region_key.key_id(*holder): holder for holder in holders}
        unlikely = {key_id: holder for key_id, holder in first.items() if holder[0] in newcomers}
        forgotten = self._collect(await self._insert_or_fetch(connection, unlikely), unlikely, keys)
        likely = {key_id: holder for key_id, holder in first.items() if key_id not in unlikely}
        forgotten |= self._collect(await self._fetch_or_insert(connection, likely), likely, keys)
        for generation in range(1, GENERATIONS_MAX):
            if not forgotten:
                break
            again = {self._region_key.key_id(*holder, generation): holder for holder in forgotten}
            forgotten = self._collect(await self._fetch_or_insert(connection, again), again, keys)
        return keys

    def key_id(self, holder: Holder) -> Uuid:
        """The id of somebody's first key."""
        return self._region_key.key_id(*holder)

    def make(self, key_ids: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
        """A random key for each id, plain and wrapped. Nothing may be sealed with it before it is kept."""
        size = KEY_BYTES + NONCE_BYTES
        random = urandom(size * len(key_ids))
        wrap = self._wrapping.encrypt
        made = []
        for start, key_id in zip(range(0, len(random), size), key_ids, strict=True):
            nonce, plain = random[start : start + NONCE_BYTES], random[start + NONCE_BYTES : start + size]
            made.append((plain, nonce + wrap(nonce, plain, key_id)))
        return made

    def _collect(
        self, rows: Mapping[Uuid, DataKey | None], by_id: Mapping[Uuid, Holder], keys: dict[Holder, DataKey]
    ) -> set[Holder]:
        """Takes the living keys over; returns whose key was destroyed."""
        keys.update({by_id[key_id]: key for key_id, key in rows.items() if key is not None})
        return {by_id[key_id] for key_id, key in rows.items() if key is None}

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

    async def _fetch_or_insert(self, connection: Connection, key_ids: Collection[Uuid]) -> dict[Uuid, DataKey | None]:
        """Keys by id (None: destroyed), after making those that did not exist."""
        known = await self._fetch(connection, key_ids)
        return known | await self._insert_or_fetch(connection, [key_id for key_id in key_ids if key_id not in known])

    async def _insert_or_fetch(self, connection: Connection, key_ids: Collection[Uuid]) -> dict[Uuid, DataKey | None]:
        """The same, for ids that are hardly there yet."""
        if not key_ids:
            return {}
        ordered = sorted(key_ids)
        made = self.make([key_id.bytes for key_id in ordered])
        count = await connection.fetchval(
            "WITH made AS (INSERT INTO privacy.data_key (key_id, wrapped)"
            " SELECT * FROM unnest($1::text::uuid[], $2::text::bytea[]) ON CONFLICT DO NOTHING RETURNING 1)"
            " SELECT count(*) FROM made",
            uuid_array(ordered),
            bytea_array(wrapped for _, wrapped in made),
        )
        if count == len(ordered):
            return {key_id: DataKey(key_id, AESGCM(plain)) for key_id, (plain, _) in zip(ordered, made, strict=True)}
        return await self._fetch(connection, ordered)

    async def _fetch(self, connection: Connection, key_ids: Collection[Uuid]) -> dict[Uuid, DataKey | None]:
        if not key_ids:
            return {}
        rows = await connection.fetch(
            "SELECT key_id, wrapped FROM privacy.data_key WHERE key_id = ANY($1::text::uuid[])", uuid_array(key_ids)
        )
        return {key_id: self._unwrap(key_id, wrapped) if wrapped else None for key_id, wrapped in rows}

    def _unwrap(self, key_id: Uuid, wrapped: bytes) -> DataKey:
        try:
            plain = self._wrapping.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], key_id.bytes)
        except Exception as error:
            raise Corrupt("bad-seal") from error
        return DataKey(key_id, AESGCM(plain))
