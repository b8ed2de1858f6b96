"""Delivery: sending letters one after the other, repeating, and what becomes of them.

Within a conversation the next letter leaves when the one before it was taken, so that a partner never sees a gap. A
letter
that was rejected gives its number back.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.exchange.protocol.bodies import Body, read_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Letter
from services.exchange.protocol.deadlines import DEAD_AFTER, REPEAT_AFTER, Kind
from services.exchange.protocol.envelope import Receipt, Rejection, Urgency, message_hash
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.obligations import (
    due_time,
    end_obligation,
    open_obligation,
    settle_by_delivery,
    void_the_rest,
)
from services.exchange.protocol.owing import owed_by
from services.exchange.protocol.states import TAKEN, UNDER_WAY, Delivery, End
from services.exchange.protocol.table.row import On
from services.exchange.protocol.transitions import step
from services.exchange.protocol.turn import Turn
from services.exchange.protocol.voice import cause_of

_LEAST_WAIT = timedelta(minutes=5)
_CLOCKS_DIFFER = timedelta(days=400)
_CALENDARS_DIFFER = timedelta(days=14)
"""How much later than worked out here a partner may say that it owes: its calendar may be newer than ours. Whoever owes
does not choose when."""


def take_receipt(turn: Turn, receipt: Receipt) -> None:
    """901. A second receipt, or one for another content than we sent, changes nothing."""
    letter = turn.c.find_letter(receipt.message_id)
    if letter is not None and letter.delivery not in TAKEN and letter.hash == receipt.message_hash:
        take_delivery(turn, letter, receipt._replace(received_at=_believed(turn, receipt.received_at)))


def _believed(turn: Turn, received_at: datetime) -> datetime:
    """Clocks may be wrong by much; by more than a year nobody's is, and time has an end in a calendar."""
    return min(max(received_at, turn.now - _CLOCKS_DIFFER), turn.now + _CLOCKS_DIFFER)


def take_delivery(turn: Turn, letter: Letter, receipt: Receipt, how: Delivery = Delivery.RECEIPTED) -> None:
    """The partner has it since `received_at`: what it answers is fulfilled then, what it obliges to runs from then."""
    turn.put_letter(replace(letter, delivery=how, receipt=receipt, next_at=None))
    _end_duty(turn, letter)
    voids = letter.outcome in CATALOGUE[letter.code].voids
    for each in turn.c.open_obligations:
        if each.answered_by == letter.id:
            settle_by_delivery(turn, each, letter.id, receipt.received_at, voids=voids)
    _open_owed(turn, letter, receipt)
    step(turn, On.RECEIPT, letter.code, cause_of(letter, _body(letter), turn.at.date()))
    if turn.is_over:
        void_the_rest(turn, letter.id)


def take_rejection(turn: Turn, rejection: Rejection) -> None:
    """902. What may be tried again is; what may not be is a task for people."""
    letter = turn.c.find_letter(rejection.message_id)
    if letter is None or letter.delivery not in UNDER_WAY:
        return
    if FAILURES[rejection.error_code].retryable:
        turn.put_letter(replace(letter, delivery=Delivery.RETRY_WAIT, error_code=rejection.error_code))
    else:
        _fail(turn, replace(letter, delivery=Delivery.REJECTED_TECH, error_code=rejection.error_code, next_at=None))


def requeue(turn: Turn, message_id: str) -> bool:
    """An operator sends a dead letter again; whether there was one."""
    letter = turn.c.find_letter(message_id)
    if letter is None or letter.delivery is not Delivery.DEAD_LETTERED:
        return False
    _end_duty(turn, letter)
    turn.put_letter(_revived(letter))
    return True


def prove(turn: Turn, message_id: str, received_at: datetime) -> bool:
    """An operator has brought a dead letter to the partner's exchange in another way; whether there was one."""
    letter = turn.c.find_letter(message_id)
    if letter is None or letter.delivery is not Delivery.DEAD_LETTERED:
        return False
    take_delivery(turn, letter, Receipt(letter.id, letter.hash, received_at), Delivery.HANDLED_MANUALLY)
    return True


def bury(turn: Turn) -> bool:
    """Letters of which all repeats were in vain are dead; whether there were any."""
    dead = [
        each
        for each in turn.c.letters
        if each.delivery in UNDER_WAY and each.tries > len(REPEAT_AFTER) and each.next_at and each.next_at <= turn.now
    ]
    for each in dead:
        _fail(turn, replace(each, delivery=Delivery.DEAD_LETTERED, next_at=None, error_code="E-TEC-90"))
    return bool(dead)


def release(turn: Turn) -> None:
    """Sends what is to be sent now: of each thread the first letter that the partner does not have yet.

    Who speaks again where a dead letter was given up tries that one again first.
    """
    for thread in dict.fromkeys(each.envelope.conversation_id for each in turn.c.letters):
        letters = [each for each in turn.c.letters if each.envelope.conversation_id == thread]
        ahead = [each for each in letters if each.delivery not in TAKEN | {Delivery.REJECTED_TECH}]
        if not ahead:
            continue
        head, *behind = ahead
        if head.delivery is Delivery.DEAD_LETTERED:
            if _is_cared_for(turn, head) or all(each.delivery is Delivery.DEAD_LETTERED for each in behind):
                continue
            head = _revived(head)
        if head.next_at is None or head.next_at <= turn.now:
            _send(turn, head)


def bury_queue(turn: Turn, thread: str) -> None:
    """Nobody found another way: what waits behind a dead letter is dead too."""
    for each in turn.c.letters:
        if each.envelope.conversation_id == thread and each.delivery in UNDER_WAY:
            turn.put_letter(replace(each, delivery=Delivery.DEAD_LETTERED, next_at=None))
            _forget_answer(turn, each)


def _send(turn: Turn, letter: Letter) -> None:
    first_sent_at = letter.first_sent_at or turn.now
    after = REPEAT_AFTER[letter.tries] if letter.tries < len(REPEAT_AFTER) else DEAD_AFTER
    sent = replace(
        letter if letter.hash else _numbered(turn, letter),
        delivery=Delivery.SENT,
        tries=letter.tries + 1,
        attempt=letter.attempt + 1,
        first_sent_at=first_sent_at,
        next_at=max(first_sent_at + after, turn.now + _LEAST_WAIT),
    )
    turn.put_letter(sent)
    turn.messages.append(sent.envelope)


def _numbered(turn: Turn, letter: Letter) -> Letter:
    thread = letter.envelope.conversation_id
    before = sum(each.envelope.conversation_id == thread and each.delivery in TAKEN for each in turn.c.letters)
    envelope = replace(letter.envelope, seq=before + 1)
    return replace(letter, envelope=envelope, hash=message_hash(envelope))


def _revived(letter: Letter) -> Letter:
    return replace(letter, delivery=Delivery.REQUEUED, tries=0, first_sent_at=None, error_code=None)


def _is_cared_for(turn: Turn, letter: Letter) -> bool:
    return any(each.kind is Kind.MANUAL_DELIVERY and each.about == letter.id for each in turn.c.open_obligations)


def _fail(turn: Turn, letter: Letter) -> None:
    """Rejected or dead: a duty for people; what it should have answered is not answered."""
    turn.put_letter(letter)
    _forget_answer(turn, letter)
    open_obligation(
        turn, Kind.MANUAL_DELIVERY, turn.c.own, turn.c.own, f"{letter.id}#{letter.attempt}", about=letter.id
    )
    step(turn, On.FAILURE, letter.code, cause_of(letter, _body(letter), turn.at.date()))


def _forget_answer(turn: Turn, letter: Letter) -> None:
    for each in turn.c.open_obligations:
        if each.answered_by == letter.id:
            turn.put_obligation(replace(each, answered_by=None))
    if turn.is_over:
        void_the_rest(turn, letter.id)


def _end_duty(turn: Turn, letter: Letter) -> None:
    for each in turn.c.open_obligations:
        if each.kind is Kind.MANUAL_DELIVERY and each.about == letter.id:
            end_obligation(turn, each, End.FULFILLED, letter.id)


def _open_owed(turn: Turn, letter: Letter, receipt: Receipt) -> None:
    """In our book, what the partner has just opened in its own; due when its receipt says so."""
    message, envelope = CATALOGUE[letter.code], letter.envelope
    for owed in owed_by(message, letter.outcome, envelope.response_required):
        if owed.kind is Kind.COMPENSATION:
            continue
        body = _body(letter)
        parent = str(body["obligation_id"]) if owed.kind is Kind.REMINDER_REPLY else None
        debtor = turn.c.partner if owed.by_hearer else turn.c.own
        urgent = envelope.urgency is Urgency.URGENT
        open_obligation(
            turn,
            owed.kind,
            debtor,
            turn.c.own if owed.by_hearer else turn.c.partner,
            letter.id,
            about=None if owed.by_hearer else envelope.in_reply_to,
            received_at=receipt.received_at,
            urgent=urgent,
            due=_stated(turn, owed.kind, debtor, receipt, urgent),
            parent=parent,
        )


def _stated(turn: Turn, kind: Kind, debtor: str, receipt: Receipt, urgent: bool) -> tuple[datetime, int] | None:
    """The receipt's, so that it is one in both books; None where it states none, or one that cannot be."""
    if receipt.response_due_at is None or receipt.calendar_version is None:
        return None
    calendar = turn.directory.calendars[debtor]
    ours, number = due_time(calendar, kind, turn.c.profile, receipt.received_at, urgent)
    if receipt.response_due_at > ours + _CALENDARS_DIFFER:
        return None
    is_known = any(each.version == receipt.calendar_version for each in calendar.versions)
    return receipt.response_due_at, receipt.calendar_version if is_known else number


def _body(letter: Letter) -> Body:
    return read_body(letter.envelope.payload, CATALOGUE[letter.code].items)
