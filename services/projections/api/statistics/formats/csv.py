"""CSV after RFC 4180, UTF-8, with a line of names. Nothing is an empty field; dates are ISO 8601."""

import csv
from io import TextIOWrapper
from typing import BinaryIO

from services.projections.api.statistics.records import Block, Telling

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CsvWriter:
    """Implements `Writer`."""

    def __init__(self, file: BinaryIO, telling: Telling) -> None:
        self._text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
        self._writer = csv.writer(self._text)
        self._writer.writerow(telling.columns)

    def write(self, block: Block) -> None:
        self._writer.writerows(zip(*(map(_safe, column) for column in block.columns()), strict=True))

    def close(self) -> None:
        self._text.detach()


def _safe(value: object) -> object:
    """A name that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
