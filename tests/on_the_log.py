"""What really stands on the log, read without anything of ingest."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Corrupt
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of
from services.kernel.log.topics import CONTEXTS


@dataclass(frozen=True)
class Logged:
    """One record of the log."""

    topic: str
    partition: int
    offset: int
    key: bytes
    headers: Mapping[str, bytes]
    value: bytes
    type: str
    record: dict[str, Any]

    @property
    def event_id(self) -> str:
        return str(UUID(bytes=self.record["event_id"]))

    @property
    def position(self) -> dict[str, Any]:
        """As an answer names it."""
        return {"topic": self.topic, "partition": self.partition, "offset": self.offset}


def read_log(kafka: str, region: str, contexts: Iterable[str] = CONTEXTS, *, holding: bytes = b"") -> list[Logged]:
    """All records of the region's topics as they are now, or those in whose bytes `holding` stands.

    The log of a whole run is long: whoever knows bytes that must stand in what is looked for has only that decoded.
    """
    reader = LogReader(kafka)
    try:
        ranges = reader.ranges(reader.partitions([f"{region}.{context}" for context in contexts]))
        return _read(reader, ranges, holding)
    finally:
        reader.close()


def read_records(kafka: str, positions: Iterable[Mapping[str, Any]]) -> list[Logged]:
    """The records at these positions, which are spelt as answers name them, in their order."""
    asked = [(Partition(each["topic"], each["partition"]), each["offset"]) for each in positions]
    ranges: dict[Partition, Range] = {}
    for place, offset in asked:
        first, end = ranges.get(place, (offset, offset))
        ranges[place] = Range(min(first, offset), max(end, offset + 1))
    reader = LogReader(kafka)
    try:
        found = {(Partition(each.topic, each.partition), each.offset): each for each in _read(reader, ranges)}
    finally:
        reader.close()
    return [found[at] for at in asked]


def _read(reader: LogReader, ranges: Mapping[Partition, Range], holding: bytes = b"") -> list[Logged]:
    decoder, found = _decoder(), []
    for batch in reader.read_range(ranges):
        for message in batch:
            value = message.value() or b""
            if holding not in value:
                continue
            type_, record = _decode(decoder, value)
            headers: dict[str, bytes] = dict(message.headers() or [])  # type: ignore[arg-type]
            place, key = partition_of(message), message.key() or b""
            assert isinstance(key, bytes)
            found.append(Logged(place.topic, place.number, offset_of(message), key, headers, value, type_, record))
    return found


@cache
def _decoder() -> Decoder:
    return Decoder(Catalog.load())


def _decode(decoder: Decoder, value: bytes) -> tuple[str, dict[str, Any]]:
    """Type and record; no type for a damaged record, which a test of readers may have put there."""
    try:
        event = decoder.decode(value)
    except Corrupt:
        return "", {"event_id": bytes(16)}
    return event.type, event.record


def find_copies(kafka: str, region: str, event_id: str, contexts: Iterable[str] = ("registration",)) -> list[Logged]:
    """Every record of one event."""
    found = read_log(kafka, region, contexts, holding=UUID(event_id).bytes)
    return [logged for logged in found if logged.event_id == event_id]


def count_records(kafka: str, region: str) -> dict[str, int]:
    """The end offset of every partition of the region's topics."""
    reader = LogReader(kafka)
    try:
        ranges = reader.ranges(reader.partitions([f"{region}.{context}" for context in CONTEXTS]))
        return {f"{place.topic}/{place.number}": span.next_offset for place, span in ranges.items()}
    finally:
        reader.close()
