"""What is weather, what is too much, what a place looks like."""

import asyncpg
import pytest

from services.kernel.database.weather import is_weather
from services.kernel.errors import Corrupt, Rejected, Unavailable
from services.projections.engine.applying import Recent
from services.projections.engine.aside import Reason, as_reason
from services.projections.engine.projection import Place
from services.projections.engine.waiting import parse_place


def test_a_few_bad_records_are_never_too_much_and_a_small_share_of_many_is_not() -> None:
    recent = Recent()
    assert not recent.is_too_much(20, 20)
    assert recent.is_too_much(21, 100)
    assert not recent.is_too_much(21, 2100)
    for _ in range(100):
        recent.add(1, 100)
    assert not recent.is_too_much(0, 2000)
    assert recent.is_too_much(1, 50)


def test_only_the_last_records_count_and_small_batches_take_no_room() -> None:
    recent = Recent()
    recent.add(100, 2000)
    for _ in range(12_000):
        recent.add(0, 1)
    assert not recent.is_too_much(5, 10)
    assert len(recent._batches) <= 201


@pytest.mark.parametrize(
    ("error", "weather"),
    [
        (asyncpg.DeadlockDetectedError(), True),
        (asyncpg.SerializationError(), True),
        (asyncpg.OutOfMemoryError(), True),
        (asyncpg.InterfaceError("connection is closed"), True),
        (asyncpg.exceptions._base.DataError("invalid input for query argument"), False),
        (asyncpg.UniqueViolationError(), False),
        (ConnectionResetError(), True),
        (Unavailable("log-unavailable"), True),
        (Corrupt("bad-avro"), False),
        (KeyError("x"), False),
    ],
)
def test_weather_passes_and_what_is_wrong_with_a_record_does_not(error: Exception, weather: bool) -> None:
    assert is_weather(error) is weather


def test_a_reason_never_holds_the_text_of_an_exception() -> None:
    assert as_reason(ValueError("Ex Ample, born 1975")) == Reason("handler-raised", "ValueError")
    assert as_reason(Corrupt("bad-avro")) == Reason("bad-avro", "Corrupt")
    assert as_reason("not-a-word") == Reason("not-a-word")
    assert as_reason("Ex Ample is no word") == Reason("unreadable")


def test_a_place_is_read_as_an_answer_names_it() -> None:
    assert parse_place("north.registration:3:18") == Place("north.registration", 3, 18)
    for odd in ("", "a", "a:1", ":1:2", "a:x:2", "a:1:-2", "a:1:2:", "a:1:" + "9" * 19, "a:1:\u0662"):
        with pytest.raises(Rejected):
            parse_place(odd)
