"""The one clock of a region.

Pure code takes the time as an argument; only edges hold a `Clock`. All processes of a local stack can be
shifted together by one file that holds an offset in seconds (`DOMICILE_CLOCK_OFFSET_FILE`), so that a test
may step over a deadline of three months. Record time is never this clock's: it is the broker's.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Protocol


class Clock(Protocol):
    """Tells the time: aware, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """Stands still until it is set. For tests within one process."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs a time with a zone")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


class ShiftedClock:
    """The time of the machine plus the seconds that stand in a file, looked at again every `reread_s`.

    A missing or empty file means no shift; a file that holds anything but a number raises ValueError.
    """

    def __init__(self, offset_file: Path, reread_s: float = 0.2) -> None:
        self._file = offset_file
        self._reread_s = reread_s
        self._offset = timedelta(0)
        self._read_at = float("-inf")

    def now(self) -> datetime:
        if monotonic() - self._read_at >= self._reread_s:
            self._offset = timedelta(seconds=self._read())
            self._read_at = monotonic()
        return datetime.now(UTC) + self._offset

    def _read(self) -> float:
        try:
            text = self._file.read_text().strip()
        except FileNotFoundError:
            return 0.0
        return float(text) if text else 0.0


def open_clock(offset_file: Path | None = None) -> Clock:
    """The clock of a service: shifted when an offset file is named, else the machine's."""
    return ShiftedClock(offset_file) if offset_file else SystemClock()
