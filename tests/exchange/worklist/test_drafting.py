"""An office says a word; what it needs more is told all at once, and what is drafted is what the protocol takes."""

from datetime import date
from typing import Any

import pytest

from services.exchange.particulars.commitments import commit
from services.exchange.particulars.forms import check_parts
from services.exchange.protocol import Conversation, decide
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.stimuli import Finding, Say
from services.exchange.worklist.actions import office_actions
from services.exchange.worklist.drafting import Draft, Said, Wish, WrongDraftError, draft
from services.exchange.worklist.examples import example_of
from services.exchange.worklist.sayable import describe, sayable, words_of
from tests.exchange.protocol.two_sides import MONDAY, Sides
from tests.exchange.protocol.world import DIRECTORY

TODAY = MONDAY.date()
DIFFERENT = [
    {"path": "family_name", "verdict": "SAME"},
    {"path": "birth_on", "verdict": "DIFFERENT"},
    {"path": "sex", "verdict": "DIFFERENT"},
]


def answered() -> Conversation:
    """North, whose notice south confirmed with two differences."""
    sides = Sides()
    sides.say("north", "201")
    sides.find("south", Finding.PAIRED)
    sides.say("south", "203", "CONFIRMED_WITH_DIFFERENCES", field_results=DIFFERENT)
    return sides.sides["north"]


def refused() -> Conversation:
    sides = Sides()
    sides.say("north", "201")
    sides.say("south", "204", "B-G")
    return sides.sides["north"]


def noticed() -> Conversation:
    """South, that must answer a notice."""
    sides = Sides()
    sides.say("north", "201", keep_origin_registration=True)
    sides.find("south", Finding.PAIRED)
    return sides.sides["south"]


def asked() -> Conversation:
    """South, that is asked to verify two items."""
    sides = Sides("301")
    items = [{"item_id": str(number), "path": path, "question": "IS_IT_SO"} for number, path in
             enumerate(("birth_on", "family_name"), 1)]  # fmt: skip
    sides.say("north", "301", items=items)
    sides.find("south", Finding.PAIRED)
    return sides.sides["south"]


def problems_of(conversation: Conversation, wish: Wish) -> list[tuple[str, str]]:
    with pytest.raises(WrongDraftError) as wrong:
        draft(conversation, wish, TODAY)
    return [(each.path, each.rule) for each in wrong.value.problems]


def say(conversation: Conversation, drafted: Draft) -> str:
    """The state after it; the protocol and the allow-list of parts take it."""
    parts = [] if drafted.document is None else [commit("subject", drafted.document)]
    outcome = CATALOGUE[drafted.code].outcome_of(drafted.body)
    check_parts(drafted.code, outcome, parts)
    wish = Say(drafted.code, drafted.body, "m-9", in_reply_to=drafted.in_reply_to, parts=tuple(p.part for p in parts))
    decision = decide(wish, conversation, MONDAY, DIRECTORY)
    assert decision.denial is None, decision.denial
    return decision.conversation.state


def test_a_notice_is_confirmed_by_one_word_with_what_follows_from_it() -> None:
    conversation = noticed()
    drafted = draft(conversation, Wish("confirmed"), TODAY)
    assert (drafted.code, drafted.body["outcome"], drafted.body["origin_effect"]) == (
        "203", "CONFIRMED", "OUTFLOW_RECORDED",
    )  # fmt: skip
    assert drafted.body["departed_on"] == "2026-02-02"
    assert say(conversation, drafted) == "ANSWERED"


def test_a_refusal_with_forwarding_says_that_the_region_is_missing_and_takes_it_then() -> None:
    conversation = noticed()
    ((path, rule),) = problems_of(conversation, Wish("B-F"))
    assert path == "/forward_to_jurisdiction"
    assert "B-F" in rule
    assert say(conversation, draft(conversation, Wish("B-F", {"forward_to_jurisdiction": "west"}), TODAY)) == "REFUSING"
    assert say(conversation, draft(conversation, Wish("B-G"), TODAY)) == "REFUSING"


def test_everything_that_is_missing_or_wrong_is_told_at_once() -> None:
    conversation = refused()
    told = problems_of(conversation, Wish("211", {"reason": "TYPING", "moved_in_on": "yesterday", "moood": "good"}))
    assert {path for path, _ in told} == {"/unknown-field", "/reason", "/changed_fields", "/moved_in_on"} | (
        {"/registration_id"} if conversation.registration_id is None else set()
    )
    assert "no field" in str(problems_of(conversation, Wish("TYPING_ERROR", items=[Said("hair", "red")])))
    rules = " ".join(rule for _, rule in told)
    assert "TYPING_ERROR" in rules
    assert "2026-03-02" in rules
    assert "good" not in rules


def test_of_each_difference_it_is_said_what_became_of_it() -> None:
    conversation = answered()
    ((path, rule),) = problems_of(conversation, Wish("213", items=[Said("birth_on", "KEPT_DESTINATION")]))
    assert (path, "sex" in rule, "birth_on" in rule.partition("One of")[0]) == ("/items", True, False)
    both = [Said("birth_on", "ADOPTED_ORIGIN"), Said("sex", "SENT_TO_DISCREPANCY")]
    drafted = draft(conversation, Wish("213", items=both), TODAY)
    assert drafted.body["outcome"] == "SENT_TO_DISCREPANCY"
    assert say(conversation, drafted) == "SETTLED"
    wrong = problems_of(conversation, Wish("213", items=[Said("birth_on", "AGREED"), Said("hair", "ADOPTED_ORIGIN")]))
    assert len(wrong) == 3


def test_a_verification_is_answered_item_by_item_by_number_or_field() -> None:
    conversation = asked()
    items = [Said("1", "CORRECTED", "1975-03-02"), Said("family_name", "CONFIRMED")]
    drafted = draft(conversation, Wish("302", items=items, method="DOCUMENT", role="registrar"), TODAY)
    assert drafted.body["outcome"] == "VERIFIED"
    assert [(each["item_id"], each["result"]) for each in drafted.body["items"]] == [
        ("1", "CORRECTED"), ("2", "CONFIRMED"),
    ]  # fmt: skip
    assert drafted.document == {"values": [{"item_id": "1", "value": "1975-03-02"}]}
    assert say(conversation, drafted) == "ANSWERED"
    assert "1975" not in str(drafted.body)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([Said("1", "CONFIRMED")], "family_name (item 2)"),
        ([Said("1", "CORRECTED"), Said("2", "CONFIRMED")], "the right value"),
        ([Said("1", "YES"), Said("2", "CONFIRMED")], "NOT_KNOWN"),
        ([Said("1", "CONFIRMED"), Said("2", "CONFIRMED"), Said("3", "CONFIRMED")], "nobody asks for that"),
        ([Said("1", "CONFIRMED"), Said("2", "CONFIRMED"), Said("1", "NOT_KNOWN")], "said already"),
        ([Said("1", "CONFIRMED"), Said("birth_on", "NOT_KNOWN"), Said("2", "CONFIRMED")], "twice"),
        ([Said("1", "CORRECTED", "nonsense"), Said("2", "CONFIRMED")], "1975-03-02"),
        ([], "Answer every item"),
    ],
)
def test_an_item_without_its_answer_is_named(items: list[Said], said: str) -> None:
    assert said in " ".join(rule for _, rule in problems_of(asked(), Wish("302", items=items)))


def test_what_is_not_permitted_says_nothing_else_and_what_must_wait_waits_as_a_whole() -> None:
    conversation = asked()
    for wish in (Wish("NOT_PERMITTED"), Wish("302", items=[Said("1", "NOT_PERMITTED"), Said("2", "NOT_PERMITTED")])):
        drafted = draft(conversation, wish, TODAY)
        assert (drafted.body, drafted.document) == ({"outcome": "NOT_PERMITTED"}, None)
    assert say(conversation, draft(conversation, Wish("PENDING"), TODAY)) == "VERIFYING"
    assert "nobody asks" in problems_of(conversation, Wish("303", items=[Said("7")]))[0][1]
    clarified = draft(conversation, Wish("303", items=[Said("2")]), TODAY)
    assert clarified.body == {"item_ids": ["2"]}


def test_a_reminder_is_answered_by_why_it_takes_long() -> None:
    sides = Sides()
    sides.say("north", "201")
    sides.pass_days(5)
    conversation = sides.sides["south"]
    assert any(each.code == "701" for each in conversation.taken)
    drafted = draft(conversation, Wish("WORKLOAD", {"new_expected_at": "2026-03-20"}), date(2026, 3, 7))
    assert (drafted.code, drafted.body["reason_code"]) == ("702", "WORKLOAD")
    assert drafted.in_reply_to is not None


def test_a_word_that_cannot_be_said_now_is_answered_with_those_that_can_in_words() -> None:
    told = problems_of(noticed(), Wish("CONFIRMD"))
    assert {path for path, _ in told} == {"/word"}
    assert "Did you mean CONFIRMED?" in told[0][1]
    rule = " ".join(each for _, each in told)
    for words in ("203 ArrivalFeedback", "B-G: nobody was found", "UNDER_VERIFICATION"):
        assert words in rule
    assert "212 " not in str(problems_of(refused(), Wish("212")))


def test_while_it_is_open_who_is_meant_no_answer_goes_around_the_decision() -> None:
    for first, left in (("201", []), ("301", ["303"])):
        sides = Sides(first)
        sides.say("north", first)
        sides.find("south", Finding.AMBIGUOUS)
        conversation = sides.sides["south"]
        assert [each.what for each in sayable(conversation)] == left
        assert "decide" in [each["what"] for each in office_actions(conversation)]
        assert "PAIRED" not in [each["what"] for each in office_actions(conversation)]


def test_every_message_has_an_example_and_every_code_its_words() -> None:
    for message in CATALOGUE.values():
        assert " REGION CONVERSATION" in example_of(message)
    assert all(describe(code) != code for code in FAILURES)
    for conversation in (noticed(), asked(), answered(), refused()):
        assert all(isinstance(words_of(each), tuple) for each in sayable(conversation))


def test_nothing_that_is_typed_breaks_the_drafting() -> None:
    odd: list[Any] = ["", " ", "\0", "B-" * 5000, "203\n", "Ω", "213 ALL_SETTLED"]
    for word in odd:
        with pytest.raises(WrongDraftError):
            draft(noticed(), Wish(word), TODAY)
    fields = {"departed_on": 7, "origin_effect": ["x"], "field_results": "no", "outcome": {"a": 1}}
    with pytest.raises(WrongDraftError):
        draft(noticed(), Wish("CONFIRMED", fields), TODAY)
