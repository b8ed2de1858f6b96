"""A message of the partner's has come: taken, refused, or known already."""

from services.exchange.protocol.acceptance import find_rejection
from services.exchange.protocol.bodies import ids_of, read_body
from services.exchange.protocol.catalogue import CATALOGUE, MessageType
from services.exchange.protocol.conversation import Letter, Taken
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.delivering import take_delivery
from services.exchange.protocol.envelope import Envelope, Receipt, Rejection, Urgency, message_hash
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.guards import Asked
from services.exchange.protocol.obligations import due_time, open_obligation, settle_by_delivery, void_the_rest
from services.exchange.protocol.owing import matching, owed_by
from services.exchange.protocol.states import TAKEN
from services.exchange.protocol.table.row import On
from services.exchange.protocol.transitions import find_move, go
from services.exchange.protocol.turn import Cause, Turn
from services.exchange.protocol.voice import answer_at_once

REFUSED_MAX = 100
"""Of one conversation: beyond that a partner is not making mistakes."""


def hear(turn: Turn, envelope: Envelope) -> None:
    """Takes a message, or says why not. What is heard twice changes nothing but a counter."""
    known = _find_known_reply(turn, envelope)
    if known is not None:
        turn.change(duplicates=turn.c.duplicates + 1)
        turn.reply = known
        return
    rejection = find_rejection(envelope, turn.c)
    if rejection is not None:
        turn.reply = rejection
        if not FAILURES[rejection.error_code].retryable:
            _remember(turn, rejection)
        return
    _take(turn, envelope, CATALOGUE[envelope.message_type])


def _remember(turn: Turn, rejection: Rejection) -> None:
    """What was refused is refused for ever. Whoever goes on with what is refused is only told to be slower."""
    if len(turn.c.refused) < REFUSED_MAX:
        turn.change(refused=(*turn.c.refused, rejection))
    else:
        turn.reply = Rejection(rejection.message_id, "E-TEC-11")


def _find_known_reply(turn: Turn, envelope: Envelope) -> Receipt | Rejection | None:
    """The same answer to the same message, for ever; another content under a known id is refused."""
    taken = turn.c.find_taken(envelope.message_id)
    if taken is not None:
        if taken.receipt.message_hash == message_hash(envelope):
            return taken.receipt
        return Rejection(envelope.message_id, "E-TEC-02", "/message_id")
    return next((each for each in turn.c.refused if each.message_id == envelope.message_id), None)


def _take(turn: Turn, envelope: Envelope, message: MessageType) -> None:
    body = read_body(envelope.payload, message.items)
    outcome = message.outcome_of(body)
    cause = Cause(
        envelope.message_id,
        message.code,
        envelope.effective_on or envelope.occurred_on or turn.at.date(),
        body,
        outcome,
        envelope.in_reply_to,
        is_ours=False,
        response_required=envelope.response_required,
    )
    _infer_receipt(turn, envelope)
    for obligation in matching(turn.c, message, envelope.in_reply_to, debtor=turn.c.partner):
        settle_by_delivery(turn, obligation, envelope.message_id, turn.at, voids=outcome in message.voids)
    asked = Asked(message.code, envelope.in_reply_to, is_ours=False, names=ids_of(body, "takes_back"))
    move = find_move(turn.c, On.WORD, message.code, outcome, asked)
    receipt = _open_owed(turn, cause, envelope)
    turn.put_taken(Taken(envelope, outcome, receipt, noted=move is None))
    turn.reply = receipt
    if move is not None:
        go(turn, move, cause)
    elif message.out_of_place is not None:
        answer_at_once(turn, cause, message.out_of_place)
    if turn.is_over:
        void_the_rest(turn, cause.id)


def _infer_receipt(turn: Turn, envelope: Envelope) -> None:
    """An answer to something whose receipt was lost: the partner has it, since when its answer was made."""
    letter: Letter | None = turn.c.find_letter(envelope.in_reply_to)
    if letter is not None and letter.delivery not in TAKEN:
        take_delivery(turn, letter, Receipt(letter.id, letter.hash, envelope.recorded_at))


def _open_owed(turn: Turn, cause: Cause, envelope: Envelope) -> Receipt:
    """Opens what the message obliges to; the receipt says when that is due, and by which calendar."""
    receipt = Receipt(envelope.message_id, message_hash(envelope), turn.at)
    for owed in owed_by(CATALOGUE[cause.code], cause.outcome, cause.response_required):
        urgent = envelope.urgency is Urgency.URGENT
        if owed.kind is Kind.COMPENSATION:
            calendar = turn.directory.calendars[turn.c.own]
            due, number = due_time(calendar, owed.kind, turn.c.profile, turn.at, urgent)
        else:
            debtor, creditor = (turn.c.own, turn.c.partner) if owed.by_hearer else (turn.c.partner, turn.c.own)
            about = None if owed.by_hearer else envelope.in_reply_to
            parent = cause.text("obligation_id") if owed.kind is Kind.REMINDER_REPLY else None
            obligation = open_obligation(
                turn, owed.kind, debtor, creditor, cause.id, about=about, urgent=urgent, parent=parent
            )
            due, number = obligation.due_at, obligation.calendar_version
        receipt = receipt._replace(response_due_at=due, calendar_version=number)
    return receipt
