"""What a partner is told of something that happened to somebody after the conversation began. Pure."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from services.exchange.protocol.actions import allowed_actions
from services.exchange.protocol.bodies import Body, Value, read_body, text_of
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.deadlines import ROUNDS_MAX
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import FINAL, Link, Role, State
from services.exchange.register.facts import News, Told
from services.exchange.register.posts import instant_of


class Word(NamedTuple):
    """To be said now."""

    code: str
    body: Body
    message_id: str
    effective_on: date
    in_reply_to: str | None = None


class Later(NamedTuple):
    """Not now: the conversation must come to a state in which it can be said."""


class Never(NamedTuple):
    """It was said, or there is nothing to say."""


Finding = Word | Later | Never
LATER, NEVER = Later(), Never()
_OVER = FINAL | {State.CLOSING}
_WITHDRAWALS = {
    "recorded-twice": "DUPLICATE",
    "did-not-happen": "NOT_TAKEN_UP",
    "wrong-register": "OTHER_PERSON",
}
_CORRECTIONS = {"clerical-error": "TYPING_ERROR", "late-evidence": "DOCUMENT_SEEN", "wrong-person": "WRONG_PERSON"}


def find_word(told: Told, conversation: Conversation) -> Finding:
    """What is to be said of it in a conversation about a move."""
    if conversation.find_letter(_message_id(told, conversation)) is not None:
        return NEVER
    return _FIND[told.news](told, conversation)


def _died(told: Told, c: Conversation) -> Finding:
    return _say_end(told, c, "401", {"change_kind": "DEATH", "effect": "ENDS_STAY"})


def _left(told: Told, c: Conversation) -> Finding:
    """Of whoever moved on to another region the origin's record must say where: a change of the record. Whoever went
    back, or nobody knows where, has ended the stay, and that is all.
    """
    if c.role is not Role.DESTINATION or (told.said_in is not None and str(told.said_in) in c.ids):
        return NEVER
    if told.region == c.partner or told.how == "returned":
        return _say_end(told, c, "404", {"reason": "RETURNED", "ended_on": told.on.isoformat()})
    if told.how == "not-found":
        return _say_end(told, c, "404", {"reason": "UNKNOWN", "ended_on": told.on.isoformat()})
    if told.region is None:
        return _say_end(told, c, "404", {"reason": "MOVED_ON", "ended_on": told.on.isoformat()})
    return _say_end(told, c, "401", _moved_to(told.region))


def _arrived(told: Told, c: Conversation) -> Finding:
    """Who comes from the partner itself is told of by a notice of arrival."""
    if c.role is not Role.ORIGIN or told.region == c.partner:
        return NEVER
    return _say_end(told, c, "401", _moved_to(c.own))


def _corrected(told: Told, c: Conversation) -> Finding:
    if c.role is not Role.DESTINATION or c.registration_id != str(told.target_id):
        return NEVER
    if c.state is State.SETTLED:
        return _word(told, c, "401", {"change_kind": "CORRECTION", "effect": "CHANGES"})
    if c.round >= ROUNDS_MAX:
        return NEVER
    if _may_say(c, "211"):
        answer = next(each for each in reversed(c.taken) if each.code in ("203", "204"))
        reason = _CORRECTIONS.get(told.how, "OTHER")
        body: Mapping[str, Value] = {
            "registration_id": str(told.target_id),
            "changed_fields": ["moved_in_on"],
            "reason": reason,
        }
        return _word(told, c, "211", body, answer.id)
    return NEVER if c.state in _OVER else LATER


def _annulled(told: Told, c: Conversation) -> Finding:
    reason = _WITHDRAWALS.get(told.how, "ERROR")
    target = str(told.target_id)
    if c.role is Role.DESTINATION and c.registration_id == target:
        body: Mapping[str, Value] = {"notice": "ARRIVAL", "reason": reason, "reverses_event_ids": [target]}
        if _may_say(c, "212"):
            return _word(told, c, "212", body)
        return NEVER if c.state in FINAL else LATER
    if c.role is Role.ORIGIN and c.departure_event_id == target and c.arrival is None:
        body = {"notice": "DEPARTURE", "reason": reason, "reverses_event_ids": [target]}
        return _word(told, c, "212", body) if _may_say(c, "212") else NEVER
    return LATER if c.state is State.NONE else NEVER


_FIND: Mapping[News, Callable[[Told, Conversation], Finding]] = {
    News.DEATH: _died,
    News.LEFT: _left,
    News.ARRIVED: _arrived,
    News.CORRECTED: _corrected,
    News.ANNULLED: _annulled,
}


def _may_say(c: Conversation, code: str) -> bool:
    return any(each.what == code for each in allowed_actions(c))


def _say_end(told: Told, c: Conversation, code: str, body: Mapping[str, Value]) -> Finding:
    """Ends the stay that this conversation is about, unless it began later than what happened."""
    since = moved_in_on(c)
    if since is not None and since > told.on:
        return NEVER
    if c.state is State.SETTLED and c.link is Link.OPEN:
        return _word(told, c, code, body)
    return NEVER if c.state in _OVER or (c.state is State.SETTLED and c.link is not Link.OPEN) else LATER


def moved_in_on(c: Conversation) -> date | None:
    """Since when the person lives at the destination, by the notice that stands."""
    notice = c.find_letter(c.arrival) or c.find_taken(c.arrival)
    if notice is None:
        return None
    text = text_of(read_body(notice.envelope.payload, CATALOGUE["201"].items), "moved_in_on")
    return date.fromisoformat(text) if text else None


def _moved_to(region: str) -> Mapping[str, Value]:
    return {"change_kind": "ADDRESS", "effect": "ENDS_STAY", "next_jurisdiction": region}


def _word(told: Told, c: Conversation, code: str, body: Mapping[str, Value], in_reply_to: str | None = None) -> Finding:
    return Word(code, body, _message_id(told, c), told.on, in_reply_to)


def _message_id(told: Told, c: Conversation) -> str:
    """One word for one fact in one conversation, however often it is worked out; joined or not."""
    said = c.arrival or c.departure or c.id
    return derive_id(instant_of(str(told.event_id)), c.own, told.event_id, said)
