"""Tables that leave: their columns, and their rows one after the other. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol

Kind = Literal["text", "number", "count", "date"]
Record = Mapping[str, Any]


class Line(NamedTuple):
    """A row of JSON. `key` names it within its period, and orders the rows."""

    key: tuple[str, ...]
    record: Record


Row = Sequence[Any]
"""A row of a file: a value for each column."""


class Block(Protocol):
    """Rows of one period, or some of them: as JSON tells them, and as files hold them."""

    def lines(self) -> Iterable[Line]:
        """One by one."""
        ...

    def columns(self) -> Sequence[Sequence[Any]]:
        """Column by column; none where there are no rows."""
        ...


class Rows:
    """A block made of rows. Implements `Block`."""

    def __init__(self, rows: Iterable[tuple[Line, Row]]) -> None:
        self._rows = list(rows)

    def lines(self) -> Iterable[Line]:
        return (line for line, _ in self._rows)

    def columns(self) -> Sequence[Sequence[Any]]:
        return list(zip(*(row for _, row in self._rows), strict=True))


@dataclass(frozen=True, slots=True)
class Telling:
    """A table. `head`: what holds for all of it; `lines`: the name of its rows in JSON; `columns`: name → kind."""

    head: Mapping[str, Any]
    lines: str
    columns: Mapping[str, Kind]


def rank(text: str) -> tuple[int, int, str]:
    """Ages and dates as numbers, before words."""
    digits = ""
    for letter in text:
        if not (letter.isascii() and letter.isdigit()):
            break
        digits += letter
    return (0, int(digits), text) if digits and len(digits) < 10 else (1, 0, text)
