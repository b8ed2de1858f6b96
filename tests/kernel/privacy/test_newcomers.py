"""One call welcomes everybody of a burst: it comes to the same as asking step by step, for whoever asks first."""

import asyncio
from collections.abc import Sequence
from os import urandom

import asyncpg

from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.newcomers import Newcomers, Welcome
from services.kernel.privacy.people import Naming, derive_person_id, resolve
from services.kernel.privacy.region_key import RegionKey

CALL = "SELECT * FROM privacy.welcome($1, $2)"
People = Sequence[tuple[Naming, Sequence[str]]]


def somebody(*indexes: bytes, birth_on: str | None = "1975-03-02") -> Naming:
    return Naming(derive_person_id(urandom(16), "child", 0), indexes=indexes, birth_on=birth_on)


async def welcome(pool: asyncpg.Pool, keys: DataKeys, people: People) -> Welcome:
    newcomers = Newcomers(keys, people)
    row = await pool.fetchrow(CALL, *newcomers.arguments())
    return newcomers.read(dict(row))


async def count_keys(pool: asyncpg.Pool, keys: DataKeys, person_id: bytes) -> int:
    query = "SELECT count(*) FROM privacy.data_key WHERE key_id = $1"
    return int(await pool.fetchval(query, keys.key_id((person_id, "civil"))))


async def test_newcomers_get_their_identifier_and_a_key_that_unwraps(pool: asyncpg.Pool, region_key: RegionKey) -> None:
    keys, named, nameless = DataKeys(region_key), somebody(urandom(16)), somebody()
    welcomed = await welcome(pool, keys, [(named, ["civil", "contact"]), (nameless, ["civil"])])
    assert welcomed.known[named.indexes[0]].person_id == named.derived
    holders = {(named.derived, "civil"), (named.derived, "contact"), (nameless.derived, "civil")}
    assert set(welcomed.keys) == holders
    async with pool.acquire() as connection:
        kept = await keys.get_or_create(connection, holders)
    nonce = urandom(12)
    for holder in holders:
        sealed = welcomed.keys[holder].cipher.encrypt(nonce, b"Ample", None)
        assert kept[holder].cipher.decrypt(nonce, sealed, None) == b"Ample"


async def test_whom_an_identifier_leads_to_already_is_told_and_no_key_is_kept_for_a_stranger(
    pool: asyncpg.Pool, region_key: RegionKey
) -> None:
    keys, index = DataKeys(region_key), urandom(16)
    first, again, other = somebody(index), somebody(index), somebody(urandom(16))
    await welcome(pool, keys, [(first, ["civil"])])
    people = [(again, ["civil"]), (other, ["civil"])]
    welcomed = await welcome(pool, keys, people)
    assert welcomed.known[index].person_id == first.derived
    assert welcomed.known[index].birth_on == first.birth_on
    assert set(welcomed.keys) == {(other.derived, "civil")}
    assert await count_keys(pool, keys, again.derived) == 0
    async with pool.acquire() as connection:
        await resolve(connection, [naming for naming, _ in people], welcomed.known)
    assert (again.person_id, again.identified_by) == (first.derived, "identifier")


async def test_of_two_with_one_identifier_in_a_burst_only_the_first_is_new(
    pool: asyncpg.Pool, region_key: RegionKey
) -> None:
    keys, index = DataKeys(region_key), urandom(16)
    first, second = somebody(index), somebody(index)
    welcomed = await welcome(pool, keys, [(first, ["civil"]), (second, ["civil"])])
    assert set(welcomed.keys) == {(first.derived, "civil")}
    assert await count_keys(pool, keys, second.derived) == 0


async def test_a_key_that_somebody_has_already_is_left_to_the_slow_way(
    pool: asyncpg.Pool, region_key: RegionKey
) -> None:
    keys, nameless, new = DataKeys(region_key), somebody(), somebody()
    before = await welcome(pool, keys, [(nameless, ["civil"])])
    welcomed = await welcome(pool, keys, [(nameless, ["civil"]), (new, ["civil"])])
    assert not welcomed.keys
    async with pool.acquire() as connection:
        holder = (nameless.derived, "civil")
        found = (await keys.get_or_create(connection, [holder]))[holder]
    nonce = urandom(12)
    sealed = before.keys[holder].cipher.encrypt(nonce, b"Ample", None)
    assert found.cipher.decrypt(nonce, sealed, None) == b"Ample"


async def test_bursts_that_race_with_one_identifier_agree_whom_it_means(
    pool: asyncpg.Pool, other_pool: asyncpg.Pool, region_key: RegionKey
) -> None:
    keys, index = DataKeys(region_key), urandom(16)
    racing = [somebody(index) for _ in range(12)]
    welcomed = await asyncio.gather(
        *(welcome((pool, other_pool)[n % 2], keys, [(one, ["civil"])]) for n, one in enumerate(racing))
    )
    assert len({one.known[index].person_id for one in welcomed}) == 1
    assert sum(len(one.keys) for one in welcomed) == 1
