import gzip
import json
from pathlib import Path

import pytest

from services.ingest.client.event_ids import make_row_ids
from services.ingest.client.ndjson import LINE_BYTES_MAX, NdjsonReader
from services.ingest.client.rows import Batch, Mark
from services.kernel.asking import CannotGoOn


def read(path: Path, size: int = 3, start: Mark | None = None) -> list[Batch]:
    reader = NdjsonReader(path, lambda: make_row_ids("test"))
    return list(reader.batches(size, start or Mark()))


def rows(count: int, **more: object) -> list[dict[str, object]]:
    return [{"event_id": f"id-{n}", "n": n, **more} for n in range(1, count + 1)]


def write(path: Path, content: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in content))
    return path


def test_rows_with_an_event_id_go_through_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(b'{ "n":1.50, "event_id":"x"}\n{"event_id": "y", "t": "\\u00e9"}\n')
    assert b"".join(batch.body for batch in read(file)) == file.read_bytes()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_every_row_comes_once_with_its_number_whatever_the_size_of_batches(tmp_path: Path, size: int) -> None:
    # Rows of very different lengths, so that the guess of bytes per batch is always wrong.
    content = [{**row, "pad": "x" * (n * 37 % 900)} for n, row in enumerate(rows(50))]
    batches = read(write(tmp_path / "a.ndjson", content), size)
    lines = [json.loads(line) for batch in batches for line in batch.body.splitlines()]
    assert lines == content
    assert [number for batch in batches for number in batch.numbers] == list(range(1, 51))
    assert all(0 < len(batch.numbers) <= size for batch in batches)


@pytest.mark.parametrize("packed", [False, True])
def test_reading_goes_on_from_any_mark(tmp_path: Path, packed: bool) -> None:
    file = write(tmp_path / "a.ndjson", rows(40))
    if packed:
        text, file = file.read_bytes(), tmp_path / "a.ndjson.gz"
        file.write_bytes(gzip.compress(text))
    whole = read(file, 7)
    for done in range(len(whole)):
        rest = read(file, 7, whole[done].after)
        assert b"".join(b.body for b in rest) == b"".join(b.body for b in whole[done + 1 :])
        assert [n for b in rest for n in b.numbers] == [n for b in whole[done + 1 :] for n in b.numbers]


def test_a_row_without_an_id_gets_one_and_keeps_all_else(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(b'{"event_id":"x"}\n{"n":2}\n{}\n{"nested":{"event_id":"not mine"}}\n')
    (batch,) = read(file, 10)
    lines = [json.loads(line) for line in batch.body.splitlines()]
    row_id = make_row_ids("test")
    assert lines[0] == {"event_id": "x"}
    assert lines[1] == {"event_id": row_id(2), "n": 2}
    assert lines[2] == {"event_id": row_id(3)}
    assert lines[3] == {"event_id": row_id(4), "nested": {"event_id": "not mine"}}


def test_blank_lines_are_passed_over_but_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(b'\xef\xbb\xbf{"event_id":"a"}\r\n\r\n \n{"event_id":"b"}')
    (batch,) = read(file, 10)
    assert list(batch.numbers) == [1, 4]
    assert [json.loads(line)["event_id"] for line in batch.body.splitlines()] == ["a", "b"]


def test_a_row_that_is_not_json_is_left_for_ingest_to_refuse(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(b'{"event_id":"a"}\n{oops\n[1]\n{"event_id":"b"}\n')
    (batch,) = read(file, 10)
    assert batch.body == file.read_bytes()


@pytest.mark.parametrize("name", ["a.ndjson.rejected.ndjson", "renamed.ndjson"])
def test_the_posts_of_a_rejected_file_can_be_imported_as_they_are_whatever_its_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(b'{"row":3,"code":"c","post":{"event_id":"a","n":1}}\n')
    (batch,) = read(file, 10)
    assert batch.body == b'{"event_id":"a","n":1}\n'


@pytest.mark.parametrize("content", [b'[\n{"event_id":"a"}\n]', b"x" * (LINE_BYTES_MAX + 100), b"{\x00\x00"])
def test_what_is_not_ndjson_is_said_to_be_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(content)
    with pytest.raises(CannotGoOn):
        read(file)


def test_an_empty_file_has_no_batches(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(b"")
    assert read(file) == []


def test_posts_under_the_name_of_a_rejected_file_are_posts(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson.rejected.ndjson"
    file.write_bytes(b'{"n":1}\n')
    (batch,) = read(file, 10)
    assert json.loads(batch.body) == {"event_id": make_row_ids("test")(1), "n": 1}


def test_a_corrected_post_takes_the_id_that_stands_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(b'{"row":3,"code":"c","event_id":"kept","post":{"n":1}}\n')
    (batch,) = read(file, 10)
    assert json.loads(batch.body) == {"event_id": "kept", "n": 1}
