"""Due times worked out by hand, in two calendars, and again years later."""

from datetime import UTC, date, datetime

import pytest

from services.exchange.protocol.calendars import Calendar, Deadline, Unit
from services.exchange.protocol.known_calendars import like_china, like_sweden

CHINA, SWEDEN = like_china("south"), like_sweden("north")


def _due(calendar: Calendar, received: str, amount: int, unit: Unit = Unit.WORKING_DAYS) -> str:
    at = datetime.fromisoformat(received)
    version = calendar.find_version(at)
    start = calendar.start_of_clock(at, version)
    return (
        calendar.due_at(start, Deadline(amount, unit), version.version)
        .astimezone(calendar.zone)
        .isoformat(" ", "minutes")
    )


@pytest.mark.parametrize(
    ("calendar", "received", "amount", "due"),
    [
        # Thursday 12 February 2026: Friday, the Saturday that is made up (14), nine days of Spring Festival, Tuesday.
        (CHINA, "2026-02-12T10:00+08:00", 3, "2026-02-24 17:30+08:00"),
        # On the eve of the National Day week: 1 to 7 October are free, Saturday 10 is worked: 8, 9, 10.
        (CHINA, "2026-09-30T09:00+08:00", 3, "2026-10-10 17:30+08:00"),
        # After the close of office it has come the next working day, which does not count.
        (CHINA, "2026-03-02T18:00+08:00", 1, "2026-03-04 17:30+08:00"),
        # Sunday: it has come on Monday.
        (SWEDEN, "2026-03-01T12:00+01:00", 3, "2026-03-05 17:00+01:00"),
        # Maundy Thursday 2 April 2026: Good Friday and Easter Monday are free: Tuesday 7, Wednesday 8, Thursday 9.
        (SWEDEN, "2026-04-02T10:00+01:00", 3, "2026-04-09 17:00+01:00"),
        # Before the office opens it has come when it opens.
        (SWEDEN, "2026-03-02T05:00+01:00", 5, "2026-03-09 17:00+01:00"),
    ],
)
def test_working_days_end_with_the_close_of_office(calendar: Calendar, received: str, amount: int, due: str) -> None:
    assert _due(calendar, received, amount) == due


def test_days_are_lengths_of_time_and_months_end_on_the_day_of_the_month() -> None:
    assert _due(SWEDEN, "2026-03-02T10:00+01:00", 30, Unit.DAYS) == "2026-04-01 10:00+01:00"
    assert _due(SWEDEN, "2026-11-30T10:00+01:00", 3, Unit.MONTHS) == "2027-02-28 10:00+01:00"


def test_a_calendar_that_changes_in_between_changes_no_due_time_that_was_given() -> None:
    """The holidays of 2026 are published in November 2025; whoever was asked in October does not know of them."""
    asked_before, asked_after = datetime(2025, 10, 29, 3, tzinfo=UTC), datetime(2025, 12, 30, 3, tzinfo=UTC)
    assert CHINA.find_version(asked_before).version == 1
    assert CHINA.find_version(asked_after).version == 2
    given = CHINA.due_at(asked_before, Deadline(50, Unit.WORKING_DAYS), 1)
    again = like_china("south")
    later = again._replace(
        versions=(
            *again.versions,
            again.versions[-1]._replace(version=3, published_at=datetime(2030, 1, 1, tzinfo=UTC), holidays=frozenset()),
        )
    )
    assert (
        later.due_at(asked_before, Deadline(50, Unit.WORKING_DAYS), later.find_version(asked_before).version) == given
    )
    assert CHINA.due_at(asked_before, Deadline(50, Unit.WORKING_DAYS), 2) > given


def test_a_made_up_saturday_is_worked_and_a_holiday_monday_is_not() -> None:
    version = CHINA.versions[-1]
    assert version.is_working(date(2026, 2, 14))
    assert not version.is_working(date(2026, 2, 16))
    assert not version.is_working(date(2026, 3, 7))


def test_a_version_that_the_history_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError, match="no version 9"):
        CHINA.get_version(9)
