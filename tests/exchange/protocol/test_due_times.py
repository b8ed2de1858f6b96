"""Whoever owes says when it is due, so that both books agree, but does not choose it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.exchange.protocol import Conversation, begin, decide
from services.exchange.protocol.envelope import Receipt
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Say, TakeReceipt
from tests.exchange.protocol.two_sides import MONDAY
from tests.exchange.protocol.words import body_of
from tests.exchange.protocol.world import DIRECTORY


def receipted(said_later: timedelta | None, version: int | None = None, received_at: datetime = MONDAY) -> Conversation:
    """North's notice, of which south's receipt says a due time so much later than is due."""
    first = begin("c-1", Talk.MOVE, "north", "south", Role.DESTINATION, MONDAY)
    said = decide(Say("201", body_of("201"), "m-1"), first, MONDAY, DIRECTORY).conversation
    (letter,) = said.letters
    plain = decide(TakeReceipt(Receipt(letter.id, letter.hash, MONDAY)), said, MONDAY, DIRECTORY).conversation
    if said_later is None:
        return plain
    (owed,) = plain.open_obligations
    number = owed.calendar_version if version is None else version
    receipt = Receipt(letter.id, letter.hash, received_at, owed.due_at + said_later, number)
    return decide(TakeReceipt(receipt), said, MONDAY, DIRECTORY).conversation


@pytest.mark.parametrize(
    ("later", "kept"),
    [
        (timedelta(), timedelta()),
        (timedelta(days=-1), timedelta(days=-1)),
        (timedelta(days=9), timedelta(days=9)),
        (timedelta(days=15), timedelta()),
        (timedelta(days=36_500), timedelta()),
    ],
)
def test_a_due_time_far_beyond_the_deadline_is_worked_out_by_who_waits(later: timedelta, kept: timedelta) -> None:
    (plain,), (owed,) = receipted(None).open_obligations, receipted(later).open_obligations
    assert owed.due_at == plain.due_at + kept
    assert owed.ahead[-1].at < plain.due_at + timedelta(days=50)


@pytest.mark.parametrize("version", [77, -1, 0, 10**20])
def test_a_version_of_a_calendar_that_nobody_published_stops_nothing(version: int) -> None:
    (plain,), (owed,) = receipted(None).open_obligations, receipted(timedelta(), version).open_obligations
    assert (owed.due_at, owed.calendar_version) == (plain.due_at, plain.calendar_version)


@pytest.mark.parametrize("year", [1, 1990, 2199, 9999])
def test_a_receipt_of_another_century_stops_nothing(year: int) -> None:
    (owed, *_) = receipted(timedelta(), received_at=datetime(year, 12, 31, 23, 59, tzinfo=UTC)).obligations
    assert abs(owed.due_at - MONDAY) < timedelta(days=450)
