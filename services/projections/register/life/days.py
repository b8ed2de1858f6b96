"""Days known to the month or year only: where they are counted, by rule, never written back.

The rule: the middle of the period, its first day plus half of its length rounded down (a 31-day month: the 16th; a
year: 2 July). The period itself stays known, for comparing.
"""

from datetime import date, timedelta
from functools import lru_cache

DAY, MONTH, YEAR = "day", "month", "year"
EXACTNESS = {DAY: 2, MONTH: 1, YEAR: 0}
_EPOCH = date(1970, 1, 1)


def as_date(day: int) -> date:
    """The calendar date of a day counted from 1970-01-01."""
    return _EPOCH + timedelta(day)


def as_day(on: date) -> int:
    """Days from 1970-01-01."""
    return (on - _EPOCH).days


@lru_cache(maxsize=65_536)
def period(day: int, precision: str) -> tuple[int, int]:
    """First and last day of what is known. A word that is not known counts as `day`."""
    on = as_date(day)
    if precision == MONTH:
        first = on.replace(day=1)
        after = (first + timedelta(31)).replace(day=1)
    elif precision == YEAR:
        first = on.replace(month=1, day=1)
        after = first.replace(year=first.year + 1) if first.year < 9999 else date(9999, 12, 31)
    else:
        return day, day
    return as_day(first), as_day(after) - 1


def imputed(day: int, precision: str) -> int:
    """The day that counts."""
    if precision == DAY:
        return day
    first, last = period(day, precision)
    return first + (last - first + 1) // 2


def agree(day: int, precision: str, other: int, other_precision: str) -> bool:
    """Whether two statements about one day can both be true."""
    first, last = period(day, precision)
    other_first, other_last = period(other, other_precision)
    return first <= other_last and other_first <= last
