"""Putting what we say into an envelope and into the queue."""

from dataclasses import replace
from datetime import date

from services.exchange.protocol.acceptance import body_schema_id
from services.exchange.protocol.bodies import Body, Value, write_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.contents import EMPTY_WHERE_NOTHING_IS_TOLD
from services.exchange.protocol.conversation import Letter, Obligation
from services.exchange.protocol.deadlines import Kind
from services.exchange.protocol.envelope import Envelope, derive_id
from services.exchange.protocol.failures import spoken_code
from services.exchange.protocol.guards import find_message
from services.exchange.protocol.obligations import end_obligation
from services.exchange.protocol.owing import matching, owed_by
from services.exchange.protocol.states import End
from services.exchange.protocol.stimuli import Say
from services.exchange.protocol.turn import Cause, Turn


def neutral(say: Say) -> Say:
    """What is said where nobody was found or nothing may be told: the same for all such reasons.

    A protected person is answered like an unknown one, to the byte: no dates, no parts, no office.
    """
    message = CATALOGUE[say.code]
    body = dict(say.body)
    if say.code == "204":
        body["reason_code"] = spoken_code(message.outcome_of(body))
    told = EMPTY_WHERE_NOTHING_IS_TOLD.get((say.code, message.outcome_of(body)))
    if told is None:
        return say._replace(body=body)
    kept = {name: value for name, value in body.items() if name in told}
    return say._replace(body=kept, parts=(), occurred_on=None, effective_on=None, office="")


def compose(turn: Turn, say: Say) -> Letter:
    """A letter in the queue. It gets its number when it is its turn to be sent."""
    message = CATALOGUE[say.code]
    outcome = message.outcome_of(say.body)
    request = turn.c.find_taken(say.in_reply_to)
    version = max(message.versions)
    envelope = Envelope(
        message_id=say.message_id,
        message_type=say.code,
        schema_version=version,
        conversation_id=_thread(turn, say.in_reply_to),
        conversation_type=turn.c.talk,
        seq=0,
        sender_jurisdiction=turn.c.own,
        recipient_jurisdiction=turn.c.partner,
        recorded_at=turn.at,
        payload=write_body(say.body),
        body_schema_id=body_schema_id(say.code, version),
        sender_office=say.office,
        recipient_office=request.envelope.sender_office or None if request else None,
        in_reply_to=say.in_reply_to,
        request_hash=request.receipt.message_hash if request and message.answers else None,
        occurred_on=say.occurred_on,
        effective_on=say.effective_on,
        urgency=say.urgency,
        response_required=bool(owed_by(message, outcome, say.response_required)),
        parts=say.parts,
    )
    letter = Letter(envelope, outcome)
    turn.put_letter(letter)
    for obligation in matching(turn.c, message, say.in_reply_to, debtor=turn.c.own):
        if obligation.kind is Kind.NOTICE:
            end_obligation(turn, obligation, End.FULFILLED, letter.id)
        else:
            turn.put_obligation(replace(obligation, answered_by=letter.id))
    return letter


def answer_at_once(turn: Turn, cause: Cause, answer: tuple[str, str]) -> None:
    """A request that finds the conversation past it is answered by the exchange itself, so that nobody waits for it."""
    code, outcome = answer
    message = CATALOGUE[code]
    wanted = {item.name for item in message.items if item.required}
    body: dict[str, Value] = {name: value for name, value in cause.body.items() if name in wanted}
    if message.outcome:
        body[message.outcome] = outcome
    compose(turn, neutral(Say(code, body, derive_id(turn.at, turn.c.own, cause.id, code), in_reply_to=cause.id)))


def remind(turn: Turn, obligation: Obligation, level: int) -> None:
    """701, by the creditor's exchange."""
    body: Body = {"obligation_id": obligation.id, "level": level, "overdue_since": obligation.due_at.isoformat()}
    turn.put_obligation(replace(obligation, reminders=level))
    compose(turn, Say("701", body, derive_id(turn.at, turn.c.own, obligation.id, level)))


def cause_of(letter: Letter, body: Body, on: date) -> Cause:
    """A message of ours, as the cause of what follows."""
    envelope = letter.envelope
    day = envelope.effective_on or envelope.occurred_on or on
    return Cause(letter.id, letter.code, day, body, letter.outcome, envelope.in_reply_to, is_ours=True)


def _thread(turn: Turn, in_reply_to: str | None) -> str:
    """The id under which it is said: that of what it replies to, else that of the notice that stands."""
    replied = find_message(turn.c, in_reply_to)
    notice = replied or find_message(turn.c, turn.c.arrival) or find_message(turn.c, turn.c.departure)
    return notice.envelope.conversation_id if notice else turn.c.id
