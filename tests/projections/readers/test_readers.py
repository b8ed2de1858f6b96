"""Who read whom becomes a table: the same in any order, and of two copies the earlier counts."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.local.stack import Running
from services.kernel.clock import FixedClock
from services.kernel.contract.catalog import Catalog
from services.kernel.identity.caller import Caller
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import Reading, ReadRecorder
from services.projections.engine.projection import Record
from services.projections.readers.projection import ReadersProjection
from tests.projections.lookup.conftest import Bench, as_record

NOW = datetime(2020, 5, 1, 10, 30, tzinfo=UTC)
CATALOG = Catalog.load()


@pytest.fixture
async def bench(stack: Running) -> Any:
    bench = Bench(await asyncpg.connect(stack.regions["north"].database), ReadersProjection(CATALOG))
    await bench.open()
    yield bench
    await bench.close()


def look(people: list[UUID], actor: str = "clerk-7") -> bytes:
    caller = Caller(actor, frozenset({"registrar"}), ("*",), None, "north")
    recorder = ReadRecorder(None, CATALOG, RegionKey.derive(b"k" * 32), "north", "x-1", FixedClock(NOW))  # type: ignore[arg-type]
    everybody = tuple(("north", person) for person in people)
    reading = Reading(everybody, caller, "registrar", "exchange", "GET /v1/x", ("current.sex",), ("civil",), "2020/7")
    return next(iter(recorder.describe(reading, NOW))).value


async def test_there_is_a_row_for_each_person(bench: Bench) -> None:
    people = [uuid4() for _ in range(3)]
    assert await bench.apply([as_record(7, look(people), "north.audit")]) == ()
    rows = await bench.rows()
    assert [row[0] for row in rows] == sorted(people)
    assert {row[2:10] for row in rows} == {
        (1_000_007, 0, 7, "clerk-7", "registrar", "exchange", "2020/7", "GET /v1/x"),
    }
    assert {(tuple(row[10]), tuple(row[11]), *row[12:]) for row in rows} == {
        (("current.sex",), ("civil",), "shown", None),
    }


async def test_of_two_copies_the_earlier_counts_in_any_order(bench: Bench) -> None:
    person = uuid4()
    first, other = look([person], "clerk-1"), look([person], "clerk-2")
    copy = other[:5] + first[5:21] + other[21:]  # the same event id
    records: list[Record] = [as_record(1, first), as_record(2, copy), as_record(3, first)]
    for order in permutations(records):
        await bench.clear()
        for record in order:
            await bench.apply([record])
        (row,) = await bench.rows()
        assert (row[4], row[5]) == (1, "clerk-1")
    await bench.clear()
    await bench.apply([*reversed(records)])
    assert [row[5] for row in await bench.rows()] == ["clerk-1"]


async def test_what_cannot_be_read_is_poison(bench: Bench) -> None:
    person = uuid4()
    whole = look([person])
    (poison,) = await bench.apply([as_record(1, whole), as_record(2, whole[:-1])])
    assert (poison.index, poison.reason) == (1, "bad-avro")
    assert bench.projection.find_subjects(as_record(1, whole)) == (str(person),)
    assert bench.projection.find_subjects(as_record(1, b"")) == ()
