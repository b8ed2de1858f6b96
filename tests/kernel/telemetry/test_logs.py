"""Log lines hold what operators need and nothing of a person."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from services.kernel.errors import Rejected
from services.kernel.telemetry.logs import Log, configure_logs
from services.kernel.telemetry.trace import enter_trace, leave_trace, new_trace

CANARY = "Canary-19121212-1212"


@pytest.fixture
def lines() -> Iterator[Any]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("ingest", "north", "debug", stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_a_line_is_one_json_object_that_says_who_speaks(lines: Any) -> None:
    Log("http").info("started", port=8080)
    (line,) = lines()
    assert {k: line[k] for k in ("level", "service", "region", "part", "event", "port")} == {
        "level": "info",
        "service": "ingest",
        "region": "north",
        "part": "http",
        "event": "started",
        "port": 8080,
    }


def test_a_field_that_is_not_allowed_is_withheld_and_its_key_named(lines: Any) -> None:
    Log("http").info("posted", given_names=CANARY, count=1)
    (line,) = lines()
    assert line["withheld"] == ["given_names"]
    assert line["count"] == 1
    assert CANARY not in json.dumps(line)


def test_the_text_of_an_exception_is_not_written(lines: Any) -> None:
    def fails() -> None:
        raise ValueError(f"cannot read {CANARY}")

    try:
        fails()
    except ValueError as error:
        Log("http").error("unhandled", error)
        logging.getLogger("somebody.else").error("it failed: %s", error, exc_info=error)
    ours, theirs = lines()
    assert ours["error"] == theirs["error"] == "ValueError"
    assert any("fails" in frame for frame in ours["where"])
    assert CANARY not in json.dumps([ours, theirs])


def test_the_arguments_of_foreign_lines_are_not_written(lines: Any) -> None:
    logging.getLogger("asyncpg").warning("value %r is wrong for %s", CANARY, "x")
    (line,) = lines()
    assert line["event"] == "value %r is wrong for %s"


def test_an_error_of_ours_is_told_by_its_code(lines: Any) -> None:
    Log("http").warning("refused", Rejected("bad-date", f"/{CANARY}", rule=CANARY))
    (line,) = lines()
    assert line["code"] == "bad-date"
    assert CANARY not in json.dumps(line)


def test_a_line_carries_the_trace_that_it_belongs_to(lines: Any) -> None:
    trace = new_trace()
    entered = enter_trace(trace)
    Log("http").info("inside")
    leave_trace(entered)
    Log("http").info("outside")
    inside, outside = lines()
    assert (inside["trace_id"], inside["span_id"]) == (trace.trace_id, trace.span_id)
    assert "trace_id" not in outside
