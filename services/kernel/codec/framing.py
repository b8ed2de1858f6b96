"""Confluent wire format: a zero byte, the schema id as four bytes big endian, the Avro bytes."""

from services.kernel.errors import Corrupt

HEADER_BYTES = 5


def frame(schema_id: int, avro: bytes) -> bytes:
    """The bytes as they stand on the log."""
    return b"\0" + schema_id.to_bytes(4, "big") + avro


def unframe(framed: bytes) -> tuple[int, bytes]:
    """Schema id and Avro bytes. Raises `Corrupt` when the frame is damaged."""
    if len(framed) <= HEADER_BYTES or framed[0] != 0:
        raise Corrupt("bad-frame")
    return int.from_bytes(framed[1:HEADER_BYTES], "big"), framed[HEADER_BYTES:]
