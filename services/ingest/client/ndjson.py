"""NDJSON files, plain or gzip. Rows that carry their event_id go through as the bytes they are.

The fast path costs well under a microsecond per row: read about as many bytes as a batch needs, finish the
last line, count the line ends, and let msgspec check (skipping everything else) that every row has an
event_id.
"""

import gzip
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import msgspec

from services.ingest.client.rows import Batch, Mark
from services.kernel.asking import CannotGoOn

LINE_BYTES_MAX = 1 << 20
_BATCH_BYTES_MAX = 8 << 20
_GUESS_BYTES = 512.0
_GUESS_SHORT = 0.98  # a little less than a batch costs nothing; a little more has to be divided
_LINES_LOOKED_AT = 20
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"


class _WithId(msgspec.Struct, gc=False):
    event_id: msgspec.Raw


class _MaybeId(msgspec.Struct, gc=False):
    event_id: msgspec.Raw = msgspec.Raw()


class _RejectedRow(msgspec.Struct, gc=False):
    row: int
    code: str
    post: msgspec.Raw
    event_id: str = ""


_all_have_ids = msgspec.json.Decoder(_WithId)
_has_id = msgspec.json.Decoder(_MaybeId)
_rejected_row = msgspec.json.Decoder(_RejectedRow)


class NdjsonReader:
    """`row_ids()` is asked for once, when the first row without an event_id comes. Marks: bytes of unpacked
    text.

    A file of refusals is known by what stands in it, whatever its name: the post in each row is what is sent.
    """

    def __init__(self, path: Path, row_ids: Callable[[], Callable[[int], str]]) -> None:
        self._path = path
        self._packed = path.suffix == ".gz"
        self._get_row_ids = row_ids
        self._row_ids: Callable[[int], str] | None = None
        self._rejected = False
        self._bytes_per_row = _GUESS_BYTES

    @property
    def total(self) -> int:
        return self._path.stat().st_size

    def batches(self, size: int, start: Mark) -> Iterator[Batch]:
        with self._path.open("rb", buffering=1 << 18) as raw:
            text: Any = gzip.GzipFile(fileobj=raw) if self._packed else raw
            self._refuse_other_json(text)
            self._rejected = any(_as_rejected(text.readline(LINE_BYTES_MAX)) for _ in range(_LINES_LOOKED_AT))
            text.seek(start.offset)
            at = start
            for body, lines in self._cut(text, size, start.row):
                after = Mark(at.row + lines, at.offset + len(body))
                progress = raw.tell() if self._packed else after.offset
                posts, numbers, ids = self._posts(body, lines, at.row + 1)
                yield Batch(posts, numbers, (), after, progress, ids)
                at = after

    def _refuse_other_json(self, text: IO[bytes]) -> None:
        head = text.read(64)
        text.seek(0)
        if b"\x00" in head:
            raise CannotGoOn(f"{self._path.name} is not text in UTF-8.", "Write it as UTF-8.")
        if head.lstrip(_BLANK + _BOM).startswith(b"["):
            raise CannotGoOn(
                f"{self._path.name} is one JSON array, not a row per line.",
                "Send it with `domicile post`, or write one event per line (`jq -c '.[]'`).",
            )

    def _cut(self, text: IO[bytes], size: int, row: int) -> Iterator[tuple[bytes, int]]:
        """Whole lines, at most `size` of them at a time, with their count."""
        carry = b""
        while True:
            wanted = min(int(self._bytes_per_row * size * _GUESS_SHORT), _BATCH_BYTES_MAX) + 1
            body = carry + text.read(max(wanted - len(carry), 0))
            if not body.endswith(b"\n"):
                body += text.readline(LINE_BYTES_MAX)
            if not body:
                return
            lines = body.count(b"\n")
            ended = body.endswith(b"\n")
            if not ended and len(body) - (body.rfind(b"\n") + 1) >= LINE_BYTES_MAX:
                raise CannotGoOn(
                    f"Row {row + lines + 1} of {self._path.name} is longer than {LINE_BYTES_MAX:,} bytes.",
                    "Is the file NDJSON, one event per line?",
                )
            lines += not ended
            self._bytes_per_row = max(len(body) / lines, 16.0)
            carry = b""
            if lines > size:
                cut = _end_of_line(body, lines - size)
                body, carry, lines = body[:cut], body[cut:], size
            row += lines
            yield body, lines

    def _posts(self, body: bytes, lines: int, first: int) -> tuple[bytes, range | list[int], dict[int, str]]:
        if first == 1:
            body = body.removeprefix(_BOM)
        if not self._rejected:
            try:
                if len(_all_have_ids.decode_lines(body)) == lines:
                    return body, range(first, first + lines), {}
            except (msgspec.DecodeError, UnicodeDecodeError):
                pass
        return self._posts_one_by_one(body, first)

    def _posts_one_by_one(self, body: bytes, first: int) -> tuple[bytes, list[int], dict[int, str]]:
        posts: list[bytes] = []
        numbers: list[int] = []
        ids: dict[int, str] = {}
        for number, line in enumerate(body.split(b"\n"), first):
            row = line.strip(_BLANK)
            if not row:
                continue
            rejected = _as_rejected(row) if self._rejected else None
            if rejected is not None:
                row = bytes(rejected.post)
                if rejected.event_id:
                    ids[number] = rejected.event_id
            posts.append(with_event_id(row, partial(self._row_id, number, ids)))
            numbers.append(number)
        posts.append(b"")
        return b"\n".join(posts), numbers, ids

    def _row_id(self, number: int, ids: dict[int, str]) -> str:
        if number in ids:
            return ids[number]
        if self._row_ids is None:
            self._row_ids = self._get_row_ids()
        return self._row_ids(number)


def with_event_id(row: bytes, make_id: Callable[[], str]) -> bytes:
    """The object with an event_id. What is not an object stays as it is: ingest says what is wrong with
    it.
    """
    try:
        if bytes(_has_id.decode(row).event_id):
            return row
    except (msgspec.DecodeError, UnicodeDecodeError):
        return row
    brace = row.index(b"{") + 1
    rest = row[brace:]
    comma = b"" if rest.lstrip(_BLANK).startswith(b"}") else b","
    return b'%s"event_id":"%s"%s%s' % (row[:brace], make_id().encode(), comma, rest)


def has_event_id(row: bytes) -> bool:
    """Whether the row is an object with an event_id."""
    try:
        return bool(bytes(_has_id.decode(row).event_id))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _as_rejected(row: bytes) -> _RejectedRow | None:
    try:
        return _rejected_row.decode(row.removeprefix(_BOM))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _end_of_line(body: bytes, too_many: int) -> int:
    """Where the last line ends in `body` once `too_many` lines are taken from its end."""
    end = len(body) - body.endswith(b"\n")
    for _ in range(too_many):
        end = body.rfind(b"\n", 0, end)
    return end + 1
