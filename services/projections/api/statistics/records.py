"""Tables that leave: their columns, and their rows one after the other. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "count", "date"]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `key` names it within its period; `flat` holds a value for each column."""

    key: tuple[str, ...]
    record: Record
    flat: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Telling:
    """A table. `head`: what holds for all of it; `lines`: the name of its rows in JSON; `columns`: name → kind."""

    head: Mapping[str, Any]
    lines: str
    columns: Mapping[str, Kind]


Block = Sequence[Line]
"""Rows of one period, or some of them."""


def rank(text: str) -> tuple[int, int, str]:
    """Ages and dates as numbers, before words."""
    digits = ""
    for letter in text:
        if not (letter.isascii() and letter.isdigit()):
            break
        digits += letter
    return (0, int(digits), text) if digits and len(digits) < 10 else (1, 0, text)
