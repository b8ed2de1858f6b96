"""The command line of conversations, against a running exchange."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.domicile import make_app
from deploy.local.stack import Running
from tests.exchange.door.test_conversations import CASE, QUESTION, Clerk


@pytest.fixture(scope="module")
def said(stack: Running) -> dict[str, Any]:
    told: dict[str, Any] = Clerk(stack, "north", "registrar").post("", QUESTION | {"partner": "south"}, **CASE)
    return told


def run(stack: Running, *arguments: str) -> Any:
    return CliRunner().invoke(make_app(), ["exchange", *arguments], env={"DOMICILE_HOME": str(stack.home)})


def test_conversations_are_listed_without_anybody_s_name(stack: Running, said: dict[str, Any]) -> None:
    told = run(stack, "list", "north", "--partner", "south")
    assert told.exit_code == 0, told.output
    assert said["conversation"]["conversation_id"] in told.output
    assert "Prövande" not in told.output
    items = json.loads(run(stack, "list", "north", "--json").stdout)
    assert any(each["conversation_id"] == said["conversation"]["conversation_id"] for each in items)


def test_one_is_shown_with_what_may_be_done_and_on_a_case_with_what_was_said(
    stack: Running, said: dict[str, Any]
) -> None:
    id_ = said["conversation"]["conversation_id"]
    plain = run(stack, "show", "north", id_)
    assert "301" in plain.output
    assert "Prövande" not in plain.output
    assert "Prövande" in run(stack, "show", "north", id_, "--case", "2026/77").output


def test_what_cannot_be_done_is_told_in_a_sentence(stack: Running, said: dict[str, Any]) -> None:
    id_ = said["conversation"]["conversation_id"]
    for arguments in (
        ("say", "north", id_, "213", "--body", '{"outcome": "ALL_SETTLED"}'),
        ("requeue", "north", id_, said["message_id"]),
        ("prove", "north", id_, said["message_id"], "--received-at", "2026-03-02T09:30:00+01:00"),
        ("say", "north", id_, "213", "--body", "nonsense"),
        ("set-aside", "north", "--skip", "north.exchange/0/999999"),
    ):
        told = run(stack, *arguments)
        assert told.exit_code == 1, (arguments, told.output)
        assert "Traceback" not in told.output


def test_what_was_set_aside_is_listed(stack: Running) -> None:
    told = run(stack, "set-aside", "north")
    assert told.exit_code == 0
    assert told.output.strip().endswith("set aside.")


def test_what_waits_is_printed_for_each_role_and_a_wrong_word_is_answered_with_the_right_ones(
    stack: Running, said: dict[str, Any]
) -> None:
    for role in ("registrar", "operator", "supervisor"):
        told = run(stack, "worklist", "north", "--role", role)
        assert told.exit_code == 0, told.output
        assert set(json.loads(run(stack, "worklist", "north", "--role", role, "--json").stdout)) == {"counts", "items"}
    for arguments, words in (
        (("worklist", "north", "--list", "OVERDU"), "OVERDUE"),
        (("worklist", "north", "--partner", "suoth"), "south"),
        (("list", "north", "--partner", "suoth"), "Did you mean south?"),
        (("pause", "north", "--partner", "south", "--role", "operator"), "supervisor"),
        (("answer", "north", said["conversation"]["conversation_id"], "CONFIRMED"), "now"),
        (("answer", "north", said["conversation"]["conversation_id"], "302", "--item", "=x"), "--item"),
        (("verify", "north", said["conversation"]["conversation_id"], "--item", "hair"), "no such field"),
        (("withdraw", "north", said["conversation"]["conversation_id"]), "Nothing of ours"),
    ):
        told = run(stack, *arguments)
        assert told.exit_code == 1, (arguments, told.output)
        assert words.lower() in told.output.lower(), (arguments, told.output)
    for command in (("escalations", "north"), ("pauses", "north"), ("refused", "north")):
        assert run(stack, *command).exit_code == 0
    assert "Now may be done" in run(stack, "answer", "north", said["conversation"]["conversation_id"]).output
