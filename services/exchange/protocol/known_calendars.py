"""Two calendars to try things with: one of China's shape, one of Sweden's.

China moves its free days about: weeks of holidays are paid for by working Saturdays and Sundays, and next year's are
published in the autumn, so a due time that was given before the publication stands as it was given. The member
directory brings the calendars of real members; these are data of the same form.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

from services.exchange.protocol.calendars import Calendar, CalendarVersion


def _days(year: int, *spans: tuple[int, int, int]) -> frozenset[date]:
    """Days of one year: (month, first day, how many)."""
    return frozenset(date(year, month, day) + timedelta(ahead) for month, day, count in spans for ahead in range(count))


_CHINA_2025 = _days(2025, (1, 1, 1), (1, 28, 8), (4, 4, 3), (5, 1, 5), (5, 31, 3), (10, 1, 8))
_CHINA_2025_MADE_UP = _days(2025, (1, 26, 1), (2, 8, 1), (4, 27, 1), (9, 28, 1), (10, 11, 1))
_CHINA_2026 = _days(2026, (1, 1, 3), (2, 15, 9), (4, 4, 3), (5, 1, 5), (6, 19, 3), (9, 25, 3), (10, 1, 7))
_CHINA_2026_MADE_UP = _days(2026, (1, 4, 1), (2, 14, 1), (2, 28, 1), (5, 9, 1), (9, 20, 1), (10, 10, 1))

_SWEDEN_2025 = _days(
    2025,
    (1, 1, 1),
    (1, 6, 1),
    (4, 18, 1),
    (4, 21, 1),
    (5, 1, 1),
    (5, 29, 1),
    (6, 6, 1),
    (6, 20, 1),
    (12, 24, 3),
    (12, 31, 1),
)
_SWEDEN_2026 = _days(
    2026,
    (1, 1, 1),
    (1, 6, 1),
    (4, 3, 1),
    (4, 6, 1),
    (5, 1, 1),
    (5, 14, 1),
    (6, 6, 1),
    (6, 19, 1),
    (12, 24, 3),
    (12, 31, 1),
)


def like_china(region: str) -> Calendar:
    """Two versions: that of 2025, and from November 2025 the one that knows 2026."""
    first = CalendarVersion(
        1, datetime(2024, 11, 12, tzinfo=UTC), _CHINA_2025, _CHINA_2025_MADE_UP, opens=time(8, 30), closes=time(17, 30)
    )
    second = first._replace(
        version=2,
        published_at=datetime(2025, 11, 4, tzinfo=UTC),
        holidays=_CHINA_2025 | _CHINA_2026,
        make_up_days=_CHINA_2025_MADE_UP | _CHINA_2026_MADE_UP,
    )
    return Calendar(region, timezone(timedelta(hours=8)), (first, second))


def like_sweden(region: str) -> Calendar:
    """Two versions; the second one also knows 2026."""
    first = CalendarVersion(1, datetime(2024, 6, 1, tzinfo=UTC), _SWEDEN_2025)
    second = first._replace(
        version=2, published_at=datetime(2025, 6, 1, tzinfo=UTC), holidays=_SWEDEN_2025 | _SWEDEN_2026
    )
    return Calendar(region, timezone(timedelta(hours=1)), (first, second))
