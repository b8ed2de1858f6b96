"""What the house must do next in a conversation: by itself, or by its people. A table, and nothing else decides.

A duty is never queued: it follows from the state, so none can be lost, and what is done twice is seen to be done.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from services.exchange.clerk.conditions import (
    Predicate,
    always,
    answer,
    latest,
    notice,
    one_sided,
    only_departure,
    owes,
    to_notify,
    unanswered,
    unanswered_notice,
    unknown,
    unsaid,
)
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.states import Clock, Role, State, Talk


class Does(StrEnum):
    """What is to be done. All but PEOPLE the house does by itself."""

    NOTIFY = "NOTIFY"
    """Say 201 for the arrival that was registered."""
    ANNOUNCE = "ANNOUNCE"
    """Say 202 for the departure that was registered, or that is forwarded."""
    REPORT = "REPORT"
    """Say 501 for what was sent on as a discrepancy."""
    RESPOND = "RESPOND"
    """Answer 101: find the person and tell what may be told."""
    PAIR = "PAIR"
    """Find out who is meant."""
    MEET = "MEET"
    """Look whether the person whose departure was announced has arrived here."""
    ANSWER = "ANSWER"
    """Compare what was asserted with what is held, and answer 203 or 204."""
    ACCEPT = "ACCEPT"
    """Settle: say 213 to an answer that leaves nothing to decide."""
    ADOPT = "ADOPT"
    """Take over a change of the partner's, and say 402 where it is asked for."""
    CLOSE = "CLOSE"
    """Say 402 to the end of a stay."""
    COMPENSATE = "COMPENSATE"
    """See to it that what a withdrawn notice did is undone."""
    EXCUSE = "EXCUSE"
    """Say 702 to a reminder: why it takes long."""
    PEOPLE = "PEOPLE"
    """No machine may decide it."""


class Duty(NamedTuple):
    """`about`: the message or registration that it is about. `why`: for PEOPLE, one word of `REASONS`."""

    does: Does
    about: str = ""
    why: str = ""


REASONS: Mapping[str, str] = {
    "who-is-meant": "Several people fit, or identifier and person contradict each other.",
    "look": "Somebody must go and look: an interim answer was given.",
    "verify": "The partner asks to verify items of a record.",
    "clarify": "The partner asks what was meant.",
    "dispute": "The partner doubts a value of a record that is kept here.",
    "differences": "The origin holds something else: adopt it, keep one's own, or correct the notice.",
    "refused": "The notice was refused: correct it or take it back.",
    "contested": "The refusal was not answered in time: a supervisor must look.",
    "unanswered": "No answer came, or none was given, in all that time: the record is one-sided.",
    "dead-letter": "A message could not be delivered or was rejected: find another way.",
    "asked-in-circles": "The notice was forwarded to a region that was asked before, or too often.",
    "still-true": "The link must be confirmed: does the person still live here?",
}

SEEN_LATER: Mapping[str, str] = {
    "death-without-day": "The partner tells of a death without a day, or with one that cannot be.",
    "many-outflows": "The partner has claimed more arrivals within a day than are confirmed without people.",
    "in-the-future": "The partner tells of a move that lies in the future: nothing is confirmed before its day.",
    "protected": "The person is protected here: nothing of them is told by a machine.",
}
"""Reasons that only the register shows, when the clerk looks."""


def duty_of(conversation: Conversation, *, knows_person: bool = False) -> Duty | None:
    """The next thing owed by the house in this conversation; None where it waits for others.

    What it does by itself goes first. Only a reminder of what people owe is theirs to reply to: no program knows why
    they take long.
    `knows_person`: whether it is settled who in this register is meant.
    """
    here = TABLE.get((conversation.talk, conversation.role), {}).get(conversation.state, NOTHING)
    cases = (*ALWAYS, *here)
    found = [
        Duty(case.does, about, case.why)
        for case in cases
        if (about := case.when(conversation, knows_person)) is not None
    ]
    if {each.does for each in found} == {Does.EXCUSE, Does.PEOPLE}:
        found = [each for each in found if each.does is Does.PEOPLE]
    return min(found, key=lambda duty: duty.does is Does.PEOPLE, default=None)


class Case(NamedTuple):
    """A duty and when it is owed."""

    when: Predicate
    does: Does
    why: str = ""


_S, _P = State, Does.PEOPLE
_NOTICE = Case(to_notify, Does.NOTIFY)
_CIRCLES = Case(unsaid(in_circles=True), _P, "asked-in-circles")
_ADOPT = Case(unanswered(("401", "CHANGES")), Does.ADOPT)
_CLOSE = Case(unanswered(("404", "*"), ("401", "ENDS_STAY")), Does.CLOSE)
_STILL_TRUE = Case(owes(Kind.RECONFIRM, Clock.DUE_SOON, Clock.OVERDUE, Clock.ESCALATED), _P, "still-true")

ALWAYS = (
    Case(unanswered(("701", "*")), Does.EXCUSE),
    Case(owes(Kind.COMPENSATION), Does.COMPENSATE),
    Case(owes(Kind.MANUAL_DELIVERY), _P, "dead-letter"),
    Case(unanswered(("303", "*")), _P, "clarify"),
)
"""Owed wherever the conversation stands."""

NOTHING: tuple[Case, ...] = ()
TABLE: Mapping[tuple[Talk, Role], Mapping[State, tuple[Case, ...]]] = {
    (Talk.MOVE, Role.DESTINATION): {
        _S.NONE: (_NOTICE, _CIRCLES),
        _S.OPEN: NOTHING,
        _S.UNDELIVERABLE: NOTHING,
        _S.DELIVERED: (_NOTICE, Case(only_departure, Does.MEET)),
        _S.VERIFYING: NOTHING,
        _S.REFUSED: (Case(always, _P, "refused"),),
        _S.FORWARDED: NOTHING,
        _S.CONTESTED: (Case(always, _P, "contested"),),
        _S.ANSWERED: (Case(answer(settled=True), Does.ACCEPT), Case(answer(settled=False), _P, "differences")),
        _S.SETTLED: (_ADOPT, _STILL_TRUE),
        _S.CLOSING: (_CLOSE, _ADOPT),
        _S.CLOSED: NOTHING,
        _S.WITHDRAWN: NOTHING,
        _S.LAPSED: (Case(one_sided, _P, "unanswered"),),
    },
    (Talk.MOVE, Role.ORIGIN): {
        _S.NONE: (
            Case(unanswered(("101", "*")), Does.RESPOND),
            Case(unsaid(in_circles=False), Does.ANNOUNCE),
            _CIRCLES,
        ),
        _S.OPEN: NOTHING,
        _S.UNDELIVERABLE: NOTHING,
        _S.DELIVERED: (Case(notice, Does.PAIR),),
        _S.MANUAL_PAIRING: (Case(notice, _P, "who-is-meant"),),
        _S.PAIRED: (Case(notice, Does.ANSWER),),
        _S.VERIFYING: (Case(notice, _P, "look"),),
        _S.REFUSING: NOTHING,
        _S.REFUSED: NOTHING,
        _S.FORWARDED: NOTHING,
        _S.CONTESTED: NOTHING,
        _S.ANSWERED: NOTHING,
        _S.SETTLED: (_ADOPT,),
        _S.CLOSING: (_CLOSE, _ADOPT),
        _S.CLOSED: NOTHING,
        _S.WITHDRAWN: NOTHING,
        _S.LAPSED: (Case(unanswered_notice, _P, "unanswered"),),
    },
    (Talk.VERIFY, Role.ASKER): {
        _S.NONE: NOTHING,
        _S.OPEN: NOTHING,
        _S.UNDELIVERABLE: NOTHING,
        _S.DELIVERED: NOTHING,
        _S.VERIFYING: NOTHING,
        _S.ANSWERED: NOTHING,
        _S.CLARIFYING: NOTHING,
        _S.CLOSED: NOTHING,
        _S.LAPSED: NOTHING,
    },
    (Talk.VERIFY, Role.ANSWERER): {
        _S.NONE: NOTHING,
        _S.DELIVERED: (Case(latest("301"), Does.PAIR),),
        _S.MANUAL_PAIRING: (Case(latest("301"), _P, "who-is-meant"),),
        _S.PAIRED: (Case(latest("301"), _P, "verify"),),
        _S.VERIFYING: (Case(latest("301"), _P, "look"),),
        _S.ANSWERED: NOTHING,
        _S.CLARIFYING: NOTHING,
        _S.CLOSED: NOTHING,
        _S.LAPSED: (Case(latest("301"), _P, "unanswered"),),
    },
    (Talk.DISCREPANCY, Role.ASKER): {
        _S.NONE: (Case(unsaid(in_circles=False), Does.REPORT), _CIRCLES),
        _S.OPEN: NOTHING,
        _S.UNDELIVERABLE: NOTHING,
        _S.RECEIVED: NOTHING,
        _S.UNDER_INVESTIGATION: NOTHING,
        _S.DECIDED: NOTHING,
        _S.FORWARDED: NOTHING,
        _S.LAPSED: NOTHING,
    },
    (Talk.DISCREPANCY, Role.ANSWERER): {
        _S.NONE: NOTHING,
        _S.RECEIVED: (Case(unknown(latest("501")), Does.PAIR), Case(latest("501"), _P, "dispute")),
        _S.UNDER_INVESTIGATION: (Case(latest("501"), _P, "dispute"),),
        _S.DECIDED: NOTHING,
        _S.FORWARDED: NOTHING,
        _S.LAPSED: (Case(latest("501"), _P, "unanswered"),),
    },
}
"""What is owed in each state that a side can be in. A state of the protocol that is missing here fails a test."""


def find_duty(conversation: Conversation, knows_person: bool) -> str | None:
    """The word of what is owed, as it stands beside a conversation."""
    duty = duty_of(conversation, knows_person=knows_person)
    return None if duty is None else duty.does.value
