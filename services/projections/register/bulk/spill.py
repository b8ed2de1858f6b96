"""Records, dealt out to parts by the people whom they name, in files that hold only what the log holds.

A part is a file of chunks: four bytes of length, then a list of entries as msgpack. What was put and flushed is there;
what was not may be half there, and is cut off by whoever goes on (the engine keeps the sizes).
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import msgspec

Entry: TypeAlias = tuple[bytes, int, int, int, int, bytes]
"""People (16 bytes each), number of the topic, partition, offset, when it was recorded, the framed record."""

_HELD_MAX = 64_000
_LENGTH_BYTES = 4
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Entry]).decode


class PartWriter:
    """Writes entries to the files of parts below `folder`. Holds back some thousand, then writes those of a part."""

    def __init__(self, folder: Path, parts: int) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self.parts = folder, parts
        self.held: list[list[Entry]] = [[] for _ in range(parts)]
        self.limit = max(32, _HELD_MAX // parts)

    def put(self, part: int, entry: Entry) -> None:
        held = self.held[part]
        held.append(entry)
        if len(held) >= self.limit:
            self.write(part)

    def write(self, part: int) -> None:
        """What is held of one part."""
        chunk = _encode(self.held[part])
        self.held[part] = []
        append(self._folder / name_part(part), len(chunk).to_bytes(_LENGTH_BYTES, "big") + chunk)

    def flush(self) -> None:
        """Everything that is held."""
        for part, held in enumerate(self.held):
            if held:
                self.write(part)


def append(file: Path, content: bytes) -> None:
    """At the end of a file that only its owner may read."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(handle, left) :]
    finally:
        os.close(handle)


def read_part(folders: Sequence[Path], part: int) -> Iterator[list[Entry]]:
    """The chunks of one part, wherever it was written to."""
    for folder in folders:
        path = folder / name_part(part)
        if not path.exists():
            continue
        with path.open("rb") as file:
            while length := file.read(_LENGTH_BYTES):
                yield _decode(file.read(int.from_bytes(length, "big")))


def name_part(part: int) -> str:
    return f"part-{part:05}"
