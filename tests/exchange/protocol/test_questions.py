"""Verifications and discrepancies."""

from services.exchange.protocol.conversation import PauseReason
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.envelope import Rejection
from services.exchange.protocol.states import Clock, End
from services.exchange.protocol.stimuli import Finding, StartClock, StopClock, TakeRejection
from tests.exchange.protocol.two_sides import Sides


def test_a_verification_is_asked_paired_and_answered_item_by_item() -> None:
    sides = Sides("301")
    sides.say("north", "301")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "302", "VERIFIED")
    assert sides.states == ("ANSWERED", "ANSWERED")
    sides.pass_days(10)
    assert sides.states == ("CLOSED", "CLOSED")


def test_who_owes_the_answer_may_ask_back_and_the_clock_stands_still() -> None:
    sides = Sides("301")
    sides.say("north", "301")
    due = sides.obligation("south", Kind.VERIFICATION).due_at
    sides.say("south", "303", to="301")
    assert {sides.obligation(side, Kind.VERIFICATION).clock for side in ("north", "south")} == {Clock.PAUSED}
    sides.pass_days(2)
    sides.say("north", "304")
    books = [sides.obligation(side, Kind.VERIFICATION) for side in ("north", "south")]
    assert books[0].due_at == books[1].due_at
    assert (books[1].due_at - due).days == 2
    assert [pause.reason for pause in books[1].pauses] == [PauseReason.CLARIFICATION]


def test_a_clock_stands_still_while_the_debtors_exchange_is_down() -> None:
    sides = Sides("301")
    sides.say("north", "301")
    obligation = sides.obligation("north", Kind.VERIFICATION)
    sides.happen("north", StopClock(obligation.id, PauseReason.DEBTOR_OUTAGE))
    sides.pass_days(30)
    assert sides.obligation("north", Kind.VERIFICATION).clock is Clock.PAUSED
    sides.happen("north", StartClock(obligation.id))
    assert sides.obligation("north", Kind.VERIFICATION).clock is not Clock.OVERDUE
    assert sides.obligation("north", Kind.VERIFICATION).due_at > sides.now


def test_a_doubt_is_marked_then_decided() -> None:
    sides = Sides("501")
    sides.say("north", "501")
    assert sides.states == ("RECEIVED", "RECEIVED")
    sides.say("south", "502")
    assert sides.told("south") == ["FieldDisputed"]
    assert sides.obligation("north", Kind.DISCREPANCY_FIRST).end is End.FULFILLED
    sides.say("south", "503", "CORRECTED")
    assert sides.states == ("DECIDED", "DECIDED")
    assert sides.told("south")[-1] == "DisputeSettled"
    assert all(side.has_ended for side in sides.sides.values())


def test_a_difference_that_is_not_settled_goes_on_as_a_discrepancy() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED_WITH_DIFFERENCES")
    sides.say("north", "213", "SENT_TO_DISCREPANCY")
    assert sides.states == ("SETTLED", "SETTLED")
    assert [(each.code, each.partner) for each in sides.openings] == [("501", "south")]


def test_a_question_back_that_cannot_be_delivered_stops_no_clock() -> None:
    sides = Sides("301")
    sides.say("north", "301")
    sides.cut = {"south"}
    sides.say("south", "303", to="301")
    sides.happen("south", TakeRejection(Rejection(sides.sent[-1].message_id, "E-TEC-03")))
    assert sides.obligation("south", Kind.VERIFICATION).clock is Clock.RUNNING
