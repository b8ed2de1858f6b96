"""The index by names: the same entries in any order, and none of what was erased."""

from collections.abc import Iterable
from itertools import permutations
from os import urandom
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.local.stack import Running
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.name_index import (
    ADDRESS,
    NAME,
    NAME_BIRTH,
    SOUND_BIRTH,
    make_digest,
    spell_with_birth,
)
from services.kernel.privacy.region_key import RegionKey
from services.kernel.privacy.sounds import sound_of
from services.projections.engine.projection import Record
from services.projections.lookup.projection import LookupProjection
from services.projections.lookup.sealed import COLUMNS_FROM
from tests.ingest.offices import Office, birth, new_id
from tests.on_the_log import read_records
from tests.projections.lookup.conftest import Bench, as_record

CATALOG = Catalog.load()


@pytest.fixture
def region_key(stack: Running) -> RegionKey:
    return RegionKey.read(Path(stack.regions["north"].settings["DOMICILE_REGION_KEY_FILE"]))


@pytest.fixture
async def bench(connection: asyncpg.Connection, region_key: RegionKey) -> Any:
    bench = Bench(connection, LookupProjection(CATALOG, region_key))
    await bench.open()
    yield bench
    await bench.close()


def posted(stack: Running, north: Any, event: dict[str, Any], role: str = "registrar") -> tuple[Record, str]:
    """The record of a posted event, and the id of its first subject."""
    answer = Office(north, role).post(event)
    assert answer.status_code == 201, answer.text
    (record,) = recorded(stack, [answer.json()])
    return record, answer.json()["subjects"][0]["person_id"]


def recorded(stack: Running, outcomes: Iterable[dict[str, Any]]) -> list[Record]:
    """What the log holds of these answers."""
    logged = read_records(stack.kafka, [outcome["position"] for outcome in outcomes])
    return [as_record(each.offset, each.value) for each in logged]


@pytest.fixture
def child(stack: Running, north: Any) -> tuple[Record, str]:
    civil = {"given_names": "Ex", "family_name": "Ample", "address": {"lines": ["Hill Road 9"]}}
    return posted(stack, north, birth(subjects=[{"role": "child", "civil": civil}]))


async def test_entries_are_hashes_of_names_and_addresses(
    bench: Bench, child: tuple[Record, str], region_key: RegionKey
) -> None:
    record, person_id = child
    assert await bench.apply([record]) == ()
    rows = await bench.rows()
    born_day = Decoder(CATALOG).decode(record.value).record["occurred_on"]
    spelled = {
        (NAME, "ample ex"),
        (NAME_BIRTH, spell_with_birth("ample ex", born_day)),
        (SOUND_BIRTH, spell_with_birth(sound_of("ample"), born_day)),
        (SOUND_BIRTH, spell_with_birth(sound_of("ex"), born_day)),
        (ADDRESS, "hill road 9"),
    }
    assert {(str(row[1]), row[0]) for row in rows} == {
        (person_id, make_digest(region_key, kind, text)) for kind, text in spelled
    }
    again = [await bench.apply([record]) for _ in range(2)]
    assert (again, await bench.rows()) == ([(), ()], rows)


async def test_what_was_erased_leaves_nothing_in_whatever_order_it_is_read(
    stack: Running, north: Any, bench: Bench, child: tuple[Record, str], region_key: RegionKey
) -> None:
    record, person_id = child
    person = UUID(person_id).bytes
    await bench.apply([record])
    assert len(await bench.rows()) == 5
    await DataKeys(region_key).dangerous_destroy(bench.connection, person, ["civil"])
    erased = {
        "type": "SubjectErased",
        "event_id": new_id(),
        "occurred_on": "2012-03-14",
        "registered_at": "2012-03-15T09:30:00+01:00",
        "office": "0980-1",
        "subjects": [{"role": "person", "person_id": person_id}],
        "compartments": ["civil"],
        "destroyed_key_ids": [str(region_key.key_id(person, "civil"))],
        "reason": "person-asked",
        "source": "system",
    }
    gone, _ = posted(stack, north, erased, "system")
    await bench.apply([gone])
    assert await bench.rows() == []
    subject = {"role": "child", "person_id": person_id, "civil": {"full_name": "New"}}
    new, _ = posted(stack, north, birth(subjects=[subject]))
    expected = None
    for order in permutations([record, gone, new]):
        await bench.clear()
        for each in order:
            await bench.apply([each])
        rows = await bench.rows()
        assert {row[0][:1] for row in rows} == {NAME, NAME_BIRTH, SOUND_BIRTH}
        assert rows == (expected := expected or rows)


async def test_what_cannot_be_read_is_poison_and_names_nobody(bench: Bench, child: tuple[Record, str]) -> None:
    record, person_id = child
    damaged = as_record(1, record.value[:-3])
    (poison,) = await bench.apply([damaged, record])
    assert (poison.index, poison.reason) == (0, "bad-avro")
    assert len(await bench.rows()) == 5
    assert bench.projection.find_subjects(damaged) == ()
    assert bench.projection.find_subjects(as_record(2, urandom(40))) == ()
    assert bench.projection.find_subjects(record) == (person_id,)


async def test_columns_and_single_records_are_read_alike(
    stack: Running, north: Any, bench: Bench, child: tuple[Record, str]
) -> None:
    """Many of one schema go by columns; the same records one by one give the same rows."""
    posts = [
        birth(subjects=subjects, occurred_on=day)
        for number, day in enumerate(["2003-05-17", "2003-05", "2003"] * (COLUMNS_FROM // 3))
        for subjects in [
            [
                {"role": "child", "civil": {"given_names": f"Ex {number}", "family_name": "Ample"}},
                {"role": "mother", "civil": {"full_name": f"Mo Ther {number}"}, "contact": {"emails": ["a@b.example"]}},
            ]
        ]
    ]
    births = recorded(stack, Office(north, "registrar").post_lines(posts).json()["outcomes"])
    assert len(births) == len(posts) >= COLUMNS_FROM
    assert await bench.apply(births) == ()
    together = await bench.rows()
    assert len([row for row in together if row[0][:1] == NAME]) == 2 * len(births)
    # The mother's birth date is known to the year only, as is that of two children of three.
    assert len([row for row in together if row[0][:1] == NAME_BIRTH]) == len(births) // 3
    await bench.clear()
    for record in births:
        await bench.apply([record])
    assert await bench.rows() == together
    (poison,) = await bench.apply([*births, as_record(99, births[0].value[:-3])])
    assert poison.index == len(births)
