"""Reading the ends of several logs, and following them."""

import time
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

_LOOK_EVERY_S = 0.2


def read_ends(files: Sequence[Path], lines: int) -> Iterator[str]:
    """The last lines of each file; with several files each line is marked with its process."""
    for file in files:
        with file.open(errors="replace") as text:
            for line in deque(text, maxlen=lines):
                yield _mark(file, files) + line.rstrip("\n")


def follow_logs(files: Sequence[Path]) -> Iterator[str]:
    """New lines of any of the files, for ever. A file that became shorter is read from its start."""
    offsets = {file: file.stat().st_size for file in files}
    while True:
        for file in files:
            size = file.stat().st_size if file.exists() else 0
            offset = offsets[file] if offsets[file] <= size else 0
            with file.open("rb") as text:
                text.seek(offset)
                # Half a line is left for the next look.
                whole = text.read(size - offset).rpartition(b"\n")
            offsets[file] = offset + len(whole[0]) + len(whole[1])
            for line in whole[0].splitlines():
                yield _mark(file, files) + line.decode(errors="replace")
        time.sleep(_LOOK_EVERY_S)


def _mark(file: Path, files: Sequence[Path]) -> str:
    return f"{file.stem:<16} " if len(files) > 1 else ""
