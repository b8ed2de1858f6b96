"""Event ids for rows that bring none: the same file and row always get the same id, so that a repeat is
harmless.

The ids have the shape of a UUIDv7 (RFC 9562, section 5.7) and grow with the row number, which keeps indexes
of them dense. Their 48 bits of time are made from the file's identity and say nothing about when anything
happened.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

_YEAR_MS = 31_556_952_000
_BASE_MS = 30 * _YEAR_MS  # the year 2000: before any clock that makes real UUIDv7s
_SPREAD_MS = 20 * _YEAR_MS


def make_row_ids(identity: str) -> Callable[[int], str]:
    """A function from row number (0 or more) to event id, for rows of whatever `identity` names.

    Two identities share an id only if 62 bits of SHA-256 agree.
    """
    digest = hashlib.sha256(identity.encode()).digest()
    base_ms = _BASE_MS + int.from_bytes(digest[8:16], "big") % _SPREAD_MS
    low = (int.from_bytes(digest[:8], "big") >> 2) | (0b10 << 62)
    tail = f"-{low >> 48:04x}-{low & 0xFFFFFFFFFFFF:012x}"

    def row_id(row: int) -> str:
        head = f"{base_ms + (row >> 12):012x}"
        return f"{head[:8]}-{head[8:]}-7{row & 0xFFF:03x}{tail}"

    return row_id


def file_identity(path: Path, salt: str = "") -> str:
    """A name for the content of the file: the same after renaming or copying, another after any change.

    `salt` keeps apart what is read from one file in two ways (births and deaths of one table). Reads the
    whole file.
    """
    with path.open("rb", buffering=0) as file:
        return f"{hashlib.file_digest(file, 'sha256').hexdigest()}/{salt}"
