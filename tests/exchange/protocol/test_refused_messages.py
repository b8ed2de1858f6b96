"""What cannot be taken is refused in words, whatever it is."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from services.exchange.protocol import begin, decide
from services.exchange.protocol.bodies import write_body
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.envelope import Envelope, Receipt, Rejection
from services.exchange.protocol.hearing import REFUSED_MAX
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Finding, Hear, TakeRejection
from tests.exchange.protocol.two_sides import MONDAY, Sides
from tests.exchange.protocol.words import body_of
from tests.exchange.protocol.world import DIRECTORY


def _notice() -> Envelope:
    sides = Sides()
    sides.cut = {"north"}
    sides.say("north", "201")
    return sides.sent[0]


def _reply(envelope: Envelope) -> Any:
    fresh = begin("c-1", Talk.MOVE, "south", "north", Role.ORIGIN, MONDAY)
    return decide(Hear(envelope), fresh, MONDAY, DIRECTORY).reply


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"schema_version": 2}, "E-TEC-03", "/schema_version"),
        ({"message_type": "221"}, "E-TEC-03", "/message_type"),
        ({"message_type": "hello"}, "E-TEC-03", "/message_type"),
        ({"body_schema_id": 20102}, "E-TEC-03", "/body_schema_id"),
        ({"payload": b"\xff"}, "E-TEC-01", "/payload"),
        ({"payload": b"[]"}, "E-TEC-01", "/payload"),
        ({"payload": b"{}"}, "E-TEC-02", "/payload/registration_id"),
        ({"payload": b'{"secret":1}'}, "E-TEC-02", "/payload/unknown-field"),
        ({"recipient_jurisdiction": "west"}, "E-TEC-06", "/recipient_jurisdiction"),
        ({"seq": 2}, "E-TEC-08", "/seq"),
        ({"purpose_code": "statistics"}, "E-TEC-10", "/purpose_code"),
        ({"legal_basis_code": "consent"}, "E-TEC-10", "/legal_basis_code"),
        ({"conversation_type": Talk.VERIFY}, "E-TEC-10", "/conversation_type"),
    ],
)
def test_each_thing_that_is_wrong_has_its_code_and_its_place(fields: dict[str, Any], code: str, path: str) -> None:
    notice = replace(_notice(), **fields)
    assert _reply(notice) == Rejection(notice.message_id, code, path)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("moved_in_on", "20260302"),
        ("moved_in_on", "0001-01-01"),
        ("moved_in_on", "2026-02-30"),
        ("registration_id", "\ud800"),
        ("registration_id", "x" * 201),
        ("registration_id", 7),
        ("residence_kind", "HOTEL"),
        ("keep_origin_registration", 1),
    ],
)
def test_a_field_that_is_not_of_its_form_is_refused_at_its_place(field: str, value: object) -> None:
    payload = json.dumps({**body_of("201"), field: value}).encode()
    assert _reply(replace(_notice(), payload=payload)) == Rejection("m-1", "E-TEC-02", f"/payload/{field}")


def test_who_forwards_must_say_where_to() -> None:
    sides = Sides()
    sides.say("north", "201")
    decision = sides.say("south", "204", "B-F")
    assert decision.denial is not None
    assert decision.denial.path == "/payload/forward_to_jurisdiction"


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"change_kind": "DEATH"}, "change_kind"),
        ({"change_kind": "ADDRESS", "next_jurisdiction": "west"}, "next_jurisdiction"),
    ],
)
def test_an_end_of_a_stay_cannot_be_said_as_a_change_like_others(said: dict[str, str], path: str) -> None:
    """Else whoever is told of it would take it over unseen."""
    for asked in (True, False):
        sides = Sides()
        sides.say("north", "201")
        sides.find("south", Finding.PAIRED)
        sides.say("south", "203", "CONFIRMED")
        sides.say("north", "213")
        denial = sides.say("north", "401", "CHANGES", response_required=asked, **said).denial
        assert denial is not None
        assert denial.path == f"/payload/{path}"
        sides.cut = {"north"}
        sides.say("north", "401", "CHANGES", response_required=asked)
        body = json.dumps(body_of("401", "CHANGES", **said), sort_keys=True, separators=(",", ":")).encode()
        forged = replace(sides.sent[-1], payload=body)
        assert sides.hear(forged) == Rejection(forged.message_id, "E-TEC-02", f"/payload/{path}")
        assert "RecordUpdatedByPartner" not in sides.told("south")


def test_a_rejection_never_quotes_what_stood_there() -> None:
    notice = replace(_notice(), payload=b'{"Ex Ample 1970":"Ex Ample 1970"}')
    assert "Ample" not in str(_reply(notice))


def test_what_only_the_other_side_may_say_is_refused() -> None:
    sides = Sides("202")
    sides.cut = {"north"}
    sides.say("north", "202")
    fresh = begin("c-1", Talk.MOVE, "south", "north", Role.ORIGIN, MONDAY)
    reply = decide(Hear(sides.sent[0]), fresh, MONDAY, DIRECTORY).reply
    assert reply == Rejection(sides.sent[0].message_id, "E-TEC-10", "/message_type")


def test_what_was_refused_once_is_refused_for_ever_and_its_number_goes_to_the_next() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.cut = {"south"}
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED")
    newer = replace(sides.sent[-1], schema_version=7)
    first = sides.hear(newer)
    assert isinstance(first, Rejection)
    assert sides.hear(newer) == first
    sides.happen("south", TakeRejection(first))
    assert sides.sides["south"].letters[-1].delivery == "REJECTED_TECH"
    assert sides.sides["north"].state == "DELIVERED"


def test_the_same_id_with_another_content_is_refused() -> None:
    sides = Sides()
    sides.say("north", "201")
    assert isinstance(sides.hear(sides.sent[0]), Receipt)
    other = replace(sides.sent[0], sender_office="another")
    assert sides.hear(other) == Rejection(other.message_id, "E-TEC-02", "/message_id")


ANYTHING = st.fixed_dictionaries(
    {},
    optional={
        "message_type": st.sampled_from(["101", "201", "203", "211", "213", "302", "402", "701", "707", "999", ""]),
        "schema_version": st.integers(-1, 9),
        "payload": st.binary(max_size=40) | st.sampled_from([b"{}", b'{"outcome":[]}', b"null", b"[" * 5000]),
        "seq": st.integers(-2, 3),
        "in_reply_to": st.none() | st.text(st.characters(), max_size=5) | st.just("\ud800"),
        "request_hash": st.none() | st.text(max_size=5),
        "conversation_id": st.sampled_from(["c-1", "c-2"]),
    },
)


@settings(max_examples=300, deadline=None)
@given(fields=ANYTHING)
def test_nothing_that_comes_makes_it_crash(fields: dict[str, Any]) -> None:
    notice = replace(_NOTICE, **fields)
    reply = _reply(notice)
    assert isinstance(reply, Receipt | Rejection)


_NOTICE = _notice()


def _reminded(days: float, **said: Any) -> tuple[Sides, Envelope]:
    """South, which owes an answer since some days, and a reminder of it in which something may be said otherwise."""
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.AMBIGUOUS)
    owed = sides.obligation("south", Kind.FEEDBACK)
    sides.now += timedelta(days=days)
    body = {"obligation_id": owed.id, "level": 1, "overdue_since": owed.due_at.isoformat()} | said
    told = replace(sides.sent[0], message_type="701", body_schema_id=70101, seq=2, message_id="r-1",
                   recorded_at=sides.now, payload=write_body(body), parts=())  # fmt: skip
    return sides, told


def test_a_reminder_of_what_is_overdue_is_heard_once_on_each_level() -> None:
    sides, told = _reminded(4)
    assert isinstance(sides.hear(told), Receipt)
    again = replace(told, message_id="r-2", seq=3)
    assert sides.hear(again) == Rejection("r-2", "E-TEC-02", "/payload/level")


@pytest.mark.parametrize(
    ("days", "said", "path"),
    [
        (0.5, {}, "/payload/overdue_since"),
        (4, {"level": 4}, "/payload/level"),
        (4, {"level": 0}, "/payload/level"),
        (4, {"obligation_id": "c-1/NOTHING"}, "/payload/obligation_id"),
    ],
)
def test_what_is_not_overdue_or_not_owed_is_not_reminded_of(days: float, said: dict[str, Any], path: str) -> None:
    sides, told = _reminded(days, **said)
    assert sides.hear(told) == Rejection("r-1", "E-TEC-02", path)
    assert all(each.kind is not Kind.REMINDER_REPLY for each in sides.sides["south"].obligations)


def test_who_goes_on_with_what_is_refused_is_told_to_be_slower_and_fills_no_book() -> None:
    sides, told = _reminded(4, level=9)
    for number in range(REFUSED_MAX + 5):
        last = sides.hear(replace(told, message_id=f"x-{number}"))
    assert last == Rejection(f"x-{REFUSED_MAX + 4}", "E-TEC-11")
    assert len(sides.sides["south"].refused) == REFUSED_MAX


def test_an_answer_item_by_item_speaks_of_what_was_asked() -> None:
    sides = Sides("301")
    sides.say("north", "301")
    sides.find("south", Finding.PAIRED)
    sides.cut.add("south")
    answer = sides.say("south", "302", items=[{"item_id": "zz", "result": "CONFIRMED"}]).messages[0]
    assert sides.hear(answer) == Rejection(answer.message_id, "E-TEC-02", "/payload/items")
