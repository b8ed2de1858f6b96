import gzip
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import fastavro
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from services.ingest.client.event_ids import make_row_ids
from services.ingest.client.files import open_reader
from services.ingest.client.mapping import Mapping, compile_mapping
from services.ingest.client.rows import Batch, Mark
from services.kernel.asking import CannotGoOn

MAPPING = compile_mapping(
    {"post": {"type": "X", "n": {"$column": "n", "as": "integer"}, "subjects": [{"civil": {"name": "$name"}}]}}
)


def read(path: Path, mapping: Mapping | None, size: int = 3, start: Mark | None = None) -> list[Batch]:
    reader = open_reader(path, mapping, lambda: make_row_ids("test"))
    return list(reader.batches(size, start or Mark()))


def posts(batches: list[Batch]) -> list[dict[str, Any]]:
    return [json.loads(line) for batch in batches for line in batch.body.splitlines()]


def csv_file(path: Path, count: int) -> Path:
    path.write_text("name,n\r\n" + "".join(f'"A ""{n}"",\nB",{n}\r\n' for n in range(1, count + 1)))
    return path


def parquet_file(path: Path, count: int) -> Path:
    table = pa.table({"n": range(1, count + 1), "other": [0.5] * count, "name": [f"A {n}" for n in range(count)]})
    parquet.write_table(table, path, row_group_size=4)
    return path


def test_csv_rows_become_posts_with_their_numbers(tmp_path: Path) -> None:
    batches = read(csv_file(tmp_path / "a.csv", 7), MAPPING)
    assert [post["n"] for post in posts(batches)] == [1, 2, 3, 4, 5, 6, 7]
    assert posts(batches)[0]["subjects"] == [{"civil": {"name": 'A "1",\nB'}}]
    assert [n for batch in batches for n in batch.numbers] == [1, 2, 3, 4, 5, 6, 7]
    row_id = make_row_ids("test")
    assert [post["event_id"] for post in posts(batches)] == [row_id(n) for n in range(1, 8)]


def test_packed_csv_reads_alike(tmp_path: Path) -> None:
    plain = csv_file(tmp_path / "a.csv", 7)
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert posts(read(packed, MAPPING)) == posts(read(plain, MAPPING))


def test_a_bad_cell_or_a_short_row_refuses_that_row_only(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,n\nA,1\nB,two\nC\n\nD,4\n")
    (batch,) = read(file, MAPPING, 10)
    assert [post["n"] for post in posts([batch])] == [1, 4]
    assert list(batch.numbers) == [1, 5]
    assert [(r.row, r.code, r.path) for r in batch.refused] == [(2, "wrong-cell", "n"), (3, "wrong-cell", "")]
    row_id = make_row_ids("test")
    assert json.loads(batch.refused[0].post) == {
        "event_id": row_id(2),
        "type": "X",
        "n": "two",
        "subjects": [{"civil": {"name": "B"}}],
    }
    assert json.loads(batch.refused[1].post) == {"name": "C", "event_id": row_id(3)}


def test_a_row_with_surplus_cells_is_refused_and_keeps_them_all(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("name,n\nA,1\nB,2,3,\n")
    (batch,) = read(file, MAPPING, 10)
    assert [post["n"] for post in posts([batch])] == [1]
    (refused,) = batch.refused
    assert (refused.row, refused.rule) == (2, "The row has 4 cells; the header names 2.")
    assert json.loads(refused.post) == {
        "name": "B",
        "n": "2",
        "surplus cells": ["3", ""],
        "event_id": make_row_ids("test")(2),
    }


def test_a_row_whose_id_cell_is_empty_gets_an_id_and_the_others_keep_theirs(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,n\nmine,1\nNA,2\n,x\nyours\n")
    post = {"event_id": "$id", "n": {"$column": "n", "as": "integer"}}
    (batch,) = read(file, compile_mapping({"post": post, "csv": {"empty": ["NA"]}}), 10)
    row_id = make_row_ids("test")
    assert posts([batch]) == [{"event_id": "mine", "n": 1}, {"event_id": row_id(2), "n": 2}]
    assert [json.loads(refused.post)["event_id"] for refused in batch.refused] == [row_id(3), "yours"]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_go_on_from_any_mark(tmp_path: Path, kind: str) -> None:
    file = csv_file(tmp_path / "a.csv", 20) if kind == "csv" else parquet_file(tmp_path / "a.parquet", 20)
    whole = read(file, MAPPING)
    assert [post["n"] for post in posts(whole)] == list(range(1, 21))
    for done, batch in enumerate(whole):
        assert posts(read(file, MAPPING, 3, batch.after)) == posts(whole[done + 1 :])


def test_the_encoding_and_delimiter_are_those_of_the_mapping(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("name;n\nÅsa;1\n".encode("latin-1"))
    post = {"n": "$n", "name": "$name"}
    mapping = compile_mapping({"post": post, "csv": {"delimiter": ";", "encoding": "latin-1"}})
    assert posts(read(file, mapping))[0]["name"] == "Åsa"
    with pytest.raises(CannotGoOn, match="not written in utf-8"):
        read(file, compile_mapping({"post": post, "csv": {"delimiter": ";"}}))


def test_parquet_rows_may_be_posts_themselves(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    rows = [
        {"type": "X", "event_id": "e", "occurred_on": date(2003, 5, 17), "subjects": [{"role": "child", "x": None}]},
        {"type": "X", "event_id": None, "occurred_on": None, "subjects": []},
    ]
    parquet.write_table(pa.Table.from_pylist(rows), file)
    assert posts(read(file, None)) == [
        {"type": "X", "event_id": "e", "occurred_on": "2003-05-17", "subjects": [{"role": "child"}]},
        {"type": "X", "event_id": make_row_ids("test")(2), "subjects": []},
    ]


def test_avro_records_become_posts(tmp_path: Path) -> None:
    schema = {
        "type": "record",
        "name": "domicile.DeathRegistered",
        "fields": [
            {"name": "event_id", "type": {"type": "fixed", "name": "E", "size": 16}},
            {"name": "occurred_on", "type": {"type": "int", "logicalType": "date"}},
            {"name": "registered_at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "note", "type": ["null", "string"]},
        ],
    }
    at = datetime(2003, 5, 20, 9, 30, tzinfo=UTC)
    records = [
        {"event_id": UUID(int=n).bytes, "occurred_on": date(2003, 5, 17), "registered_at": at, "note": None}
        for n in range(10)
    ]
    buffer = io.BytesIO()
    fastavro.writer(buffer, fastavro.parse_schema(schema), records, sync_interval=64)
    file = tmp_path / "a.avro"
    file.write_bytes(buffer.getvalue())
    whole = read(file, None, 4)
    assert posts(whole)[3] == {
        "type": "DeathRegistered",
        "event_id": str(UUID(int=3)),
        "occurred_on": "2003-05-17",
        "registered_at": "2003-05-20T09:30:00Z",
    }
    assert [len(batch.numbers) for batch in whole] == [4, 4, 2]
    assert posts(read(file, None, 4, whole[0].after)) == posts(whole[1:])


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "missing.ndjson", "bad.parquet", "bad.avro"])
def test_a_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path, name: str) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_bytes(b"garbage that is nothing at all")
    with pytest.raises(CannotGoOn):
        read(tmp_path / name, None)
