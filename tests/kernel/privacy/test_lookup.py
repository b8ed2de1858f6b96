"""Looking somebody up gives the same person as an event would, and leaves no trace."""

from os import urandom

import asyncpg
import msgspec

from services.kernel.privacy.lookup import find_people
from services.kernel.privacy.people import Naming, derive_person_id, resolve


def somebody(*indexes: bytes, birth_on: str | None = None, given: bytes | None = None) -> Naming:
    return Naming(derive_person_id(urandom(16), "child", 0), given, indexes, birth_on)


async def looked_up(pool: asyncpg.Pool, *namings: Naming) -> list[bytes]:
    async with pool.acquire() as connection:
        return await find_people(connection, namings)


async def resolved(pool: asyncpg.Pool, *namings: Naming) -> list[bytes]:
    copies = [msgspec.structs.replace(naming, findings=[]) for naming in namings]
    async with pool.acquire() as connection, connection.transaction():
        await resolve(connection, copies)
    return [naming.person_id for naming in copies]


async def test_a_look_finds_whom_an_event_would_name(pool: asyncpg.Pool) -> None:
    known, conflicting = urandom(16), urandom(16)
    await resolved(pool, somebody(known, birth_on="1975"), somebody(conflicting, birth_on="1975-03-02"))
    await resolved(pool, somebody(conflicting, birth_on="1980"))
    namings = [
        somebody(),
        somebody(given=urandom(16)),
        somebody(known),
        somebody(known, birth_on="1975-03-02"),
        somebody(known, birth_on="1976"),
        somebody(known, given=urandom(16)),
        somebody(conflicting, birth_on="1980"),
        somebody(urandom(16), birth_on="1990"),
    ]
    assert await looked_up(pool, *namings) == await resolved(pool, *namings)


async def test_a_look_leaves_no_trace(pool: asyncpg.Pool) -> None:
    index = urandom(16)
    naming = somebody(index)
    assert await looked_up(pool, naming) == [naming.derived]
    assert await pool.fetchval("SELECT count(*) FROM privacy.identifier WHERE blind_index = $1", index) == 0
    assert (naming.person_id, naming.findings) == (b"", ())
