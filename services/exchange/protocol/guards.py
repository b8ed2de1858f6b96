"""Guards of the transition table: predicates on a conversation, seen from the side to which the row applies."""

from collections.abc import Callable
from typing import NamedTuple

from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation, Letter, Taken
from services.exchange.protocol.deadlines import EXTENSIONS_MAX, REOPEN_WITHIN, ROUNDS_MAX, Kind
from services.exchange.protocol.states import Delivery, Link
from services.exchange.protocol.table.row import Guard

_ARE_ENDS = {("401", "ENDS_STAY")}
_INTERIM = {("203", "UNDER_VERIFICATION"), ("302", "PENDING")}
_VERDICTS = ("203", "204", "302", "503")


class Asked(NamedTuple):
    """What is said or heard, as far as guards look at it. `is_ours`: we say it. `names`: messages that it names."""

    code: str
    in_reply_to: str | None
    is_ours: bool
    names: frozenset[str] = frozenset()


Predicate = Callable[[Conversation, Asked], bool]


def holds(guard: Guard, conversation: Conversation, asked: Asked) -> bool:
    return PREDICATES[guard](conversation, asked)


def find_message(conversation: Conversation, message_id: str | None) -> Letter | Taken | None:
    """A message of either side."""
    return conversation.find_letter(message_id) or conversation.find_taken(message_id)


def _arrival_stands(conversation: Conversation, asked: Asked) -> bool:
    return conversation.arrival is not None


def _no_arrival(conversation: Conversation, asked: Asked) -> bool:
    return conversation.arrival is None


def _only_departure(conversation: Conversation, asked: Asked) -> bool:
    return conversation.arrival is None and conversation.departure is not None


def _notice_rejected(conversation: Conversation, asked: Asked) -> bool:
    letter = conversation.find_letter(conversation.arrival)
    return letter is not None and letter.delivery is Delivery.REJECTED_TECH


def _rounds_left(conversation: Conversation, asked: Asked) -> bool:
    if asked.code != "303":
        return conversation.round < ROUNDS_MAX
    said = conversation.letters if asked.is_ours else conversation.taken
    return sum(each.code == "303" for each in said) < ROUNDS_MAX


def _may_extend(conversation: Conversation, asked: Asked) -> bool:
    interims = [each for each in conversation.letters if each.code == asked.code]
    same = [each for each in interims if each.envelope.in_reply_to == asked.in_reply_to]
    return len(same) <= EXTENSIONS_MAX


def _not_answered(conversation: Conversation, asked: Asked) -> bool:
    return not any(
        each.code == asked.code and each.envelope.in_reply_to == asked.in_reply_to for each in conversation.letters
    )


def _still_asked(conversation: Conversation, asked: Asked) -> bool:
    """Whoever gave up an answer for lost brings that one through, and does not say another."""
    requests = [each.id for each in conversation.taken if each.code in CATALOGUE[asked.code].answers]
    answers = [
        each
        for each in conversation.letters
        if each.envelope.in_reply_to == asked.in_reply_to and each.delivery is not Delivery.REJECTED_TECH
    ]
    is_answered = any((each.code, each.outcome) not in _INTERIM and each.code in _VERDICTS for each in answers)
    return requests[-1:] == [asked.in_reply_to] and not is_answered


def _ends_stay(conversation: Conversation, asked: Asked) -> bool:
    request = find_message(conversation, asked.in_reply_to)
    return request is not None and _is_end(request)


def _updates(conversation: Conversation, asked: Asked) -> bool:
    return find_message(conversation, asked.in_reply_to) is not None and not _ends_stay(conversation, asked)


def _was_settled(conversation: Conversation, asked: Asked) -> bool:
    in_time = conversation.since is not None and conversation.now - conversation.since <= REOPEN_WITHIN
    return conversation.link is Link.ENDED and conversation.arrival is not None and in_time


def ends_of_stay(conversation: Conversation) -> list[str]:
    """Messages of both sides that ended the stay."""
    said: list[Letter | Taken] = [*conversation.letters, *conversation.taken]
    return [each.id for each in said if _is_end(each)]


def _is_end(message: Letter | Taken) -> bool:
    return message.code == "404" or (message.code, message.outcome) in _ARE_ENDS


def _names_our_ends(conversation: Conversation, asked: Asked) -> bool:
    return all(each.id in asked.names for each in conversation.letters if _is_end(each))


def _nothing_owed(conversation: Conversation, asked: Asked) -> bool:
    aside = (Kind.MANUAL_DELIVERY, Kind.REMINDER_REPLY)
    return all(each.kind in aside for each in conversation.open_obligations)


def _own_debt(conversation: Conversation, asked: Asked) -> bool:
    return any(
        each.debtor == conversation.own and each.kind in (Kind.VERIFICATION, Kind.VERIFICATION_FINAL)
        for each in conversation.open_obligations
    )


def _answer_said(conversation: Conversation, asked: Asked) -> bool:
    """Who speaks of what comes after it has it, whatever became of its receipt."""
    return any(
        each.code == "203" and (each.code, each.outcome) not in _INTERIM and each.delivery is not Delivery.REJECTED_TECH
        for each in conversation.letters
    )


def _compensation_owed(conversation: Conversation, asked: Asked) -> bool:
    return any(each.kind is Kind.COMPENSATION for each in conversation.open_obligations)


PREDICATES: dict[Guard, Predicate] = {
    Guard.ARRIVAL_STANDS: _arrival_stands,
    Guard.NO_ARRIVAL: _no_arrival,
    Guard.ONLY_DEPARTURE: _only_departure,
    Guard.NOTICE_REJECTED: _notice_rejected,
    Guard.ROUNDS_LEFT: _rounds_left,
    Guard.MAY_EXTEND: _may_extend,
    Guard.NOT_ANSWERED: _not_answered,
    Guard.STILL_ASKED: _still_asked,
    Guard.ENDS_STAY: _ends_stay,
    Guard.UPDATES: _updates,
    Guard.WAS_SETTLED: _was_settled,
    Guard.NAMES_OUR_ENDS: _names_our_ends,
    Guard.NOTHING_OWED: _nothing_owed,
    Guard.COMPENSATION_OWED: _compensation_owed,
    Guard.OWN_DEBT: _own_debt,
    Guard.ANSWER_SAID: _answer_said,
}
