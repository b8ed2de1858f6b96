"""Dates to the day, the month or the year; nothing else is a date."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.codec.posts.dates import OutOfRange, read_date

DAYS = st.dates(date(1800, 1, 1), date(2200, 12, 31))
EPOCH = date(1970, 1, 1)


@given(DAYS)
def test_a_date_is_its_first_day_and_what_is_known_of_it(day: date) -> None:
    text = day.isoformat()
    assert read_date(text) == ((day - EPOCH).days, "day")
    assert read_date(text[:7]) == ((day.replace(day=1) - EPOCH).days, "month")
    assert read_date(text[:4]) == ((date(day.year, 1, 1) - EPOCH).days, "year")


@given(st.dates().filter(lambda day: not 1800 <= day.year <= 2200), st.sampled_from((4, 7, 10)))
def test_a_year_that_no_register_holds_is_out_of_range(day: date, length: int) -> None:
    with pytest.raises(OutOfRange):
        read_date(day.isoformat()[:length])


@given(st.text(alphabet="0123456789-+TZ: .W٣³", min_size=0, max_size=12) | st.text(max_size=12))
def test_only_a_date_in_its_one_spelling_is_a_date(text: str) -> None:
    try:
        days, precision = read_date(text)
    except ValueError:
        return
    spelt = (EPOCH + timedelta(days=days)).isoformat()
    assert text == spelt[: {"day": 10, "month": 7, "year": 4}[precision]]


@pytest.mark.parametrize("text", ["0000", "0000-00-00", "9999-12-31", "2003-02-29", "2003-13", "20030517", "2003-5-17"])
def test_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - OutOfRange or ValueError
        read_date(text)
