"""What the protocol wants logged is what ingest takes: by the contract itself, for every event that it can want."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.stimuli import Finding, Say
from services.exchange.register.posts import COMPLETED, event_id_of, make_posts
from services.kernel.codec.posts import PostReader
from services.kernel.contract.catalog import Catalog
from tests.exchange.protocol.words import body_of
from tests.exchange.register.spoken import ARRIVAL, DEPARTURE, PERSON, Spoken

READER = PostReader(Catalog.load())
SYSTEM_FILLS = {"sex": "female", "from_area": "0980", "residence_area": "0980"}


def _posts(sides: Spoken, side: str) -> list[dict[str, Any]]:
    found = []
    for decision in sides.decisions[side]:
        conversation = decision.conversation
        for post in make_posts(decision.register_events, conversation, PERSON, conversation.now):
            document = json.loads(post.post)
            assert UUID(document["event_id"]) == post.event_id
            found.append(document)
    return found


def _check(document: dict[str, Any]) -> None:
    filled = document | SYSTEM_FILLS if document["type"] in COMPLETED else document
    READER.read(json.dumps(filled).encode())


def _plain() -> Spoken:
    sides = Spoken()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED")
    sides.say("north", "213")
    return sides


def _ended() -> Spoken:
    sides = _plain()
    sides.say("north", "401", "ENDS_STAY", change_kind="DEATH")
    sides.say("south", "402", to="401")
    return sides


def _moved_on() -> Spoken:
    sides = _plain()
    sides.say("north", "401", "ENDS_STAY", change_kind="ADDRESS", next_jurisdiction="west")
    sides.say("south", "402", to="401")
    return sides


def _married() -> Spoken:
    sides = _plain()
    sides.say("north", "401", "CHANGES", change_kind="MARRIAGE")
    return sides


def _withdrawn() -> Spoken:
    sides = _plain()
    sides.say("north", "212")
    return sides


def _refused() -> Spoken:
    sides = Spoken()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "204", "B-F", forward_to_jurisdiction="west", departed_on="2026-01-01")
    return sides


def _differs() -> Spoken:
    sides = Spoken()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say(
        "south",
        "203",
        "CONFIRMED_WITH_DIFFERENCES",
        field_results=[{"path": "civil.family_name", "verdict": "DIFFERENT", "basis": "REGISTER"}],
    )
    sides.say("north", "211")
    sides.say("south", "203", "CONFIRMED", departed_on="2026-02-03")
    return sides


def _announced() -> Spoken:
    sides = Spoken("202")
    sides.say("north", "202")
    sides.say("south", "205", "NOT_ARRIVED_YET")
    sides.say("south", "201")
    sides.find("north", Finding.PAIRED)
    sides.say("north", "203", "CONFIRMED")
    sides.say("south", "212")
    return sides


def _lapsed() -> Spoken:
    sides = Spoken("202")
    sides.say("north", "202")
    sides.pass_days(120)
    return sides


def _disputed() -> Spoken:
    sides = Spoken("501")
    sides.say("north", "501")
    sides.say("south", "502")
    sides.say("south", "503", "CORRECTED", event_ids=[ARRIVAL])
    return sides


STORIES: list[Callable[[], Spoken]] = [
    _plain,
    _ended,
    _moved_on,
    _married,
    _withdrawn,
    _refused,
    _differs,
    _announced,
    _lapsed,
    _disputed,
]


@pytest.mark.parametrize("story", STORIES)
def test_whatever_is_to_be_logged_is_a_post_that_the_contract_takes(story: Callable[[], Spoken]) -> None:
    sides = story()
    written = 0
    for side in ("north", "south"):
        for document in _posts(sides, side):
            _check(document)
            written += 1
    assert written


def test_every_kind_of_event_that_the_protocol_logs_is_among_the_stories() -> None:
    kinds = {document["type"] for story in STORIES for side in ("north", "south") for document in _posts(story(), side)}
    assert kinds == {
        "OriginNotified", "OriginAnswered", "DestinationAnswered", "DepartureRegistered", "DepartureConfirmed",
        "DepartureLapsed", "EventAnnulled", "LinkOpened", "LinkEnded", "RecordUpdatedByPartner", "FieldDisputed",
        "DisputeSettled",
    }  # fmt: skip


def test_both_sides_open_the_same_link_under_ids_of_their_own() -> None:
    sides = _plain()
    north, south = (
        next(each for each in _posts(sides, side) if each["type"] == "LinkOpened") for side in ("north", "south")
    )
    assert north["link_id"] == south["link_id"]
    assert north["event_id"] != south["event_id"]
    assert (north["own_side"], south["own_side"]) == ("destination", "origin")
    assert north["conversation_id"] == south["conversation_id"]


def test_the_same_decision_gives_the_same_bytes() -> None:
    decision = next(each for each in _plain().decisions["south"] if each.register_events)
    conversation = decision.conversation
    one, other = (make_posts(decision.register_events, conversation, PERSON, conversation.now) for _ in range(2))
    assert one == other


def test_what_is_annulled_is_the_event_that_recorded_the_outflow() -> None:
    posts = _posts(_withdrawn(), "south")
    outflow = next(each for each in posts if each["type"] == "DepartureRegistered")
    annulled = next(each for each in posts if each["type"] == "EventAnnulled")
    assert annulled["target_event_id"] == outflow["event_id"]
    assert (annulled["reason"], annulled["conversation_id"]) == ("notice-withdrawn", outflow["conversation_id"])
    assert "subjects" not in annulled


def test_a_withdrawal_undoes_all_that_was_taken_over_on_the_partner_s_word() -> None:
    """A death too, and in whatever state the conversation is by then."""
    sides = _ended()
    assert sides.sides["south"].state == "CLOSED"
    assert sides.say("north", "212").denial is not None  # who ended it has nothing to take back; a liar says it anyway
    sides = _married()
    sides.say("north", "401", "CHANGES", change_kind="DIVORCE", response_required=True)
    sides.say("south", "402", to="401")
    sides.say("north", "212")
    posts = _posts(sides, "south")
    taken_over = [each["event_id"] for each in posts if each["type"] == "RecordUpdatedByPartner"]
    annulled = [each["target_event_id"] for each in posts if each["type"] == "EventAnnulled"]
    outflow = [each["event_id"] for each in posts if each["type"] == "DepartureRegistered"]
    assert len(taken_over) == 2
    assert annulled == outflow + taken_over
    for document in posts:
        _check(document)
    assert sides.sides["south"].updates == ()


def test_a_change_holds_from_its_own_day_not_from_that_of_the_answer() -> None:
    sides = _plain()
    death = Say("401", body_of("401", "ENDS_STAY", change_kind="DEATH"), derive_id(sides.now, "death"),
                effective_on=date(2026, 2, 20))  # fmt: skip
    sides.happen("north", death)
    sides.say("south", "402", to="401")
    (update,) = (each for each in _posts(sides, "south") if each["type"] == "RecordUpdatedByPartner")
    assert (update["change_kind"], update["occurred_on"]) == ("death", "2026-02-20")


def test_a_person_who_keeps_a_registration_only_lives_elsewhere() -> None:
    for effect, kept in (("OUTFLOW_RECORDED", True), ("DEREGISTERED", False)):
        sides = Spoken()
        sides.say("north", "201")
        sides.find("south", Finding.PAIRED)
        sides.say("south", "203", "CONFIRMED", origin_effect=effect)
        outflow = next(each for each in _posts(sides, "south") if each["type"] == "DepartureRegistered")
        assert (outflow["registration_kept"], outflow["to_region"]) == (kept, "north")


def test_a_move_on_says_where_to() -> None:
    update = next(each for each in _posts(_moved_on(), "south") if each["type"] == "RecordUpdatedByPartner")
    assert (update["change_kind"], update["to_region"]) == ("address", "west")


def test_a_departure_that_nobody_confirmed_lapses_by_name() -> None:
    lapse = next(each for each in _posts(_lapsed(), "north") if each["type"] == "DepartureLapsed")
    assert (lapse["departure_event_id"], lapse["reason"]) == (DEPARTURE, "time-passed")


def test_of_somebody_who_is_not_known_here_nothing_is_logged() -> None:
    decision = next(each for each in _plain().decisions["south"] if each.register_events)
    assert make_posts(decision.register_events, decision.conversation, None, decision.conversation.now) == []


def test_an_event_is_named_by_its_cause_and_carries_its_instant() -> None:
    one = event_id_of("north", ARRIVAL, 0)
    assert one == event_id_of("north", ARRIVAL, 0)
    assert one[:13] == ARRIVAL[:13]
    assert len({one, event_id_of("north", ARRIVAL, 1), event_id_of("south", ARRIVAL, 0)}) == 3
    assert UUID(event_id_of("north", "no uuid", 0)).version == 7
