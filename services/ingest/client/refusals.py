"""`FILE.rejected.ndjson`: the rows that were not recorded, each with its reason. Written only in the order of
the file.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import msgspec

from services.ingest.client.ndjson import has_event_id
from services.ingest.client.rows import Batch, Refusal
from services.ingest.client.sending import ItemRefused

SUFFIX = ".rejected.ndjson"


class RejectedFile:
    """Made when the first row is refused. `kept_bytes`: what an earlier run wrote and this one keeps.

    The file of an earlier import stays until this one begins, that is, until its first rows are settled.
    """

    def __init__(self, path: Path, kept_bytes: int = 0) -> None:
        self.path = path.with_name(path.name + SUFFIX)
        self._file: IO[bytes] | None = None
        self._kept_bytes = kept_bytes
        self.begun = False

    def begin(self) -> None:
        """Takes away what is not of this import."""
        if self.begun:
            return
        self.begun = True
        if not self._kept_bytes:
            self.path.unlink(missing_ok=True)
        elif self.path.exists():
            os.truncate(self.path, min(self._kept_bytes, self.path.stat().st_size))

    def write(self, refusals: Sequence[Refusal]) -> None:
        """Appends them, and sees to it that they are in the file."""
        self.begin()
        if not refusals:
            return
        if self._file is None:
            self._file = self.path.open("ab")
        self._file.write(b"".join(map(_line, refusals)))
        self._file.flush()

    def size(self) -> int:
        """Bytes written so far, by earlier runs too."""
        return self.path.stat().st_size if self.path.exists() else 0

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def refusals_of(batch: Batch, items: Sequence[ItemRefused], row_id: Callable[[int], str]) -> list[Refusal]:
    """The refused rows of a batch in the order of the file, each with its post and the id it was sent with.

    A row that is no object has no place for an id; `row_id` says which one it would have got.
    """
    if not items:
        return list(batch.refused)
    lines = batch.body.split(b"\n")
    said = []
    for item in items:
        row, post = batch.numbers[item.index], lines[item.index]
        event_id = "" if has_event_id(post) else batch.ids.get(row) or row_id(row)
        said.append(Refusal(row, item.code, item.path, item.rule, item.remedy, post, event_id))
    return sorted([*batch.refused, *said], key=lambda refusal: refusal.row)


def _line(refusal: Refusal) -> bytes:
    reason = {
        "row": refusal.row,
        "code": refusal.code,
        "path": refusal.path,
        "rule": refusal.rule,
        "remedy": refusal.remedy,
    }
    if refusal.event_id:
        reason["event_id"] = refusal.event_id
    return msgspec.json.encode(reason)[:-1] + b',"post":' + _post(refusal.post) + b"}\n"


def _post(raw: bytes) -> bytes:
    """The bytes as they came if they are JSON, else as a JSON string."""
    try:
        msgspec.json.decode(raw, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return msgspec.json.encode(raw.decode("utf-8", "replace"))
    return raw.strip()
