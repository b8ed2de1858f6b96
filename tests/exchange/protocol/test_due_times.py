"""Whoever owes says when it is due, so that both books agree, but does not choose it."""

from datetime import timedelta

import pytest

from services.exchange.protocol import Conversation, begin, decide
from services.exchange.protocol.envelope import Receipt
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Say, TakeReceipt
from tests.exchange.protocol.two_sides import MONDAY
from tests.exchange.protocol.words import body_of
from tests.exchange.protocol.world import DIRECTORY


def receipted(said_later: timedelta | None) -> Conversation:
    """North's notice, of which south's receipt says a due time so much later than is due."""
    first = begin("c-1", Talk.MOVE, "north", "south", Role.DESTINATION, MONDAY)
    said = decide(Say("201", body_of("201"), "m-1"), first, MONDAY, DIRECTORY).conversation
    (letter,) = said.letters
    plain = decide(TakeReceipt(Receipt(letter.id, letter.hash, MONDAY)), said, MONDAY, DIRECTORY).conversation
    if said_later is None:
        return plain
    (owed,) = plain.open_obligations
    receipt = Receipt(letter.id, letter.hash, MONDAY, owed.due_at + said_later, owed.calendar_version)
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
