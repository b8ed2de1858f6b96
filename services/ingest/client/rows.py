"""What every reader of a bulk file gives: batches of posts as NDJSON bytes, with the row number of each
post.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not recorded, and why. `post`: the JSON of the post, or as much of the row as could be
    read. `event_id`: with which the row would have been sent, where the post itself cannot say it.
    """

    row: int
    code: str
    path: str
    rule: str
    remedy: str
    post: bytes
    event_id: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a file is read: rows before it are done. `offset` means what the reader says (bytes, or
    rows).
    """

    row: int = 0
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of the file. `body`: one post per line. `numbers[i]`: row number (from 1) of line i of the
    body.

    `refused`: rows that could not even be made a post. `after`: the mark once all of them are done.
    `progress`: how much of the reader's `total` is read by then. `ids`: event ids by row number that came with
    a row but do not stand in its post.
    """

    body: bytes
    numbers: Sequence[int]
    refused: tuple[Refusal, ...]
    after: Mark
    progress: int
    ids: Mapping[int, str] = field(default_factory=dict)


class Reader(Protocol):
    """Reads one file from front to back in constant memory."""

    @property
    def total(self) -> int:
        """What `Batch.progress` runs up to."""
        ...

    def batches(self, size: int, start: Mark) -> Iterator[Batch]:
        """Batches of at most `size` rows, from `start` on."""
        ...
