"""Pieces of the hot paths alone, in one process: where to look when another row got slower."""

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import msgspec
from fastavro import schemaless_reader

from services.kernel.codec import Decoder
from services.kernel.codec.columns import ColumnReader, split_by_schema
from services.kernel.codec.encode import Encoder
from services.kernel.codec.framing import unframe
from services.kernel.codec.posts import PostReader
from services.kernel.contract.catalog import Catalog
from tests.benchmarks import peers
from tests.benchmarks.results import Figure, Row
from tests.benchmarks.stage import Stage
from tests.benchmarks.workload import posts

TITLE = "codec alone, one process"
_COLUMNS_BATCH = 1_000


def measure(stage: Stage) -> Row:
    """On the records that the warm-up and other rows left on the log."""
    catalog = Catalog.load()
    framed = stage.read_log(stage.count(usual=50_000, quick=5_000))
    stage.say(f"codec: {len(framed):,} records of the log")
    row = Row("codec", TITLE, len(framed))
    fastavro_encode = peers.measure_encode(framed, catalog)
    fastavro_decode = _rate(lambda: _decode_fastavro(framed, catalog), framed)
    lines = list(posts(0, len(framed)))
    row.figures = [
        Figure("encode", _encode(framed, catalog), "records/s", "fastavro", fastavro_encode, of_ratio=True),
        Figure("decode", _decode(framed, catalog), "records/s", "fastavro", fastavro_decode, of_ratio=True),
        Figure("decode by columns", _columns(framed, catalog), "records/s", "fastavro", fastavro_decode, of_ratio=True),
        Figure(
            "read a post", _read(lines, catalog), "posts/s", "msgspec, untyped", _read_untyped(lines), of_ratio=True
        ),
    ]
    return row


def _rate(work: Callable[[], object], items: Sequence[object]) -> float:
    return peers.best_rate(work, len(items))


def _encode(framed: Sequence[bytes], catalog: Catalog) -> float:
    versions = {event.schema_id: event for event in catalog.events}
    encoder = Encoder()
    records: list[tuple[Any, dict[str, Any]]] = [
        (versions[unframe(value)[0]], record)
        for value, (_, record) in zip(framed, peers.read_plain(framed, catalog), strict=True)
    ]
    return _rate(lambda: [encoder.encode(version, record) for version, record in records], records)


def _decode(framed: Sequence[bytes], catalog: Catalog) -> float:
    decoder = Decoder(catalog)
    return _rate(lambda: [decoder.decode(value) for value in framed], framed)


def _decode_fastavro(framed: Sequence[bytes], catalog: Catalog) -> None:
    schemas = {event.schema_id: event.plain for event in catalog.events}
    for value in framed:
        schema_id, avro = unframe(value)
        schemaless_reader(BytesIO(avro), schemas[schema_id], None)


def _columns(framed: Sequence[bytes], catalog: Catalog) -> float:
    readers = {event.schema_id: ColumnReader(event) for event in catalog.events if event.context == "registration"}

    def work() -> None:
        for start in range(0, len(framed), _COLUMNS_BATCH):
            part = framed[start : start + _COLUMNS_BATCH]
            for schema_id, indexes in split_by_schema(part)[0].items():
                columns = readers[schema_id].read([part[index] for index in indexes])
                if columns.poison:
                    raise RuntimeError(f"poison on the log: {columns.poison[0]}")

    return _rate(work, framed)


def _read(lines: Sequence[bytes], catalog: Catalog) -> float:
    reader = PostReader(catalog)
    return _rate(lambda: [reader.read(line) for line in lines], lines)


def _read_untyped(lines: Sequence[bytes]) -> float:
    decode = msgspec.json.Decoder().decode
    return _rate(lambda: [decode(line) for line in lines], lines)
