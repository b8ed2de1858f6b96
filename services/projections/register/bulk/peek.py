"""Whom a framed record names, without decoding it: every event begins with the same fields, in the same order.

It walks over the bytes (Avro 1.12, "Binary Encoding") up to the person and takes nothing else. Damaged bytes may give
nobody, or an id that does not exist: who deals out records by it only has to put a damaged record somewhere.
"""

_REGION = 21  # after the frame (5 bytes) and the event id (16)
_ID_BYTES = 16
_SEALED_BYTES = 12  # the nonce
_TWO_BYTES = 128


def find_event_id(value: bytes) -> bytes:
    """The event id; too short for a record that is cut off."""
    return value[5:_REGION]


def find_people(value: bytes) -> bytes:
    """The ids of all subjects, one after the other, 16 bytes each; nothing if the bytes make no sense."""
    try:
        at = _REGION + 1 + (value[_REGION] >> 1)
        if value[at] == 2:  # one subject: nearly all
            at += 2 + (value[at + 1] >> 1)
            at += 1 + (value[at] >> 1)
            found = value[at : at + _ID_BYTES]
        else:
            found = _walk(value, at)
    except IndexError:
        return b""
    return found if len(found) % _ID_BYTES == 0 else b""


def _walk(value: bytes, at: int) -> bytes:
    """Of several subjects. Short strings have one byte of length: role, region and how somebody was identified."""
    people = b""
    count, at = _number(value, at)
    while count:
        if count < 0:  # a block that tells its size
            count = -count
            _, at = _number(value, at)
        for _ in range(count):
            at += 1 + (value[at] >> 1)
            at += 1 + (value[at] >> 1)
            people += value[at : at + _ID_BYTES]
            at += _ID_BYTES
            at += 1 + (value[at] >> 1)
            at = at + 1 if value[at] == 0 else _skip_blocks(value, at)
        count, at = _number(value, at)
    return people


def _skip_blocks(value: bytes, at: int) -> int:
    """Behind the sealed blocks of a subject: format, compartment, key id, schema id, nonce, ciphertext."""
    count, at = _number(value, at)
    while count:
        if count < 0:
            size, at = _number(value, at)
            at += size
        else:
            for _ in range(count):
                at += 1
                at += 1 + (value[at] >> 1) + _ID_BYTES
                while value[at] >= _TWO_BYTES:
                    at += 1
                at += 1 + _SEALED_BYTES
                length, at = _number(value, at)
                at += max(length, 0)
        count, at = _number(value, at)
    return at


def _number(value: bytes, at: int) -> tuple[int, int]:
    byte = value[at]
    at += 1
    if byte < _TWO_BYTES:
        return byte >> 1 ^ -(byte & 1), at
    number, shift = byte & 127, 7
    while byte >= _TWO_BYTES:
        byte = value[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
    return number >> 1 ^ -(number & 1), at
