"""W3C Trace Context."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.telemetry.trace import (
    Trace,
    continue_trace,
    current_trace,
    enter_trace,
    leave_trace,
    new_trace,
    parse_traceparent,
    trace_headers,
)

GIVEN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_traceparent_is_read() -> None:
    assert parse_traceparent(GIVEN) == Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", True)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "00",
        GIVEN.upper(),
        GIVEN + "-more",
        "ff" + GIVEN[2:],
        "00-" + "0" * 32 + GIVEN[35:],
        GIVEN[:36] + "0" * 16 + "-01",
        GIVEN * 10,
        GIVEN + "\n",
    ],
)
def test_what_is_not_valid_starts_a_new_trace(text: str | None) -> None:
    assert parse_traceparent(text) is None
    assert continue_trace(text).trace_id != "0af7651916cd43dd8448eb211c80319c"


def test_a_later_version_may_say_more() -> None:
    assert parse_traceparent("01" + GIVEN[2:] + "-more") is not None


def test_going_on_keeps_the_trace_and_takes_a_span_of_its_own() -> None:
    going_on = continue_trace(GIVEN)
    assert going_on.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert going_on.span_id != "b7ad6b7169203331"
    assert going_on.sampled


def test_the_current_trace_is_carried_in_kafka_headers() -> None:
    assert trace_headers() == []
    trace = new_trace()
    entered = enter_trace(trace)
    assert trace_headers() == [("traceparent", str(trace).encode())]
    leave_trace(entered)
    assert current_trace() is None


@given(st.text(max_size=140))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = parse_traceparent(text)
    assert found is None or str(found)[2:] == text[2:55]
