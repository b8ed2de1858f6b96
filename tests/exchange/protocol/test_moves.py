"""Moves, told as offices would tell them. North is where somebody arrived, south where they came from."""

from datetime import date

import pytest

from services.exchange.protocol import allowed_actions, begin, decide, join
from services.exchange.protocol.deadlines import Kind, Profile
from services.exchange.protocol.envelope import Part
from services.exchange.protocol.states import Clock, End, Link, Role, Talk
from services.exchange.protocol.stimuli import Finding, Hear, Prove, Register, Requeue, Say
from tests.exchange.protocol.two_sides import MONDAY, Sides
from tests.exchange.protocol.words import body_of
from tests.exchange.protocol.world import DIRECTORY


def _answered(profile: Profile = Profile.STD) -> Sides:
    sides = Sides(profile=profile)
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED")
    return sides


def _settled() -> Sides:
    sides = _answered()
    sides.say("north", "213")
    return sides


def test_a_move_that_is_confirmed_and_accepted_links_the_two_records() -> None:
    sides = _settled()
    assert sides.states == ("SETTLED", "SETTLED")
    assert sides.told("north") == ["OriginNotified", "OriginAnswered", "LinkOpened"]
    assert sides.told("south") == ["OriginAnswered", "DepartureRegistered", "LinkOpened"]
    north, south = (next(e for e in sides.events[side] if e.type == "LinkOpened") for side in ("north", "south"))
    assert north.link_id == south.link_id == sides.sides["north"].arrival
    assert dict(north.facts)["own_side"] == "destination"
    assert dict(south.facts)["own_side"] == "origin"


def test_an_arrival_that_was_registered_must_be_told_within_three_working_days() -> None:
    sides = Sides()
    sides.happen("north", Register("r-1", MONDAY))
    assert sides.obligation("north", Kind.NOTICE).due_at.isoformat() == "2026-03-05T16:00:00+00:00"
    sides.say("north", "201")
    assert sides.obligation("north", Kind.NOTICE).end is End.FULFILLED


def test_both_books_have_the_same_obligation_due_at_the_same_instant() -> None:
    sides = Sides()
    sides.say("north", "201")
    mine, theirs = (sides.obligation(side, Kind.FEEDBACK) for side in ("north", "south"))
    assert (mine.id, mine.due_at, mine.calendar_version) == (theirs.id, theirs.due_at, theirs.calendar_version)
    assert theirs.due_at.isoformat() == "2026-03-05T09:30:00+00:00"


@pytest.mark.parametrize(("profile", "due"), [(Profile.STD, "2026-03-05"), (Profile.PADIS, "2026-04-01")])
def test_a_corridor_keeps_the_times_of_its_profile(profile: Profile, due: str) -> None:
    sides = Sides(profile=profile)
    sides.say("north", "201")
    assert sides.obligation("south", Kind.FEEDBACK).due_at.date().isoformat() == due


def test_an_interim_answer_stops_the_first_clock_and_starts_the_final_one_once_more() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "UNDER_VERIFICATION")
    assert sides.states == ("VERIFYING", "VERIFYING")
    assert sides.obligation("north", Kind.FEEDBACK).end is End.FULFILLED
    sides.pass_days(10)
    sides.say("south", "203", "UNDER_VERIFICATION")
    assert sides.say("south", "203", "UNDER_VERIFICATION").denial is not None
    assert (sides.obligation("south", Kind.FINAL).due_at - sides.now).days == 15
    sides.say("south", "203", "CONFIRMED_WITH_DIFFERENCES")
    assert sides.states == ("ANSWERED", "ANSWERED")


def test_silence_after_the_answer_settles_tacitly_on_both_sides() -> None:
    sides = _answered()
    sides.pass_days(10)
    assert sides.states == ("SETTLED", "SETTLED")
    assert sides.sides["north"].tacit
    assert sides.sides["south"].tacit
    assert sides.obligation("south", Kind.REVIEW).end is End.LAPSED


def test_a_refusal_is_corrected_twice_and_no_more() -> None:
    sides = Sides()
    sides.say("north", "201")
    for _ in range(2):
        sides.say("south", "204", "B-G")
        assert sides.states == ("REFUSED", "REFUSED")
        sides.say("north", "211")
    sides.say("south", "204", "B-G")
    assert sides.say("north", "211").denial is not None
    assert "212" in {action.what for action in allowed_actions(sides.sides["north"])}


def test_a_refusal_without_reaction_is_contested_then_lapses() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.say("south", "204", "B-U")
    sides.pass_days(8)
    assert sides.states == ("CONTESTED", "CONTESTED")
    sides.pass_days(40)
    assert sides.states == ("LAPSED", "LAPSED")


def test_nobody_answers_three_reminders_an_escalation_then_it_lapses_and_a_late_answer_is_taken_all_the_same() -> None:
    sides = Sides()
    sides.say("north", "201")
    for _ in range(16):
        sides.pass_days(1)
    assert [m.message_type for m in sides.sent] == ["201", "701", "701", "701"]
    assert sides.obligation("south", Kind.FEEDBACK).clock is Clock.ESCALATED
    assert {each.kind for each in sides.escalations} == {"FEEDBACK"}
    sides.pass_days(30)
    assert sides.states == ("LAPSED", "LAPSED")
    assert sides.say("south", "203", "CONFIRMED").denial is None
    assert sides.states == ("ANSWERED", "ANSWERED")
    assert sides.obligation("north", Kind.FEEDBACK).end is End.LAPSED


def test_a_reminder_is_answered_and_ends_with_what_it_reminds_of() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.pass_days(4)
    assert sides.say("south", "702").denial is None
    sides.pass_days(5)
    sides.say("south", "204", "B-G")
    ends = [each.end for each in sides.sides["north"].obligations if each.kind is Kind.REMINDER_REPLY]
    assert ends == [End.FULFILLED, End.VOIDED]


def test_who_moved_on_is_asked_for_at_the_region_named_and_nobody_is_sent_in_circles() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.say("south", "204", "B-F", forward_to_jurisdiction="west")
    assert sides.states == ("FORWARDED", "FORWARDED")
    assert {sides.obligation(side, Kind.FEEDBACK).end for side in ("north", "south")} == {End.VOIDED}
    (opening,) = sides.openings
    assert (opening.code, opening.partner, opening.parent_id) == ("201", "west", "c-1")
    assert opening.asked == ("south",)
    assert not opening.needs_people
    sides = Sides()
    sides.say("north", "201")
    sides.say("south", "204", "B-F", forward_to_jurisdiction="south")
    assert sides.openings[0].needs_people


def test_a_withdrawal_undoes_by_new_events() -> None:
    sides = _settled()
    sides.say("north", "212")
    assert sides.states == ("WITHDRAWN", "WITHDRAWN")
    assert sides.told("south")[-2:] == ["LinkEnded", "EventAnnulled"]
    assert sides.told("north")[-1] == "LinkEnded"
    assert sides.obligation("south", Kind.COMPENSATION).is_open
    sides.find("south", Finding.COMPENSATED)
    assert all(side.has_ended for side in sides.sides.values())


def test_a_departure_that_nobody_confirms_lapses_after_three_months() -> None:
    sides = Sides("202")
    sides.say("north", "202")
    sides.say("south", "205", "NOT_ARRIVED_YET")
    sides.pass_days(120)
    assert sides.states == ("LAPSED", "LAPSED")
    assert sides.told("north") == ["DestinationAnswered", "DepartureLapsed"]


def test_a_late_arrival_beats_the_lapse() -> None:
    sides = Sides("202")
    sides.say("north", "202")
    sides.pass_days(120)
    sides.say("south", "201")
    assert sides.states == ("DELIVERED", "DELIVERED")


def test_a_departure_that_is_confirmed_is_no_second_departure() -> None:
    sides = Sides("202")
    sides.say("north", "202")
    sides.say("south", "201")
    sides.find("north", Finding.PAIRED)
    sides.say("north", "203", "CONFIRMED")
    assert sides.told("north") == ["OriginAnswered", "DepartureConfirmed"]
    assert sides.obligation("south", Kind.DEPARTURE_FEEDBACK).end is End.FULFILLED


def test_notices_that_crossed_become_one_conversation_under_the_smaller_id() -> None:
    def said(id_: str, own: str, partner: str, role: Role, code: str) -> Say:
        return Say(code, body_of(code), f"m-{id_}")

    north = begin("c-2", Talk.MOVE, "north", "south", Role.DESTINATION, MONDAY)
    south = begin("c-1", Talk.MOVE, "south", "north", Role.ORIGIN, MONDAY)
    arrival = decide(said("a", "north", "south", Role.DESTINATION, "201"), north, MONDAY, DIRECTORY)
    departure = decide(said("d", "south", "north", Role.ORIGIN, "202"), south, MONDAY, DIRECTORY)
    at_south = begin("c-2", Talk.MOVE, "south", "north", Role.ORIGIN, MONDAY)
    heard = decide(Hear(arrival.messages[0]), at_south, MONDAY, DIRECTORY)
    joined = join(departure.conversation, heard.conversation, MONDAY, DIRECTORY).conversation
    assert joined.ids == ("c-1", "c-2")
    assert joined.state == "DELIVERED"
    assert (joined.arrival, joined.departure) == ("m-a", "m-d")
    refused = join(heard.conversation, departure.conversation, MONDAY, DIRECTORY)
    assert refused.denial is not None


def test_a_death_ends_the_stay_and_both_know_why() -> None:
    sides = _settled()
    sides.say("south", "401", "ENDS_STAY", change_kind="DEATH")
    assert sides.states == ("CLOSING", "CLOSING")
    sides.say("north", "402", "APPLIED")
    assert sides.states == ("CLOSED", "CLOSED")
    assert {dict(sides.events[side][-1].facts)["reason"] for side in ("north", "south")} == {"deceased"}
    assert "RecordUpdatedByPartner" in sides.told("north")


def test_a_closed_case_is_taken_up_again_within_ninety_days() -> None:
    sides = _settled()
    sides.say("north", "404")
    sides.pass_days(8)
    assert sides.states == ("CLOSED", "CLOSED")
    sides.say("south", "707")
    assert sides.states == ("SETTLED", "SETTLED")
    assert {side.link for side in sides.sides.values()} == {Link.OPEN}


def test_a_change_that_is_not_held_as_said_is_answered_so_and_changes_nothing() -> None:
    sides = _settled()
    sides.say("north", "401", "CHANGES", response_required=True)
    sides.say("south", "402", "BEFORE_STATE_MISMATCH")
    assert "RecordUpdatedByPartner" not in sides.told("south")
    assert sides.obligation("north", Kind.UPDATE_FEEDBACK).end is End.FULFILLED


def test_a_dead_letter_can_be_sent_again_or_brought_with_proof() -> None:
    for way in ("requeue", "prove"):
        sides = Sides()
        sides.cut = {"north"}
        sides.say("north", "201")
        for _ in range(8):
            sides.pass_days(0.3)
        assert sides.sides["north"].state == "UNDELIVERABLE"
        assert len(sides.sent) == 6
        assert len({envelope.message_id for envelope in sides.sent}) == 1
        assert {"requeue", "prove"} <= {action.what for action in allowed_actions(sides.sides["north"])}
        sides.cut = set()
        if way == "requeue":
            sides.happen("north", Requeue("m-1"))
            assert sides.states == ("DELIVERED", "DELIVERED")
        else:
            sides.happen("north", Prove("m-1", sides.now))
            assert sides.sides["north"].state == "DELIVERED"
        assert sides.obligation("north", Kind.MANUAL_DELIVERY).end is End.FULFILLED


def test_a_protected_person_is_answered_like_one_who_was_not_found_to_the_byte() -> None:
    answers = []
    for code in ("B-P", "B-G"):
        sides = Sides()
        sides.say("north", "201")
        refusal = body_of("204", code, departed_on="2026-01-01", missing_fields=["birth_date"])
        request = sides.sides["south"].taken[0].id
        sides.happen("south", Say("204", refusal, "m-9", "secret-office", request))
        answers.append(sides.sent[-1])
    assert answers[0] == answers[1]
    assert answers[0].payload == b'{"reason_code":"B-G"}'
    assert answers[0].sender_office == ""


def test_particulars_are_not_said_where_there_is_no_place_for_them() -> None:
    sides = Sides()
    sides.say("north", "201")
    request = sides.sides["south"].taken[0].id
    part = (Part("mover", "ab" * 32),)
    decision = sides.happen("south", Say("204", body_of("204", "B-D"), "m-9", in_reply_to=request, parts=part))
    assert decision.denial is not None
    assert decision.denial.why == "no-particulars-here"


def test_a_link_never_ends_before_the_day_on_which_it_was_opened() -> None:
    sides = _settled()
    sides.pass_days(3)
    long_ago = date(2026, 2, 1)
    sides.happen("north", Say("212", body_of("212", "ARRIVAL"), "m-late", "office-1", effective_on=long_ago))
    assert sides.states == ("WITHDRAWN", "WITHDRAWN")
    for side in ("north", "south"):
        opened, ended = (
            next(e.occurred_on for e in sides.events[side] if e.type == name) for name in ("LinkOpened", "LinkEnded")
        )
        assert opened <= ended, side
