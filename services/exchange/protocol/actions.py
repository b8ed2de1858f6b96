"""What may be said or found next, computed from the transition table: `allowed_actions[]` of a conversation."""

from datetime import datetime
from typing import NamedTuple

from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.guards import Asked, holds
from services.exchange.protocol.owing import matching
from services.exchange.protocol.states import Delivery
from services.exchange.protocol.table import TABLES
from services.exchange.protocol.table.row import On, Row
from services.exchange.protocol.transitions import side_of


class Action(NamedTuple):
    """One thing that may be done now. `what`: a message's code, a finding, `requeue` or `prove`.

    `outcomes`: what it may say, empty where it says one thing. `in_reply_to`: what it would answer, or which letter it
    is about. `due_at`: when it is owed, if it is. `leads_to`: the state after it.
    """

    what: str
    name: str
    outcomes: tuple[str, ...] = ()
    in_reply_to: str | None = None
    due_at: datetime | None = None
    leads_to: str = ""


def allowed_actions(conversation: Conversation) -> tuple[Action, ...]:
    """In the order of the table; dead letters last."""
    found: list[Action] = []
    for row in TABLES[conversation.talk].rows:
        move = side_of(row, conversation.role, is_ours=True)
        if move is None or conversation.state not in move.where or row.what == "701":
            continue
        to = move.to or conversation.state
        if row.on is On.FINDING and all(holds(guard, conversation, Asked("", None, True)) for guard in move.when):
            found.append(Action(row.what, row.doc, leads_to=to))
        elif row.on is On.WORD:
            for request in _requests(conversation, row):
                if all(holds(guard, conversation, Asked(row.what, request, True)) for guard in move.when):
                    found.append(_word(conversation, row, request, to))
    return (*found, *_about_dead_letters(conversation))


def _requests(conversation: Conversation, row: Row) -> list[str | None]:
    """Which of the partner's messages such an answer may be to: the latest of those of its kind, or none."""
    answers = CATALOGUE[row.what].answers
    if not answers:
        return [None]
    asked = [each.id for each in conversation.taken if each.code in answers]
    return [*asked] if row.what in ("402", "702", "102", "304") else [*asked[-1:]]


def _word(conversation: Conversation, row: Row, request: str | None, to: str) -> Action:
    message = CATALOGUE[row.what]
    owed = matching(conversation, message, request, debtor=conversation.own)
    due_at = min((each.due_at for each in owed), default=None)
    return Action(row.what, message.name, tuple(sorted(row.outcomes)), request, due_at, to)


def _about_dead_letters(conversation: Conversation) -> tuple[Action, ...]:
    dead = [each.id for each in conversation.letters if each.delivery is Delivery.DEAD_LETTERED]
    ways = (("requeue", "Send the dead letter again"), ("prove", "It was brought there in another way, with proof"))
    return tuple(Action(what, name, in_reply_to=letter) for letter in dead for what, name in ways)
