"""Working days and due times.

A calendar is a history of versions, each in force from the instant at which it was published. A due time is
worked out with the version that was in force when its clock started, and the version's number is kept beside it:
whoever works it out again years later, from the history as it is then, comes to the same instant.

All instants are aware datetimes. A region's zone is given with its calendar; nothing here looks at a clock.
"""

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

_DAY = timedelta(days=1)


class Unit(StrEnum):
    SECONDS = "s"
    DAYS = "d"
    WORKING_DAYS = "wd"
    MONTHS = "months"


class Deadline(NamedTuple):
    """So many seconds, days, months, or working days of the recipient's calendar."""

    amount: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.amount} {self.unit}"


class CalendarVersion(NamedTuple):
    """One edition: which weekdays are free (Monday is 0), which days are free besides, which are made up for.

    `keeps_office_hours`: whether a message that comes outside office hours counts as come at the next opening.
    """

    version: int
    published_at: datetime
    holidays: frozenset[date]
    make_up_days: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})
    opens: time = time(8)
    closes: time = time(17)
    keeps_office_hours: bool = True

    def is_working(self, day: date) -> bool:
        return day in self.make_up_days or (day.weekday() not in self.weekend and day not in self.holidays)


class Calendar(NamedTuple):
    """The history of one region's working days; versions in the order of their publication."""

    region: str
    zone: tzinfo
    versions: tuple[CalendarVersion, ...]

    def find_version(self, at: datetime) -> CalendarVersion:
        """The version in force at an instant; before the first one was published, the first one."""
        published = [each for each in self.versions if each.published_at <= at]
        return published[-1] if published else self.versions[0]

    def get_version(self, number: int) -> CalendarVersion:
        """KeyError for a number that the history does not have."""
        for each in self.versions:
            if each.version == number:
                return each
        raise KeyError(f"calendar of {self.region} has no version {number}")

    def start_of_clock(self, at: datetime, version: CalendarVersion) -> datetime:
        """When a clock starts for something that came at an instant: then, or when the office opens next."""
        local = at.astimezone(self.zone)
        if not version.keeps_office_hours:
            return at.astimezone(UTC)
        if version.is_working(local.date()) and local.time() < version.closes:
            return max(local, self._at(local.date(), version.opens)).astimezone(UTC)
        following = next(self._working_days_after(local.date(), version))
        return self._at(following, version.opens).astimezone(UTC)

    def due_at(self, start: datetime, deadline: Deadline, number: int) -> datetime:
        """When something is due whose clock started at `start`, in UTC.

        The day on which the clock starts does not count; n working days end with the close of office on the n-th
        working day after it. Days and seconds are lengths of time. Months end on the same day of the month, or on
        the month's last.
        """
        if deadline.unit is Unit.SECONDS:
            return (start + timedelta(seconds=deadline.amount)).astimezone(UTC)
        if deadline.unit is Unit.DAYS:
            return (start + deadline.amount * _DAY).astimezone(UTC)
        local = start.astimezone(self.zone)
        if deadline.unit is Unit.MONTHS:
            later = months_later(local.date(), deadline.amount)
            return datetime.combine(later, local.time(), self.zone).astimezone(UTC)
        version = self.get_version(number)
        days = self._working_days_after(local.date(), version)
        for _ in range(deadline.amount - 1):
            next(days)
        return self._at(next(days), version.closes).astimezone(UTC)

    def close_of(self, day: date, number: int) -> datetime:
        """When the office closes on a day, in UTC."""
        return self._at(day, self.get_version(number).closes).astimezone(UTC)

    def working_days_between(self, start: datetime, end: datetime, number: int) -> int:
        """How many working days begin after the day of `start` and not after that of `end`."""
        version = self.get_version(number)
        first, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        return sum(version.is_working(first + _DAY * ahead) for ahead in range(1, (last - first).days + 1))

    def _working_days_after(self, day: date, version: CalendarVersion) -> Iterator[date]:
        while True:
            day += _DAY
            if version.is_working(day):
                yield day

    def _at(self, day: date, hour: time) -> datetime:
        return datetime.combine(day, hour, self.zone)


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the month's last."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
