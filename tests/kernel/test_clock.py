"""One clock that tests can set."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.kernel.clock import FixedClock, ShiftedClock, SystemClock, open_clock

SLACK = timedelta(minutes=5)


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    clock = FixedClock(datetime(2000, 1, 1, tzinfo=UTC))
    clock.advance(timedelta(days=90))
    assert clock.now() == datetime(2000, 3, 31, tzinfo=UTC)


def test_a_clock_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        FixedClock(datetime(2000, 1, 1))  # noqa: DTZ001


def test_a_file_shifts_the_clock_of_every_process_that_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "offset"
    clock = ShiftedClock(file, reread_s=0)
    assert abs(clock.now() - datetime.now(UTC)) < SLACK
    file.write_text(str(90 * 86400))
    assert abs(clock.now() - datetime.now(UTC) - timedelta(days=90)) < SLACK
    file.write_text("")
    assert abs(clock.now() - datetime.now(UTC)) < SLACK


def test_a_file_that_holds_no_number_is_not_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "offset"
    file.write_text("soon")
    with pytest.raises(ValueError, match="soon"):
        ShiftedClock(file).now()


def test_without_a_file_the_clock_is_the_machine_s() -> None:
    assert isinstance(open_clock(), SystemClock)
    assert open_clock().now().tzinfo is UTC
