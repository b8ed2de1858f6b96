"""Event ids of events that are not posted by anybody's software but made here."""

from datetime import datetime
from os import urandom
from uuid import UUID


def new_event_id(now: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562, section 5.7): time first, so that indexes of them stay dense."""
    raw = bytearray(int(now.timestamp() * 1000).to_bytes(6, "big") + urandom(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return UUID(bytes=bytes(raw))
