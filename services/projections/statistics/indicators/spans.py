"""Periods, calendar years and ages, in days counted from 1970-01-01. A period holds its first day and not its last."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

YEAR = 2 * 365 * 366
"""A year, in parts of which every day of every calendar year, and half of it, is a whole number: sums stay exact."""
_EPOCH = date(1970, 1, 1)


class Part(NamedTuple):
    """What of a period lies in one calendar year of `length` days."""

    year: int
    start: int
    end: int
    length: int

    @property
    def day(self) -> int:
        """A day of this calendar year, in parts of a year."""
        return YEAR // self.length


class Span(NamedTuple):
    """A period [start, end)."""

    start: int
    end: int

    @property
    def days(self) -> int:
        return self.end - self.start

    def parts(self) -> Iterator[Part]:
        """The period cut at the turns of the years."""
        start = self.start
        while start < self.end:
            year = as_date(start).year
            first, after = day_of(year), day_of(year + 1)
            yield Part(year, start, min(self.end, after), after - first)
            start = after

    def __str__(self) -> str:
        return f"{as_date(self.start)}/{as_date(self.end)}"


def day_of(year: int, month: int = 1, day: int = 1) -> int:
    """Days from 1970-01-01."""
    return (date(year, month, day) - _EPOCH).days


def calendar_year(year: int, years: int = 1) -> Span:
    """One year, or several from it on."""
    return Span(day_of(year), day_of(year + years))


@lru_cache(maxsize=65_536)
def as_date(day: int) -> date:
    return _EPOCH + timedelta(day)


@lru_cache(maxsize=65_536)
def elapsed(day: int) -> int:
    """From 1970-01-01 to the start of a day, in parts of a year: years lived are a difference of two of these."""
    year = as_date(day).year
    first = day_of(year)
    return (year - 1970) * YEAR + (day - first) * (YEAR // (day_of(year + 1) - first))


def birthday(born: int, age: int) -> int:
    """The day on which an age is reached. Who was born on 29 February reaches it on 1 March in a year without one."""
    on = as_date(born)
    try:
        return day_of(on.year + age, on.month, on.day)
    except ValueError:
        return day_of(on.year + age, 3, 1)


def age_on(born: int, day: int) -> int:
    """Age in completed years; negative before the birth, which contradictory histories bring about."""
    on, at = as_date(born), as_date(day)
    return at.year - on.year - ((at.month, at.day) < (on.month, on.day))


class AgeGroups(NamedTuple):
    """Ages put together: each group begins at one of `starts`, and the last is open. No starts: single years."""

    starts: tuple[int, ...] = ()

    def of(self, age: int | None) -> int | None:
        """The first age of the group; ages below the first start belong to it."""
        if age is None or not self.starts:
            return age
        return max((start for start in self.starts if start <= age), default=self.starts[0])

    def label(self, start: int | None) -> str:
        """15-19, 85+, or 17 for a single year."""
        if start is None:
            return "not stated"
        if not self.starts:
            return str(start)
        after = next((later for later in self.starts if later > start), None)
        return f"{start}+" if after is None else f"{start}-{after - 1}"


SINGLE_YEARS = AgeGroups()
FIVE_YEARS = AgeGroups(tuple(range(0, 101, 5)))
