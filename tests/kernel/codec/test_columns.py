"""Columns and records are two readings of the same bytes, and damage to one record costs that record only."""

import io
import random
from collections.abc import Callable
from typing import Any

import fastavro
import pytest

from services.kernel.codec import Decoder, encode
from services.kernel.codec.columns import ColumnReader, split_by_schema
from services.kernel.contract.catalog import Catalog, EventVersion

Record = dict[str, Any]
ToRecord = Callable[[Record], tuple[EventVersion, Record]]


def test_every_example_reads_the_same_by_columns_and_by_records(
    example: Record, to_record: ToRecord, catalog: Catalog
) -> None:
    version, record = to_record(example)
    framed = encode(version, record)

    columns = ColumnReader(version).read([framed, framed, framed])

    assert columns.poison == ()
    assert columns.frame.to_dicts() == [record] * 3
    assert Decoder(catalog).decode(framed).record == record


def test_every_example_reads_the_same_with_logical_types(example: Record, to_record: ToRecord) -> None:
    """Connect, kcat and Confluent's clients read with the published schema: dates come out as dates."""
    version, record = to_record(example)
    read = fastavro.schemaless_reader(
        io.BytesIO(encode(version, record)[5:]), fastavro.parse_schema(version.document, named_schemas={}), None
    )
    assert isinstance(read, dict)
    assert read["occurred_on"].toordinal() - 719163 == record["occurred_on"]
    assert int(read["registered_at"].timestamp() * 1000) == record["registered_at"]
    assert list(read) == list(record)


@pytest.fixture
def births(catalog: Catalog, to_record: ToRecord) -> list[bytes]:
    post = {
        "type": "BirthRegistered",
        "event_id": "0134995a-fd5d-7c58-8948-e9d447dc6828",
        "occurred_on": "2012-03-14",
        "registered_at": "2012-03-15T09:30:00+01:00",
        "office": "0980-1",
        "subjects": [{"role": "child"}, {"role": "mother"}],
        "sex": "female",
        "live_birth": True,
    }
    version, record = to_record(post)
    return [encode(version, record | {"event_id": bytes([n] * 16)}) for n in range(20)]


@pytest.mark.parametrize("damage", ["truncated", "bytes-left-over", "shifted", "empty", "noise"])
@pytest.mark.parametrize("place", [0, 7, 19])
def test_a_damaged_record_is_handed_back_and_the_others_are_read(
    births: list[bytes], catalog: Catalog, damage: str, place: int
) -> None:
    good = births[place]
    births[place] = {
        "truncated": good[:-9],
        "bytes-left-over": good + b"\0",
        "shifted": good[:30] + b"\x07" + good[30:],
        "empty": good[:5],
        "noise": good[:21] + b"\xff" * 40,
    }[damage]

    columns = ColumnReader(catalog.get_event("BirthRegistered")).read(births)

    assert [poison.index for poison in columns.poison] == [place]
    assert list(columns.indexes) == [n for n in range(20) if n != place]
    assert columns.frame["event_id"].to_list() == [bytes([n] * 16) for n in range(20) if n != place]


def test_whatever_is_damaged_the_undamaged_are_read_and_nothing_is_dropped(
    births: list[bytes], catalog: Catalog
) -> None:
    reader = ColumnReader(catalog.get_event("BirthRegistered"))
    intact = {row["event_id"]: row for row in reader.read(births).frame.to_dicts()}
    chance = random.Random(7)
    for _ in range(200):
        damaged = list(births)
        place = chance.randrange(20)
        changed = bytearray(damaged[place])
        at = chance.randrange(5, len(changed))
        changed[at : at + chance.randrange(3)] = chance.randbytes(chance.randrange(8))
        damaged[place] = bytes(changed)

        columns = reader.read(damaged)

        assert sorted([*columns.indexes, *(poison.index for poison in columns.poison)]) == list(range(20))
        rows = dict(zip(columns.indexes, columns.frame.to_dicts(), strict=True))
        assert all(rows[n] == intact[bytes([n] * 16)] for n in range(20) if n != place)


def test_no_records_are_an_empty_frame_with_all_columns(catalog: Catalog) -> None:
    columns = ColumnReader(catalog.get_event("BirthRegistered")).read([])
    assert len(columns.frame) == 0
    assert "mother_birth_on" in columns.frame.columns


def test_records_are_split_by_schema_and_bad_frames_set_aside(births: list[bytes], catalog: Catalog) -> None:
    schema_id = catalog.get_event("BirthRegistered").schema_id
    groups, poison = split_by_schema([births[0], b"\x01oops!", births[1], b""])
    assert dict(groups) == {schema_id: [0, 2]}
    assert [each.index for each in poison] == [1, 3]
