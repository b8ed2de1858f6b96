"""Who is meant by an identifier: the same person for everybody who asks, and never somebody else by mistake."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from os import urandom

import asyncpg
import pytest

from services.kernel.database import Connection
from services.kernel.privacy.people import (
    OTHER_BIRTH_DATE,
    OTHER_PERSON,
    Naming,
    derive_person_id,
    get_pseudonyms,
    resolve,
)


@asynccontextmanager
async def transaction(pool: asyncpg.Pool) -> AsyncIterator[Connection]:
    async with pool.acquire() as connection, connection.transaction():
        yield connection


async def ask(pool: asyncpg.Pool, *namings: Naming) -> tuple[Naming, ...]:
    async with transaction(pool) as connection:
        await resolve(connection, namings)
    return namings


def stranger(index: bytes, birth_on: str | None = None, *more: bytes) -> Naming:
    """Somebody of whom only identifiers are known."""
    return Naming(derive_person_id(urandom(16), "child", 0), indexes=[index, *more], birth_on=birth_on)


async def test_offices_that_race_with_one_identifier_get_the_same_person(
    pool: asyncpg.Pool, other_pool: asyncpg.Pool
) -> None:
    shared = [urandom(16) for _ in range(5)]
    asked = await asyncio.gather(
        *(
            ask((pool, other_pool)[n % 2], *(stranger(index) for index in (shared if n % 3 else shared[::-1])))
            for n in range(40)
        )
    )
    for index in shared:
        people = {naming.person_id for namings in asked for naming in namings if naming.indexes[0] == index}
        assert len(people) == 1
    assert all(naming.identified_by == "identifier" for namings in asked for naming in namings)


async def test_an_office_that_waits_for_one_that_fails_gets_a_person_all_the_same(
    pool: asyncpg.Pool, other_pool: asyncpg.Pool
) -> None:
    index = urandom(16)

    async def fail() -> None:
        async with transaction(pool) as connection:
            await resolve(connection, [stranger(index)])
            started.set()
            await asyncio.sleep(0.1)
            raise ZeroDivisionError

    started = asyncio.Event()
    failing = asyncio.create_task(fail())
    await started.wait()
    (naming,) = await ask(other_pool, stranger(index))
    with pytest.raises(ZeroDivisionError):
        await failing
    assert naming.person_id == naming.derived


async def test_an_equal_identifier_with_another_birth_date_is_another_person_and_a_finding(pool: asyncpg.Pool) -> None:
    index = urandom(16)
    (first,) = await ask(pool, stranger(index, "1975-03-02"))
    (other,) = await ask(pool, stranger(index, "1980-01-01"))
    (other_again,) = await ask(pool, stranger(index, "1980-01-01"))
    (first_again,) = await ask(pool, stranger(index, "1975-03-02"))
    assert first.person_id == first_again.person_id
    assert other.person_id == other_again.person_id != first.person_id
    assert (other.identified_by, other.findings) == ("identifier_conflict", (OTHER_BIRTH_DATE,))
    assert first_again.findings == ()


@pytest.mark.parametrize("known", [None, "1975", "1975-03", "1975-03-02"])
@pytest.mark.parametrize("said", [None, "1975", "1975-03", "1975-03-02"])
async def test_birth_dates_that_agree_as_far_as_they_go_are_one_person(
    pool: asyncpg.Pool, known: str | None, said: str | None
) -> None:
    index = urandom(16)
    one, other = await ask(pool, stranger(index, known)), await ask(pool, stranger(index, said))
    assert one[0].person_id == other[0].person_id
    assert other[0].findings == ()


async def test_the_best_known_birth_date_is_kept_and_contradicts_later(pool: asyncpg.Pool) -> None:
    index = urandom(16)
    for birth_on in (None, "1975", "1975-03-02", "1975"):
        await ask(pool, stranger(index, birth_on))
    (other,) = await ask(pool, stranger(index, "1975-07-01"))
    assert other.findings == (OTHER_BIRTH_DATE,)


async def test_two_birth_dates_that_arrive_at_once_for_somebody_without_one_are_two_people(
    pool: asyncpg.Pool, other_pool: asyncpg.Pool
) -> None:
    for _ in range(10):
        index = urandom(16)
        await ask(pool, stranger(index))
        asked = await asyncio.gather(
            ask(pool, stranger(index, "1975-03-02")), ask(other_pool, stranger(index, "1980-01-01"))
        )
        (one,), (other,) = asked
        assert one.person_id != other.person_id
        assert sorted(one.findings + other.findings) == [OTHER_BIRTH_DATE]


async def test_in_one_burst_as_in_many(pool: asyncpg.Pool) -> None:
    index = urandom(16)
    one, nobody, other, same = await ask(
        pool, stranger(index), stranger(index, "1975"), stranger(index, "1980"), stranger(index, "1975-03-02")
    )
    assert one.person_id == nobody.person_id == same.person_id != other.person_id


async def test_the_same_event_names_the_same_person_each_time(pool: asyncpg.Pool) -> None:
    event_id, index = urandom(16), urandom(16)

    def names() -> list[Naming]:
        derived = [derive_person_id(event_id, "child", n) for n in range(3)]
        return [Naming(derived[0]), Naming(derived[1], indexes=[index], birth_on="1980"), Naming(derived[2])]

    await ask(pool, stranger(index, "1975"))
    first, again = await ask(pool, *names()), await ask(pool, *names())
    assert [naming.person_id for naming in first] == [naming.person_id for naming in again]
    assert len({naming.person_id for naming in first}) == 3


async def test_every_identifier_of_a_person_leads_to_the_person(pool: asyncpg.Pool) -> None:
    local, passport = urandom(16), urandom(16)
    (first,) = await ask(pool, stranger(local, None, passport))
    (found,) = await ask(pool, stranger(passport))
    assert found.person_id == first.person_id
    (elsewhere,) = await ask(pool, stranger(urandom(16), None, passport))
    assert elsewhere.person_id != first.person_id
    assert elsewhere.findings == (OTHER_PERSON,)


async def test_somebody_named_by_id_stays_that_person_and_a_foreign_identifier_is_a_finding(
    pool: asyncpg.Pool,
) -> None:
    index, given = urandom(16), urandom(16)
    (first,) = await ask(pool, stranger(index))
    (named,) = await ask(pool, Naming(urandom(16), given, [index]))
    assert (named.person_id, named.identified_by) == (given, "person_id")
    assert named.findings == (OTHER_PERSON,)
    assert first.person_id != given


@pytest.mark.parametrize("other", [("mother", 0), ("child", 1)])
def test_role_and_ordinal_tell_people_of_one_event_apart(other: tuple[str, int]) -> None:
    event_id = urandom(16)
    assert derive_person_id(event_id, "child", 0) != derive_person_id(event_id, *other)
    assert derive_person_id(event_id, "child", 0) == derive_person_id(event_id, "child", 0)


async def test_a_person_has_one_pseudonym_whoever_asks_first_and_it_tells_nothing(
    pool: asyncpg.Pool, other_pool: asyncpg.Pool
) -> None:
    people = [urandom(16) for _ in range(4)]

    async def names(opened: asyncpg.Pool, order: Callable[[list[bytes]], list[bytes]]) -> dict[bytes, bytes]:
        async with transaction(opened) as connection:
            return await get_pseudonyms(connection, order(people))

    asked = await asyncio.gather(*(names((pool, other_pool)[n % 2], lambda p: p) for n in range(20)))
    assert all(known == asked[0] for known in asked)
    assert not set(asked[0].values()) & set(people)
