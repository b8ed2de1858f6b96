"""What the house owes by itself, in every state; and that what only people may decide is left to them."""

from dataclasses import replace

import pytest

from services.exchange.clerk.duties import ALWAYS, REASONS, TABLE, Does, Duty, duty_of
from services.exchange.protocol import begin
from services.exchange.protocol.actions import allowed_actions
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.envelope import Rejection
from services.exchange.protocol.states import Role, State, Talk
from services.exchange.protocol.stimuli import Finding, Register, TakeRejection
from services.exchange.protocol.table import TABLES
from services.exchange.protocol.transitions import side_of
from tests.exchange.protocol.two_sides import MONDAY, Sides

ROLES = {
    Talk.MOVE: (Role.DESTINATION, Role.ORIGIN),
    Talk.VERIFY: (Role.ASKER, Role.ANSWERER),
    Talk.DISCREPANCY: (Role.ASKER, Role.ANSWERER),
}


def _can_be_in(talk: Talk, role: Role) -> set[State]:
    """All states that a side can come to, by the table of the protocol."""
    states = {State.NONE}
    for row in TABLES[talk].rows:
        for is_ours in (True, False):
            move = side_of(row, role, is_ours)
            if move is not None and move.to is not None:
                states.add(move.to)
    return states


@pytest.mark.parametrize(("talk", "role"), [(talk, role) for talk, roles in ROLES.items() for role in roles])
def test_for_every_state_that_a_side_can_be_in_it_is_decided_what_the_house_does(talk: Talk, role: Role) -> None:
    assert set(TABLE[talk, role]) >= _can_be_in(talk, role)


def test_there_is_a_word_for_every_question_to_people_and_none_too_many() -> None:
    cases = [*ALWAYS, *(case for table in TABLE.values() for cases in table.values() for case in cases)]
    assert {case.why for case in cases if case.does is Does.PEOPLE} == set(REASONS)
    assert not any(case.why for case in cases if case.does is not Does.PEOPLE)
    assert {case.does for case in cases} == set(Does)


@pytest.mark.parametrize("state", [State.MANUAL_PAIRING, State.VERIFYING])
def test_who_is_meant_and_what_was_looked_at_only_people_say(state: State) -> None:
    for talk, role in ((Talk.MOVE, Role.ORIGIN), (Talk.VERIFY, Role.ANSWERER)):
        assert {case.does for case in TABLE[talk, role][state]} == {Does.PEOPLE}


@pytest.mark.parametrize("talk", [Talk.VERIFY, Talk.DISCREPANCY])
def test_the_house_never_verifies_or_decides_a_doubt(talk: Talk) -> None:
    cases = [
        case
        for table in (TABLE[talk, Role.ANSWERER], TABLE[talk, Role.ASKER])
        for each in table.values()
        for case in each
    ]
    assert {case.does for case in cases} <= {Does.PEOPLE, Does.PAIR, Does.REPORT}


def test_refused_and_contested_notices_are_for_people() -> None:
    for state in (State.REFUSED, State.CONTESTED):
        assert {case.does for case in TABLE[Talk.MOVE, Role.DESTINATION][state]} == {Does.PEOPLE}


def _duty(sides: Sides, side: str, knows_person: bool = False) -> Duty | None:
    return duty_of(sides.sides[side], knows_person=knows_person)


def _does(sides: Sides, side: str) -> str | None:
    duty = _duty(sides, side)
    return (duty.why or duty.does) if duty else None


def _settled() -> Sides:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED")
    sides.say("north", "213")
    return sides


def test_a_plain_move_needs_nobody() -> None:
    sides = Sides()
    sides.happen("north", Register("r-1", MONDAY))
    assert _duty(sides, "north") == Duty(Does.NOTIFY, "r-1")
    sides.say("north", "201")
    assert _duty(sides, "south") == Duty(Does.PAIR, "m-1")
    sides.find("south", Finding.PAIRED)
    assert _duty(sides, "south") == Duty(Does.ANSWER, "m-1")
    sides.say("south", "203", "CONFIRMED")
    assert _duty(sides, "north") == Duty(Does.ACCEPT, "m-2")
    sides.say("north", "213")
    assert (_duty(sides, "north"), _duty(sides, "south")) == (None, None)


@pytest.mark.parametrize(
    ("path", "expected"),
    [("civil.family_name", "differences"), ("birth_on", "differences"), ("departed_on", Does.ACCEPT)],
)
def test_a_difference_that_matters_is_for_people(path: str, expected: str) -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    results = [{"path": path, "verdict": "DIFFERENT"}, {"path": "sex", "verdict": "SAME"}]
    sides.say("south", "203", "CONFIRMED_WITH_DIFFERENCES", field_results=results)
    assert _does(sides, "north") == expected


def test_an_interim_answer_leaves_the_final_one_to_people() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "UNDER_VERIFICATION")
    assert (_does(sides, "south"), _does(sides, "north")) == ("look", None)


def test_who_cannot_be_told_apart_is_for_people_and_a_correction_is_paired_anew() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.AMBIGUOUS)
    assert _does(sides, "south") == "who-is-meant"
    sides.say("south", "204", "B-U")
    assert (_does(sides, "south"), _does(sides, "north")) == (None, "refused")
    sides.say("north", "211")
    assert _duty(sides, "south") == Duty(Does.PAIR, "m-3")


def test_an_announced_departure_is_looked_for_until_somebody_arrives() -> None:
    sides = Sides("202")
    sides.say("north", "202")
    assert _duty(sides, "south") == Duty(Does.MEET, "m-1")
    sides.say("south", "205", "NOT_ARRIVED_YET")
    assert _does(sides, "south") == Does.MEET
    sides.say("south", "201")
    assert (_does(sides, "south"), _does(sides, "north")) == (None, Does.PAIR)


def test_a_conversation_that_was_begun_for_a_word_says_it_unless_it_goes_in_circles() -> None:
    for talk, role, does in (
        (Talk.MOVE, Role.ORIGIN, Does.ANNOUNCE),
        (Talk.DISCREPANCY, Role.ASKER, Does.REPORT),
    ):
        fresh = begin("c", talk, "north", "south", role, MONDAY, asked=("west",), parent_id="p")
        assert duty_of(fresh) == Duty(does, "p")
        for asked in (("south",), ("west", "south"), ("a", "b", "c", "d", "e")):
            again = begin("c", talk, "north", "south", role, MONDAY, asked=asked, parent_id="p")
            assert duty_of(again) == Duty(Does.PEOPLE, "p", "asked-in-circles")


def test_the_end_of_a_stay_and_a_change_are_answered_by_the_house() -> None:
    sides = _settled()
    sides.say("north", "401", "CHANGES", response_required=True)
    assert _does(sides, "south") == Does.ADOPT
    sides.say("south", "402", to="401")
    assert _does(sides, "south") is None
    sides.say("north", "401", "CHANGES")
    assert _does(sides, "south") is None
    sides.say("north", "404", "RETURNED")
    assert _does(sides, "south") == Does.CLOSE
    sides.say("south", "402", to="404")
    assert (_does(sides, "south"), sides.states) == (None, ("CLOSED", "CLOSED"))


def test_what_a_withdrawn_notice_did_is_undone_by_the_house() -> None:
    sides = _settled()
    sides.say("north", "212")
    assert _does(sides, "south") == Does.COMPENSATE
    sides.find("south", Finding.COMPENSATED)
    assert _does(sides, "south") is None


def test_a_reminder_of_what_a_program_owes_is_replied_to_by_a_program() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.pass_days(4)
    assert sides.sides["south"].taken[-1].code == "701"
    assert _does(sides, "south") == Does.EXCUSE
    sides.say("south", "702")
    assert _does(sides, "south") == Does.ANSWER


def test_why_people_take_long_no_program_says_for_them() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.AMBIGUOUS)
    sides.pass_days(4)
    assert sides.sides["south"].taken[-1].code == "701"
    assert _does(sides, "south") == "who-is-meant"
    assert "702" in {each.what for each in allowed_actions(sides.sides["south"])}


def test_a_letter_that_cannot_be_delivered_is_for_people() -> None:
    sides = Sides()
    sides.cut.add("north")
    sides.say("north", "201")
    sides.happen("north", TakeRejection(Rejection("m-1", "E-TEC-05")))
    assert _does(sides, "north") == "dead-letter"


def test_a_move_that_nobody_answered_is_shown_to_people_on_both_sides() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.pass_days(60)
    assert sides.states == ("LAPSED", "LAPSED")
    assert (_does(sides, "north"), _does(sides, "south")) == ("unanswered", "unanswered")


def test_a_link_that_must_be_confirmed_is_for_people() -> None:
    sides = _settled()
    sides.pass_days(170)
    assert sides.obligation("north", Kind.RECONFIRM).is_open
    assert (_does(sides, "north"), _does(sides, "south")) == ("still-true", None)


def test_a_doubt_is_paired_and_then_for_people() -> None:
    sides = Sides("501")
    sides.say("north", "501")
    assert _duty(sides, "south") == Duty(Does.PAIR, "m-1")
    assert _duty(sides, "south", knows_person=True) == Duty(Does.PEOPLE, "m-1", "dispute")


def test_a_question_is_paired_and_then_for_people() -> None:
    sides = Sides("301")
    sides.say("north", "301")
    assert _does(sides, "south") == Does.PAIR
    sides.find("south", Finding.PAIRED)
    assert _does(sides, "south") == "verify"
    sides.say("south", "303")
    assert _does(sides, "north") == "clarify"


def test_a_record_that_is_asked_for_is_answered_by_the_house() -> None:
    sides = Sides("101")
    sides.say("north", "101")
    assert _duty(sides, "south") == Duty(Does.RESPOND, "m-1")
    sides.say("south", "102")
    assert _does(sides, "south") is None


def test_what_a_partner_began_and_was_refused_is_nobodys_duty() -> None:
    begun = begin("c-1", Talk.MOVE, "south", "north", Role.ORIGIN, MONDAY)
    assert duty_of(begun, knows_person=False) == Duty(Does.ANNOUNCE, "")
    refused = replace(begun, refused=(Rejection("m-1", "E-TEC-10", "/purpose_code"),))
    assert duty_of(refused, knows_person=False) is None
