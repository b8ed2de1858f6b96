"""The oracle is itself proved: each planted fault is found, and nothing else is."""

from pathlib import Path

import pytest

from tests.faults.journal import ACKNOWLEDGED, REFUSED, UNKNOWN, Copy, Journal, content_of_post
from tests.office import Post


def birth(number: int) -> Post:
    return {
        "event_id": f"id-{number}",
        "occurred_on": "2003-05-17",
        "registered_at": f"2003-05-20T09:30:{number:02}Z",
        "sex": "male",
        "office": "A-1",
        "residence_area": "A",
        "subjects": [{"role": "child"}],
    }


def copy(number: int) -> Copy:
    return Copy(f"id-{number}", content_of_post(birth(number)))


@pytest.fixture
def told(tmp_path: Path) -> Journal:
    """0 acknowledged at once, 1 unknown then acknowledged, 2 refused, 3 sent and never answered then acknowledged."""
    journal = Journal(tmp_path / "journal")
    for number, outcomes in enumerate(([ACKNOWLEDGED], [UNKNOWN, ACKNOWLEDGED], [REFUSED], ["", ACKNOWLEDGED])):
        for outcome in outcomes:
            journal.note_sent(birth(number))
            if outcome:
                journal.note_heard(f"id-{number}", outcome)
    return journal


def test_a_log_that_keeps_every_promise_has_no_faults(told: Journal) -> None:
    verdict = told.judge([copy(0), copy(1), copy(3)])
    assert verdict.faults == {}
    assert (verdict.acknowledged, verdict.was_unknown) == (3, 2)


def test_a_second_copy_of_an_unknown_outcome_is_no_fault(told: Journal) -> None:
    assert told.judge([copy(0), copy(1), copy(1), copy(3), copy(3)]).faults == {}


def test_a_planted_loss_is_found(told: Journal) -> None:
    assert told.judge([copy(0), copy(3)]).faults == {"lost": ["id-1"]}


def test_a_planted_double_is_found(told: Journal) -> None:
    assert told.judge([copy(0), copy(0), copy(1), copy(3)]).faults == {"doubled": ["id-0"]}


def test_a_record_that_was_refused_and_one_that_nobody_sent_are_phantoms(told: Journal) -> None:
    verdict = told.judge([copy(0), copy(1), copy(2), copy(3), copy(9)])
    assert verdict.faults == {"phantom": ["id-2", "id-9"]}


def test_another_content_than_was_sent_is_a_phantom_and_two_contents_are_named(told: Journal) -> None:
    other = Copy("id-1", "something else")
    assert told.judge([copy(0), other, copy(3)]).faults == {"phantom": ["id-1"]}
    assert told.judge([copy(0), copy(1), other, copy(3)]).faults == {"phantom": ["id-1"], "two_contents": ["id-1"]}


def test_what_was_sent_and_never_answered_is_unsettled(told: Journal) -> None:
    told.note_sent(birth(4))
    assert told.judge([copy(0), copy(1), copy(3)]).faults == {"unsettled": ["id-4"]}
    assert told.list_unsettled() == ["id-2", "id-4"]
