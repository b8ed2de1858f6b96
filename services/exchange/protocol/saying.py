"""An office, or the system for it, wants to say something."""

from services.exchange.protocol.bodies import WrongBodyError, check_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.guards import Asked, ends_of_stay
from services.exchange.protocol.obligations import end_obligation
from services.exchange.protocol.states import Delivery, End, Role
from services.exchange.protocol.stimuli import Denial, Say
from services.exchange.protocol.table.row import On
from services.exchange.protocol.transitions import find_move, go
from services.exchange.protocol.turn import Turn
from services.exchange.protocol.voice import cause_of, compose, neutral


def say(turn: Turn, wish: Say) -> Denial | None:
    """Says it, or tells why it cannot be said now."""
    message = CATALOGUE.get(wish.code)
    if message is None:
        return Denial("unknown-message", "/code")
    if turn.c.find_letter(wish.message_id) is not None:
        return None
    if turn.c.talk not in message.talks or message.by not in (Role.EITHER, turn.c.role):
        return Denial("not-yours-to-say", "/code")
    spoken = neutral(_complete(turn, wish))
    try:
        check_body(spoken.body, message.items)
        message.check_complete(spoken.body)
    except WrongBodyError as wrong:
        return Denial("wrong-body", wrong.path)
    if spoken.parts and not message.has_parts:
        return Denial("no-particulars-here", "/parts")
    if message.answers and not _is_asked(turn, spoken, message.answers):
        return Denial("not-asked", "/in_reply_to")
    outcome = message.outcome_of(spoken.body)
    move = find_move(turn.c, On.WORD, wish.code, outcome, Asked(wish.code, wish.in_reply_to, is_ours=True))
    if move is None:
        return Denial("not-now", "/code")
    _end_duty_of_rejected(turn, wish.code)
    letter = compose(turn, spoken)
    go(turn, move, cause_of(letter, spoken.body, turn.at.date()))
    return None


def _complete(turn: Turn, wish: Say) -> Say:
    """What only the conversation knows: which ends of the stay are taken back by taking it up again."""
    if wish.code != "707":
        return wish
    return wish._replace(body={**wish.body, "takes_back": ends_of_stay(turn.c)})


def _is_asked(turn: Turn, wish: Say, answers: frozenset[str]) -> bool:
    request = turn.c.find_taken(wish.in_reply_to)
    return request is not None and request.code in answers


def _end_duty_of_rejected(turn: Turn, code: str) -> None:
    """Saying anew what was rejected is the other way that somebody had to find."""
    rejected = {each.id for each in turn.c.letters if each.code == code and each.delivery is Delivery.REJECTED_TECH}
    for each in turn.c.open_obligations:
        if each.kind is Kind.MANUAL_DELIVERY and each.about in rejected:
            end_obligation(turn, each, End.FULFILLED, code)
