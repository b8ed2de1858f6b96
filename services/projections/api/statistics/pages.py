"""From blocks of rows to one page of JSON, or to a whole file."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from heapq import nsmallest
from typing import IO, Any, cast

from starlette.requests import Request

from services.kernel.errors import Rejected
from services.projections.api.cursors import read_cursor, write_cursor
from services.projections.api.statistics.formats import WRITERS
from services.projections.api.statistics.records import Block, Line, Telling, rank
from services.projections.statistics.indicators.spans import Span

ListBlocks = Callable[[Span], Iterable[Block]]
IN_MEMORY = 4 << 20
_NOT_OF_THE_QUESTION = ("cursor", "limit", "wait_for")


class Page:
    """Where a page begins, and how long it is."""

    def __init__(self, request: Request, limit: int) -> None:
        said = sorted(pair for pair in request.query_params.multi_items() if pair[0] not in _NOT_OF_THE_QUESTION)
        question = repr((request.url.path, said)).encode()
        self._name = blake2b(question, digest_size=8).hexdigest()
        self._limit = limit
        found = read_cursor(request.query_params.get("cursor"), self._name, (int, list[str]))
        self._after: tuple[int, tuple[str, ...]] | None = None if found is None else (found[0], tuple(found[1]))

    def fill(self, spans: Sequence[Span], list_blocks: ListBlocks) -> tuple[list[Line], str | None]:
        """The rows after the cursor, and the cursor of the next page. Only periods that it needs are counted."""
        found: list[Line] = []
        start = 0 if self._after is None else self._after[0]
        if not 0 <= start < len(spans):
            raise Rejected("wrong-parameter", "?cursor")
        last: tuple[int, tuple[str, ...]] = (start, ())
        for number in range(start, len(spans)):
            after = _ranks(self._after[1]) if self._after is not None and number == start else ()
            lines = (line for block in list_blocks(spans[number]) for line in block.lines() if _sort_key(line) > after)
            # No more rows are held than the page has, however many there are.
            for line in nsmallest(self._limit + 1 - len(found), lines, _sort_key):
                if len(found) == self._limit:
                    return found, write_cursor(self._name, last)
                found.append(line)
                last = (number, line.key)
        return found, None


def write_file(format: str, telling: Telling, spans: Sequence[Span], list_blocks: ListBlocks) -> IO[bytes]:
    """The whole table in a file that goes when it is closed; small ones stay in memory."""
    file: Any = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - whoever sends it closes it
    try:
        writer = WRITERS[format](file, telling)
        for span in spans:
            for block in list_blocks(span):
                writer.write(block)
        writer.close()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return cast(IO[bytes], file)


def read_parts(file: IO[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    """The file piece by piece; it is closed at the end."""
    with file:
        while part := file.read(size):
            yield part


def _sort_key(line: Line) -> tuple[tuple[int, int, str], ...]:
    return _ranks(line.key)


def _ranks(key: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    return tuple(map(rank, key))
