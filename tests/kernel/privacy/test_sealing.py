"""Particulars are readable where they were put, by their key, and nowhere else; without the key they are redacted."""

import asyncio
from os import urandom
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.errors import Corrupt
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sealing import FORMAT, DataKey, additional_data, unseal

EVENT, PERSON = urandom(16), urandom(16)


def new_key() -> DataKey:
    return DataKey(uuid4(), AESGCM(urandom(32)))


def seal(key: DataKey, nonce: bytes, plain: bytes, **bound: Any) -> dict[str, Any]:
    """The record `SealedBlock` as it stands on the log."""
    named = {"compartment": bound["compartment"], "block_schema_id": bound["block_schema_id"]}
    sealed = {"format": FORMAT, "key_id": key.key_id.bytes, "nonce": nonce}
    return {**sealed, **named, "ciphertext": key.cipher.encrypt(nonce, plain, additional_data(**bound))}


@given(st.binary(max_size=200))
def test_what_is_sealed_is_read_again_and_shows_nothing(plain: bytes) -> None:
    key = new_key()
    block = seal(key, urandom(12), plain, event_id=EVENT, person_id=PERSON, compartment="civil", block_schema_id=3)
    assert unseal(key, block, event_id=EVENT, person_id=PERSON) == plain
    assert len(plain) < 4 or plain not in block["ciphertext"]


@pytest.mark.parametrize(
    "moved",
    [
        {"event_id": urandom(16)},
        {"person_id": urandom(16)},
        {"compartment": "contact"},
        {"block_schema_id": 4},
        {"nonce": urandom(12)},
        {"format": 2},
        {"key_id": urandom(16)},
    ],
    ids=lambda moved: next(iter(moved)),
)
def test_a_block_that_was_moved_or_changed_is_not_read(moved: dict[str, object]) -> None:
    key = new_key()
    block = seal(key, urandom(12), b"Ample", event_id=EVENT, person_id=PERSON, compartment="civil", block_schema_id=3)
    place = {"event_id": EVENT, "person_id": PERSON}
    changed = {**block, **{name: value for name, value in moved.items() if name not in place}}
    with pytest.raises(Corrupt, match="bad-seal"):
        unseal(key, changed, **{**place, **{n: v for n, v in moved.items() if n in place}})  # type: ignore[arg-type]


async def test_offices_that_race_get_one_key_and_each_compartment_its_own(
    pool: asyncpg.Pool, other_pool: asyncpg.Pool, region_key: RegionKey
) -> None:
    holders = [(urandom(16), compartment) for _ in range(10) for compartment in ("civil", "contact")]
    both = [DataKeys(region_key), DataKeys(region_key)]

    async def get(number: int) -> list[DataKey]:
        async with (pool, other_pool)[number % 2].acquire() as connection, connection.transaction():
            newcomers = {person for person, _ in holders} if number % 3 else set()
            keys = await both[number % 2].get_or_create(connection, holders, newcomers)
            return [keys[holder] for holder in holders]

    asked = await asyncio.gather(*(get(number) for number in range(20)))
    nonce = urandom(12)
    for keys in asked:
        assert [key.key_id for key in keys] == [key.key_id for key in asked[0]]
        assert [k.cipher.encrypt(nonce, b"x", None) for k in keys] == [
            k.cipher.encrypt(nonce, b"x", None) for k in asked[0]
        ]
    assert len({key.cipher.encrypt(nonce, b"x", None) for key in asked[0]}) == len(holders)


async def test_a_destroyed_key_reads_as_redacted_and_its_compartment_only(
    pool: asyncpg.Pool, region_key: RegionKey
) -> None:
    person, keys = urandom(16), DataKeys(region_key)
    holders = [(person, "civil"), (person, "contact")]
    async with pool.acquire() as connection:
        made = await keys.get_or_create(connection, holders)
        assert await keys.dangerous_destroy(connection, person, ["contact"]) == 1
        found = await keys.find(connection, [made[holder].key_id for holder in holders])
        assert set(found) == {made[person, "civil"].key_id}
        stored = await connection.fetchval(
            "SELECT wrapped FROM privacy.data_key WHERE key_id = $1", made[person, "contact"].key_id
        )
        assert stored is None
        new = await keys.get_or_create(connection, holders)
        assert new[person, "contact"].key_id != made[person, "contact"].key_id
        assert new[person, "civil"].key_id == made[person, "civil"].key_id
        assert await keys.dangerous_destroy(connection, person, ["contact", "civil"]) == 2


async def test_a_key_is_stored_wrapped_and_only_this_region_s_key_unwraps_it(
    pool: asyncpg.Pool, region_key: RegionKey
) -> None:
    holder = (urandom(16), "civil")
    async with pool.acquire() as connection:
        (key,) = (await DataKeys(region_key).get_or_create(connection, [holder])).values()
        foreign = RegionKey.derive(urandom(32))
        with pytest.raises(Corrupt, match="bad-seal"):
            await DataKeys(foreign).find(connection, [key.key_id])


def test_derived_keys_differ_by_use_and_by_region() -> None:
    one, other = RegionKey.derive(urandom(32)), RegionKey.derive(urandom(32))
    assert len({one.wrapping, one.indexing, one.tagging, one.naming}) == 4
    assert one.blind_index("local", "G-1") != other.blind_index("local", "G-1")
    assert one.blind_index("local", "G-1") != one.blind_index("passport", "G-1")
    assert one.content_tag(b"x") != other.content_tag(b"x")
    assert "wrapping" not in repr(one)


@pytest.mark.parametrize("secret", [b"", b"x" * 31, b"x" * 33])
def test_a_region_key_of_another_length_is_refused(secret: bytes) -> None:
    with pytest.raises(Corrupt, match="bad-region-key"):
        RegionKey.derive(secret)
