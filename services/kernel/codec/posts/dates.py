"""Dates as people know them: to the day, the month or the year."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from services.kernel.codec.primitives import number

YEAR_MIN, YEAR_MAX = 1800, 2200
EPOCH = date(1970, 1, 1).toordinal()
PRECISIONS = {4: "year", 7: "month", 10: "day"}


class OutOfRange(ValueError):
    """A well-formed date in a year that no register holds."""


@lru_cache(maxsize=1 << 16)
def read_date(text: str) -> tuple[int, str]:
    """Days since 1970 of the first day that is meant, and the precision.

    Raises `OutOfRange` outside the years 1800 to 2200, ValueError for anything that is no date.
    """
    precision = PRECISIONS.get(len(text))
    if precision is None or not text.isascii():
        raise ValueError("a date is YYYY, YYYY-MM or YYYY-MM-DD")
    if not text.replace("-", "").isdigit():
        raise ValueError("a date is YYYY, YYYY-MM or YYYY-MM-DD")
    if not YEAR_MIN <= int(text[:4]) <= YEAR_MAX:
        raise OutOfRange(f"a year lies between {YEAR_MIN} and {YEAR_MAX}")
    return date.fromisoformat(text + "-01-01"[len(text) - 4 :]).toordinal() - EPOCH, precision


@lru_cache(maxsize=1 << 16)
def write_date(text: str) -> bytes:
    """A date as it stands on the log: the day, then the precision. Raises what `read_date` raises."""
    days, precision = read_date(text)
    return number(days) + number(len(precision)) + precision.encode()


@lru_cache(maxsize=1 << 16)
def write_optional_date(text: str | None) -> bytes:
    """The same where both may be null."""
    if text is None:
        return b"\0\0"
    days, precision = read_date(text)
    return b"\2" + number(days) + b"\2" + number(len(precision)) + precision.encode()


def to_milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, rounded down. In whole numbers: a float would lose one now and then."""
    return (at - _EPOCH_AT) // _MILLISECOND


_EPOCH_AT, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)
