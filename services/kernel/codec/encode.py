"""Encoding is the validation: a record that does not fit its schema exactly never becomes bytes."""

from functools import lru_cache
from typing import Any

from services.kernel.codec.framing import frame
from services.kernel.codec.primitives import Misfit
from services.kernel.codec.writer import compile_writer
from services.kernel.contract.catalog import BlockVersion, EventVersion
from services.kernel.errors import Corrupt

Version = EventVersion | BlockVersion


class Encoder:
    """Writes records of the contract. Plain ones: dates as days since 1970, ids as 16 bytes."""

    def __init__(self) -> None:
        self._writers: dict[int, Any] = {}

    def encode(self, version: Version, record: dict[str, Any]) -> bytes:
        """The bare Avro bytes. Raises `Corrupt`: what a sender may get wrong was refused long before."""
        writer = self._writers.get(version.schema_id)
        if writer is None:
            writer = self._writers[version.schema_id] = compile_writer(
                version.document, keep_strings=isinstance(version, EventVersion)
            )
        try:
            avro: bytes = writer(record)
        except Misfit as error:
            raise Corrupt("does-not-fit-schema", version.name, rule=str(error)) from None
        return avro

    def frame(self, version: Version, record: dict[str, Any]) -> bytes:
        """The bytes as they stand on the log."""
        return frame(version.schema_id, self.encode(version, record))


@lru_cache(maxsize=1)
def _shared() -> Encoder:
    return Encoder()


def encode(version: Version, record: dict[str, Any]) -> bytes:
    """The framed bytes of one record, for who encodes only now and then."""
    return _shared().frame(version, record)
