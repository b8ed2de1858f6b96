"""Decoding by columns: a whole batch of records of one schema at once, in Rust.

The framed records lose their five-byte frames and are wrapped, in memory, as one Avro object container, which
`polars.read_avro` reads. It is several times faster than record by record, with two dangers that are
met here: it panics on what it cannot read, and a damaged record shifts the reading of those behind it. So what was
read is compared with what can be known without reading: every record begins with its event id. On any doubt the batch
is read record by record, and what cannot be read is handed back as poison, never dropped. What it cannot see is a
record whose bytes were changed in place and still have their length; Kafka's own check sums stand against that.
"""

import io
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars
from fastavro import schemaless_reader

from services.kernel.codec.framing import HEADER_BYTES, unframe
from services.kernel.contract.catalog import EventVersion
from services.kernel.errors import Corrupt

_SYNC = b"domicile-columns"
_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that cannot be read. `index` is its place in what was given."""

    index: int
    reason: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What was read. Row n of `frame` is record `indexes[n]` of what was given.

    Column types: int (days and milliseconds since 1970 too), string, boolean, binary (ids are 16 bytes), lists and
    structs of these.
    """

    frame: polars.DataFrame
    indexes: Sequence[int]
    poison: tuple[Poison, ...]


def split_by_schema(framed: Sequence[bytes]) -> tuple[Mapping[int, list[int]], tuple[Poison, ...]]:
    """Indexes of the records of each schema id, and those whose frame is damaged."""
    by_header: dict[bytes, list[int]] = defaultdict(list)
    for index, record in enumerate(framed):
        by_header[record[:HEADER_BYTES] if len(record) > HEADER_BYTES else b""].append(index)
    groups: dict[int, list[int]] = {}
    poison: list[Poison] = []
    for header, indexes in by_header.items():
        try:
            groups[unframe(header + b"\0")[0]] = indexes
        except Corrupt as error:
            poison += [Poison(index, error.code) for index in indexes]
    return groups, tuple(poison)


class ColumnReader:
    """Reads framed records of one event version. Keep it: it prepares its header once.

    `columns`: those that are wanted, default all; the others are skipped, which is faster.
    """

    def __init__(self, version: EventVersion, columns: Collection[str] | None = None) -> None:
        self._version = version
        self._columns = None if columns is None else sorted({"event_id", *columns})
        self._header = _write_header(version.columns_schema)
        self._empty = polars.read_avro(self._wrap([]), columns=self._columns)

    def read(self, framed: Sequence[bytes]) -> Columns:
        """All records that can be read, as columns, and the poison. Best in batches of about a thousand."""
        frame = self._find_columns(framed)
        if frame is not None:
            return Columns(frame, range(len(framed)), ())
        return self._read_one_by_one(framed)

    def _find_columns(self, framed: Sequence[bytes]) -> polars.DataFrame | None:
        """The columns, or None where polars fails or what it read cannot be right."""
        if not framed:
            return self._empty
        try:
            frame = polars.read_avro(self._wrap(framed), columns=self._columns)
        except (Exception, polars.exceptions.PanicException):  # OSError, ComputeError, …, by kind of damage
            return None
        expected = [record[HEADER_BYTES : HEADER_BYTES + _ID_BYTES] for record in framed]
        if frame["event_id"].to_list() != expected or isinstance(self._judge(framed[-1]), str):
            return None
        return frame

    def _read_one_by_one(self, framed: Sequence[bytes]) -> Columns:
        good: list[int] = []
        records: list[dict[str, Any]] = []
        poison: list[Poison] = []
        for index, record in enumerate(framed):
            outcome = self._judge(record)
            if isinstance(outcome, str):
                poison.append(Poison(index, outcome))
            else:
                good.append(index)
                records.append(outcome)
        frame = self._find_columns([framed[index] for index in good])
        if frame is None:
            frame = polars.DataFrame(records, schema=self._empty.schema, orient="row")
        return Columns(frame, good, tuple(poison))

    def _judge(self, record: bytes) -> dict[str, Any] | str:
        """The record as fastavro reads it, or why it cannot be read."""
        buffer = io.BytesIO(record)
        buffer.seek(HEADER_BYTES)
        try:
            outcome = schemaless_reader(buffer, self._version.plain, None)
        except Exception as error:  # whatever the damage leads to, from EOFError to MemoryError
            return f"unreadable: {type(error).__name__}"
        if buffer.tell() != len(record) or not isinstance(outcome, dict):
            return "bytes left over"
        return outcome

    def _wrap(self, framed: Sequence[bytes]) -> io.BytesIO:
        if not framed:
            return io.BytesIO(self._header)
        size = sum(map(len, framed)) - HEADER_BYTES * len(framed)
        bodies = [record[HEADER_BYTES:] for record in framed]
        # In one go: copying a block of a megabyte costs as much as reading it.
        return io.BytesIO(b"".join([self._header, _write_long(len(framed)), _write_long(size), *bodies, _SYNC]))


def _write_header(schema: dict[str, Any]) -> bytes:
    text = json.dumps(schema, separators=(",", ":")).encode()
    pairs = ((b"avro.codec", b"null"), (b"avro.schema", text))
    entries = b"".join(_write_long(len(part)) + part for pair in pairs for part in pair)
    return b"Obj\x01" + _write_long(len(pairs)) + entries + _write_long(0) + _SYNC


def _write_long(value: int) -> bytes:
    """Avro's zigzag variable-length integer, for values from zero up."""
    zigzag = value << 1
    parts = bytearray()
    while zigzag > 0x7F:
        parts.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    parts.append(zigzag)
    return bytes(parts)
