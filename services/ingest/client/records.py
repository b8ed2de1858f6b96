"""Avro object containers whose records have the shape of posts, read block by block."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from services.ingest.client.rows import Batch, Mark
from services.kernel.asking import CannotGoOn

RowIds = Callable[[], Callable[[int], str]]
_UUID_BYTES = 16
_PLAIN = frozenset({str, int, float, bool})


def post_of_record(record: dict[str, Any]) -> bytes:
    """A record as the JSON of a post: nothing where null stood, ISO dates and times, ids as hyphenated
    text.
    """
    return msgspec.json.encode(_without_nulls(record), enc_hook=str)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: v if type(v) in _PLAIN else _without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [v if type(v) in _PLAIN else _without_nulls(v) for v in value if v is not None]
    if isinstance(value, bytes) and len(value) == _UUID_BYTES:
        return str(UUID(bytes=value))
    return value


def batch_of_records(records: list[dict[str, Any]], row_ids: RowIds, before: int, progress: int) -> Batch:
    """The posts of records that have the shape of posts."""
    give_id: Callable[[int], str] | None = None
    posts: list[bytes] = []
    for number, record in enumerate(records, before + 1):
        if record.get("event_id") is None:
            give_id = give_id or row_ids()
            record["event_id"] = give_id(number)
        posts.append(post_of_record(record))
    posts.append(b"")
    after = before + len(records)
    return Batch(b"\n".join(posts), range(before + 1, after + 1), (), Mark(after, after), progress)


class AvroReader:
    """An Avro object container. Marks: records read. `type` is the record's name when no field says it."""

    def __init__(self, path: Path, row_ids: RowIds) -> None:
        self._path = path
        self._row_ids = row_ids

    @property
    def total(self) -> int:
        return self._path.stat().st_size

    def batches(self, size: int, start: Mark) -> Iterator[Batch]:
        import fastavro

        with self._path.open("rb", buffering=1 << 18) as file:
            try:
                reader: Any = fastavro.reader(file)
            except (ValueError, StopIteration, EOFError) as wrong:
                raise CannotGoOn(f"{self._path.name} is not an Avro object container: {wrong}.") from None
            kind = _name_of(reader.writer_schema)
            for _ in islice(reader, start.row):
                pass
            row = start.row
            while records := list(islice(reader, size)):
                named = [record if record.get("type") else {**record, "type": kind} for record in records]
                yield batch_of_records(named, self._row_ids, row, file.tell())
                row += len(records)


def _name_of(schema: Any) -> str:
    return str(schema.get("name", "")).rsplit(".", 1)[-1] if isinstance(schema, dict) else ""
