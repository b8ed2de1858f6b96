"""Decoding: bytes of any version that was ever written become a record, of that version or of the latest."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from fastavro import schemaless_reader

from services.kernel.codec.framing import unframe
from services.kernel.contract.catalog import BlockVersion, Catalog, EventVersion
from services.kernel.contract.refusals import UnknownSchema
from services.kernel.errors import Corrupt

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """An event as it was written. `record` is plain: days since 1970, milliseconds since 1970, ids of 16 bytes."""

    version: EventVersion
    record: Record

    @property
    def type(self) -> str:
        return self.version.name


class Decoder:
    """Reads framed bytes with the schema that wrote them."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def decode(self, framed: bytes) -> Event:
        """The event. Raises `Corrupt` for damaged bytes, an unknown schema id, or bytes left over."""
        version, record = self._read(framed)
        if not isinstance(version, EventVersion):
            raise Corrupt("bad-frame")
        return Event(version, record)

    def decode_block(self, schema_id: int, avro: bytes) -> Record:
        """The particulars of an unsealed block. Raises `Corrupt`."""
        version = self._find(schema_id)
        if not isinstance(version, BlockVersion):
            raise Corrupt("bad-frame")
        return _read_all(version, avro)

    def _read(self, framed: bytes) -> tuple[EventVersion | BlockVersion, Record]:
        schema_id, avro = unframe(framed)
        version = self._find(schema_id)
        return version, _read_all(version, avro)

    def _find(self, schema_id: int) -> EventVersion | BlockVersion:
        try:
            return self._catalog.get_by_id(schema_id)
        except UnknownSchema as error:
            raise Corrupt("unknown-schema-id") from error


def _read_all(version: EventVersion | BlockVersion, avro: bytes) -> Record:
    buffer = BytesIO(avro)
    try:
        record = schemaless_reader(buffer, version.plain, None)
    except Exception as error:  # fastavro raises whatever the damage leads to, IndexError to MemoryError
        raise Corrupt("bad-avro", version.name) from error
    if buffer.tell() != len(avro) or not isinstance(record, dict):
        raise Corrupt("bad-avro", version.name)
    return record
