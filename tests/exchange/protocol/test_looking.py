"""How often somebody looks makes no difference, and what was decided once is decided again."""

from dataclasses import replace
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import given, settings

from services.exchange.protocol import Conversation, decide, wake_at
from services.exchange.protocol.stimuli import Tick
from tests.exchange.protocol.two_sides import Sides
from tests.exchange.protocol.world import DIRECTORY

DAYS = st.lists(st.integers(0, 99), min_size=0, max_size=12)


def _waiting() -> list[Conversation]:
    """Conversations of both sides that wait for something, in several ways; nothing is under way."""
    found: list[Conversation] = []
    for code, refuse in (("201", False), ("201", True), ("202", False), ("301", False), ("501", False)):
        sides = Sides(code)
        sides.say("north", code)
        if refuse:
            sides.say("south", "204", "B-G")
        found += sides.sides.values()
    return found


WAITING = _waiting()


def _quiet(conversation: Conversation) -> Conversation:
    """Without letters: how often a reminder was repeated depends on when somebody looked."""
    return replace(conversation, letters=(), now=conversation.now.replace(microsecond=0))


@settings(max_examples=25, deadline=None)
@given(days=DAYS)
def test_looking_more_often_changes_no_state_no_due_time_and_no_end(days: list[int]) -> None:
    for conversation in WAITING:
        end = conversation.now + timedelta(days=100)
        once = decide(Tick(), conversation, end, DIRECTORY)
        often, told = conversation, []
        for day in sorted(days):
            decision = decide(Tick(), often, conversation.now + timedelta(days=day, hours=3), DIRECTORY)
            often, told = decision.conversation, told + list(decision.register_events)
        last = decide(Tick(), often, end, DIRECTORY)
        assert _without_own_post(last.conversation) == _without_own_post(once.conversation)
        assert [*told, *last.register_events] == list(once.register_events)


def _without_own_post(conversation: Conversation) -> Conversation:
    """Reminders that nobody receives die one day after they were first sent, which is when somebody looked."""
    kept = tuple(each for each in conversation.obligations if each.kind != "MANUAL_DELIVERY")
    return replace(_quiet(conversation), obligations=kept)


def test_whoever_looks_only_when_told_to_misses_nothing() -> None:
    for conversation in WAITING:
        steps, at = 0, wake_at(conversation)
        while at is not None and steps < 200:
            decision = decide(Tick(), conversation, max(at, conversation.now), DIRECTORY)
            conversation, steps = decision.conversation, steps + 1
            at = wake_at(conversation)
        assert steps < 200
        assert conversation.is_at_rest, (conversation.state, conversation.open_obligations)


def test_deciding_is_a_function_of_its_arguments() -> None:
    for conversation in WAITING:
        later = conversation.now + timedelta(days=50)
        assert decide(Tick(), conversation, later, DIRECTORY) == decide(Tick(), conversation, later, DIRECTORY)
