"""The tables are what the pure fold says of the set of records: in any order, batching, duplication, by any workers."""

import asyncio
from collections.abc import Sequence
from random import Random

import pytest

from services.projections.engine.projection import Record
from tests.projections.register.comparing import assert_equal, fold_all
from tests.projections.register.conftest import Connect, Register
from tests.projections.register.records import Chronicle, Offsets, frame, write_histories

EVENTS = 30


def split(records: Sequence[Record], random: Random, largest: int) -> list[list[Record]]:
    """Batches of any size."""
    batches, start = [], 0
    while start < len(records):
        end = start + random.randint(1, largest)
        batches.append(list(records[start:end]))
        start = end
    return batches


def shuffle(records: Sequence[Record], random: Random) -> list[Record]:
    """In any order, some of them more than once."""
    again = random.sample(records, len(records) // 10)
    shuffled = [*records, *again]
    random.shuffle(shuffled)
    return shuffled


@pytest.mark.parametrize(("seed", "histories", "largest"), [(1, 5, 8), (2, 25, 60), (3, 100, 1500)])
async def test_any_order_batching_and_number_of_copies_give_the_tables_of_the_fold(
    register: Register, seed: int, histories: int, largest: int
) -> None:
    records = write_histories(range(seed * 100, seed * 100 + histories), EVENTS)
    random = Random(seed)
    for batch in split(shuffle(records, random), random, largest):
        await register.apply(batch)
    assert_equal(await register.read(), fold_all(records))


@pytest.mark.parametrize(("seed", "histories", "workers", "largest"), [(4, 4, 3, 5), (5, 15, 2, 40), (6, 40, 4, 150)])
async def test_workers_who_meet_at_the_same_people_give_the_tables_of_the_fold(
    register: Register, connect: Connect, seed: int, histories: int, workers: int, largest: int
) -> None:
    records = write_histories(range(seed * 100, seed * 100 + histories), EVENTS)
    random = Random(seed)
    waiting = split(shuffle(records, random), random, largest)

    async def work() -> None:
        session = await connect()
        while waiting:
            await register.apply(waiting.pop(), session)

    await asyncio.gather(*(work() for _ in range(workers)))
    assert_equal(await register.read(), fold_all(records))


async def test_a_worker_waits_for_another_one_only_where_both_know_the_same_person(
    register: Register, connect: Connect
) -> None:
    records = write_histories(range(2), EVENTS)
    of_one, of_other = Chronicle(0).write(EVENTS, Offsets()), Chronicle(1).write(EVENTS, Offsets())
    first, second = await connect(), await connect()
    transaction = first.transaction()
    await transaction.start()
    await register.projection.apply(first, register.schema, register.projection.read(of_one[:15]).content)
    await register.apply(of_other, second)
    meets = asyncio.create_task(register.apply(of_one[15:], second))
    await asyncio.sleep(0.2)
    assert not meets.done()
    await transaction.commit()
    await meets
    tables = await register.read()
    assert len(tables["event"]) == len({record.value[5:21] for record in records})


async def test_a_late_fact_touches_the_rows_of_nobody_else(register: Register) -> None:
    everybody = [bytes([number] * 16) for number in range(1, 200)]
    offsets = Offsets()
    found = [enumerate_person(person, offsets, 12_000) for person in everybody]
    await register.apply(found)
    before = await row_versions(register)
    late = frame("DeathRegistered", **envelope(b"late" * 4, [("deceased", everybody[50])], 11_000), sex="female")
    await register.apply([offsets.put("north.registration", 0, 1, late)])
    after = await row_versions(register)
    assert {person for person, _ in before ^ after} == {everybody[50].hex()}


async def test_what_is_known_already_writes_nothing(register: Register) -> None:
    records = Chronicle(7).write(EVENTS, Offsets())
    await register.apply(records)
    before = await row_versions(register)
    await register.apply(records[::-1])
    assert await row_versions(register) == before


def enumerate_person(person: bytes, offsets: Offsets, day: int) -> Record:
    said = frame(
        "PersonEnumerated", **envelope(person, [("person", person)], day), sex="female", residence_kind="permanent"
    )
    return offsets.put("north.registration", person[0] % 4, 1, said)


def envelope(event_id: bytes, subjects: Sequence[tuple[str, bytes]], day: int) -> dict[str, object]:
    named = [
        {"role": role, "region": "north", "person_id": person, "identified_by": "person_id", "blocks": []}
        for role, person in subjects
    ]
    return {
        "event_id": event_id,
        "region": "north",
        "subjects": named,
        "occurred_on": day,
        "occurred_on_precision": "day",
        "registered_at": day * 86_400_000,
        "residence_area": "a1",
        "office": "a1-1",
    }


async def row_versions(register: Register) -> set[tuple[str, str]]:
    """Person, and which transaction wrote the row where."""
    query = " UNION ALL ".join(
        f"SELECT person_id::text, '{table} ' || ctid || xmin FROM {register.schema}.{table}"
        for table in ("person", "residence", "finding", "timeline")
    )
    return {(row[0].replace("-", ""), row[1]) for row in await register.connection.fetch(query)}
