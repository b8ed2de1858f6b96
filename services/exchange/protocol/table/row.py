"""What a row of the transition table says."""

from enum import StrEnum
from typing import NamedTuple

from services.exchange.protocol.states import Role, State, Talk


class On(StrEnum):
    """What a row answers to."""

    WORD = "word"
    """A message: one side says it, the other hears it."""
    RECEIPT = "receipt"
    """901: the partner has a message of ours."""
    FAILURE = "failure"
    """902 or 903: a message of ours was rejected, or all repeats were in vain."""
    FINDING = "finding"
    """Our own people or programs found something out."""
    DUE = "due"
    """Something owed is due and was not done."""
    LAPSE = "lapse"
    """Something owed lapsed."""
    IDLE = "idle"
    """Nothing happened for a time."""


class Guard(StrEnum):
    """What must hold besides the state. Each is a predicate of that name in `guards.py`."""

    ARRIVAL_STANDS = "a 201 stands"
    NO_ARRIVAL = "no 201 stands"
    ONLY_DEPARTURE = "a 202 stands and no 201"
    NOTICE_REJECTED = "the notice was rejected and may be said anew"
    ROUNDS_LEFT = "fewer than two rounds"
    MAY_EXTEND = "not extended yet"
    NOT_ANSWERED = "the request has no answer yet"
    STILL_ASKED = "it answers the latest request, which has no final answer yet"
    ENDS_STAY = "it answers the end of a stay"
    UPDATES = "it answers a change"
    WAS_SETTLED = "closed within the last 90 days, and it had been settled"
    NAMES_OUR_ENDS = "it names every message by which we ended the stay"
    NOTHING_OWED = "nothing else is owed"
    COMPENSATION_OWED = "something is to be undone"
    OWN_DEBT = "who says it owes an answer"
    ANSWER_SAID = "the origin has said its final answer"


class Effect(StrEnum):
    """What a transition does besides moving the state. Each is a function of that name in `effects.py`."""

    STAND_ARRIVAL = "the 201 stands"
    STAND_DEPARTURE = "the 202 stands; the departure waits for an arrival (T-DEPARTURE-VOID)"
    DROP_DEPARTURE = "the 202 no longer stands"
    COUNT_ROUND = "one more round"
    TELL_NOTIFIED = "log OriginNotified"
    TELL_ORIGIN_ANSWER = "log OriginAnswered"
    TELL_DESTINATION_ANSWER = "log DestinationAnswered"
    CONFIRM_DEPARTURE = "log DepartureConfirmed"
    LAPSE_DEPARTURE = "log DepartureLapsed: residence at the origin restored"
    RECORD_OUTFLOW = "log the outflow: DepartureConfirmed, or DepartureRegistered where nobody had announced it"
    UNDO_OUTFLOW = "log what undoes the outflow"
    OPEN_LINK = "log LinkOpened"
    OPEN_LINK_TACITLY = "log LinkOpened, settled tacitly"
    END_STAY = "keep how the stay ended"
    END_LINK = "log LinkEnded"
    COMPENSATE = "log what undoes the notice; nothing is deleted"
    END_COMPENSATION = "compensation is done"
    RENEW_CONFIRMATION = "confirmed for another 180 days (T-RECONFIRM)"
    UPDATE_RECORD = "log RecordUpdatedByPartner"
    OPEN_FORWARDED_ARRIVAL = "open a conversation with the region named"
    OPEN_FORWARDED_DEPARTURE = "announce the departure to the region named"
    OPEN_FORWARDED_REPORT = "report to the keeper named"
    OPEN_DISCREPANCY = "open a discrepancy"
    STOP_CLOCK = "the speaker's debt stands still"
    START_CLOCK = "the debt that stood still goes on"
    DISPUTE_FIELD = "log FieldDisputed: the mark is shown with every read"
    SETTLE_DISPUTE = "log DisputeSettled"


class Move(NamedTuple):
    """One side of a row: where it must stand, what must hold, where it goes (None: it stays) and what it does."""

    where: frozenset[State]
    to: State | None
    does: tuple[Effect, ...] = ()
    when: tuple[Guard, ...] = ()


class Row(NamedTuple):
    """One transition.

    `what`: a message's code, a finding, or a kind of obligation. `by`: who says it, whose message or clock it is, who
    found it. `outcomes`: of the message, empty for any. `acts`: what becomes of `by`; `hears`: of the partner, for
    words. A row without `acts` takes what crossed; nobody says such a thing on purpose.
    """

    on: On
    what: str
    by: Role
    doc: str
    acts: Move | None = None
    hears: Move | None = None
    outcomes: frozenset[str] = frozenset()


class Table(NamedTuple):
    """All rows of one type of conversation; the first that fits counts."""

    talk: Talk
    rows: tuple[Row, ...]


EVERY = frozenset(State)


def at(*states: State, to: State | None = None, does: tuple[Effect, ...] = (), when: tuple[Guard, ...] = ()) -> Move:
    """A move from any of the states; from every state where none is named."""
    return Move(frozenset(states) or EVERY, to, does, when)


def word(code: str, by: Role, doc: str, *outcomes: str, said: Move | None = None, heard: Move | None = None) -> Row:
    """A message and what becomes of both sides."""
    return Row(On.WORD, code, by, doc, said, heard, frozenset(outcomes))


def own(on: On, what: str, by: Role, doc: str, move: Move, *outcomes: str) -> Row:
    """Something that happens on one side only."""
    return Row(on, what, by, doc, move, None, frozenset(outcomes))


REMINDERS = (
    word("701", Role.EITHER, "A reminder changes no state.", said=at(), heard=at()),
    word("702", Role.EITHER, "Nor does the reply to it.", said=at(when=(Guard.NOT_ANSWERED,)), heard=at()),
)
