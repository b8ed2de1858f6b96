"""Protocols that are broken on purpose, one for each invariant: an oracle that cannot fail proves nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from services.exchange.protocol import Conversation, Decision, Directory, decide
from services.exchange.protocol.bodies import read_body, write_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Milestone
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.states import End, Link, Role, State
from services.exchange.protocol.stimuli import Hear, Stimulus
from tests.exchange.protocol.world import Decider


def _without_events(*types: str) -> Decider:
    def broken(stimulus: Stimulus, conversation: Conversation, now: datetime, directory: Directory) -> Decision:
        decision = decide(stimulus, conversation, now, directory)
        return decision._replace(register_events=tuple(e for e in decision.register_events if e.type not in types))

    return broken


def _afterwards(change: Callable[[Conversation, Conversation], Conversation]) -> Decider:
    """`change(before, after)` gives another conversation than was decided."""

    def broken(stimulus: Stimulus, conversation: Conversation, now: datetime, directory: Directory) -> Decision:
        decision = decide(stimulus, conversation, now, directory)
        return decision._replace(conversation=change(conversation, decision.conversation))

    return broken


def _hearing(change: Callable[[Hear, Conversation], tuple[Hear, Conversation]]) -> Decider:
    def broken(stimulus: Stimulus, conversation: Conversation, now: datetime, directory: Directory) -> Decision:
        if isinstance(stimulus, Hear):
            stimulus, conversation = change(stimulus, conversation)
        return decide(stimulus, conversation, now, directory)

    return broken


def _forgets_what_it_heard(heard: Hear, conversation: Conversation) -> tuple[Hear, Conversation]:
    known = conversation.find_taken(heard.envelope.message_id)
    if known is None:
        return heard, conversation
    rest = tuple(each for each in conversation.taken if each is not known)
    seq = 1 + sum(each.envelope.conversation_id == heard.envelope.conversation_id for each in rest)
    return Hear(replace(heard.envelope, seq=seq)), replace(conversation, taken=rest)


def _believes_every_answer(heard: Hear, conversation: Conversation) -> tuple[Hear, Conversation]:
    letter = conversation.find_letter(heard.envelope.in_reply_to)
    return Hear(replace(heard.envelope, request_hash=letter.hash)) if letter else heard, conversation


def _skips_the_order(stimulus: Stimulus, conversation: Conversation, now: datetime, directory: Directory) -> Decision:
    """Everything is taken as if it came first, and kept with the number it came with."""
    if not isinstance(stimulus, Hear):
        return decide(stimulus, conversation, now, directory)
    shifted = replace(stimulus.envelope, seq=stimulus.envelope.seq + 1)
    expected = 1 + sum(each.envelope.conversation_id == shifted.conversation_id for each in conversation.taken)
    decision = decide(Hear(replace(shifted, seq=expected)), conversation, now, directory)
    taken = tuple(
        each._replace(envelope=shifted) if each.id == shifted.message_id else each
        for each in decision.conversation.taken
    )
    return decision._replace(conversation=replace(decision.conversation, taken=taken))


def _drifting() -> Decider:
    calls = iter(range(10**9))

    def broken(stimulus: Stimulus, conversation: Conversation, now: datetime, directory: Directory) -> Decision:
        return decide(stimulus, conversation, now + timedelta(seconds=next(calls)), directory)

    return broken


def _tells_dates(stimulus: Stimulus, conversation: Conversation, now: datetime, directory: Directory) -> Decision:
    decision = decide(stimulus, conversation, now, directory)
    messages = []
    for each in decision.messages:
        body = dict(read_body(each.payload, CATALOGUE[each.message_type].items))
        if each.message_type == "204":
            body["departed_on"] = "2026-01-01"
        messages.append(replace(each, payload=write_body(body)))
    return decision._replace(messages=tuple(messages))


def _loses_an_obligation(before: Conversation, after: Conversation) -> Conversation:
    return replace(after, obligations=tuple(each for each in after.obligations if each.kind is not Kind.FEEDBACK))


def _opens_twice(before: Conversation, after: Conversation) -> Conversation:
    ended = [replace(each, end=None, ended_at=None) for each in after.obligations if each.end is not None]
    kept = [each for each in after.obligations if each.end is None]
    return replace(after, obligations=(*kept, *ended)) if len(ended) > 1 else after


def _never_lapses(before: Conversation, after: Conversation) -> Conversation:
    obligations = tuple(
        replace(each, ahead=tuple(step._replace(at=step.at + timedelta(days=40000)) for step in each.ahead))
        if each.ahead and each.ahead[0].what is Milestone.LAPSE
        else each
        for each in after.obligations
    )
    return replace(after, obligations=obligations)


def _forgets_the_link(before: Conversation, after: Conversation) -> Conversation:
    return replace(after, link=Link.NONE) if after.role is Role.ORIGIN else after


def _deletes_letters(before: Conversation, after: Conversation) -> Conversation:
    return replace(after, letters=()) if after.state is State.WITHDRAWN else after


def _waits_for_nothing(before: Conversation, after: Conversation) -> Conversation:
    """Whatever is owed is struck off."""
    struck = tuple(
        each if each.end else replace(each, end=End.VOIDED, ended_at=after.now, ahead=()) for each in after.obligations
    )
    return replace(after, obligations=struck)


SABOTAGES: dict[str, Decider] = {
    "I1 a departure that nobody confirms is not restored": _without_events("DepartureLapsed"),
    "I1 a departure is confirmed in silence": _without_events("DepartureConfirmed"),
    "I2 decisions depend on something else than their arguments": _drifting(),
    "I3 a message opens no obligation": _afterwards(_loses_an_obligation),
    "I3 an obligation ends twice": _afterwards(_opens_twice),
    "I4 a duplicate is taken again": _hearing(_forgets_what_it_heard),
    "I5 any answer is believed": _hearing(_believes_every_answer),
    "I6 a neutral answer tells a date": _tells_dates,
    "I7 the origin forgets the link": _afterwards(_forgets_the_link),
    "I8 an outflow is taken back without an event": _without_events("EventAnnulled"),
    "I8 what was withdrawn is deleted": _afterwards(_deletes_letters),
    "I9 messages are taken in any order": _skips_the_order,
    "ENDS nothing ever lapses": _afterwards(_never_lapses),
    "WAITS somebody waits for nothing": _afterwards(_waits_for_nothing),
}
