"""The whole protocol as one function.

`decide(stimulus, conversation, now, directory)` is pure: the same arguments give the same decision, on any machine,
in any year.
First time passes up to now; then what happened is taken in; then letters leave that may.
"""

from datetime import datetime

from services.exchange.protocol.conversation import Conversation, Directory
from services.exchange.protocol.deadlines import TIMES, AtDue
from services.exchange.protocol.delivering import bury, prove, release, requeue, take_receipt, take_rejection
from services.exchange.protocol.duties import open_notice
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.hearing import hear
from services.exchange.protocol.obligations import pause, resume
from services.exchange.protocol.passing import pass_time
from services.exchange.protocol.saying import say
from services.exchange.protocol.stimuli import (
    Decision,
    Denial,
    Find,
    Finding,
    Hear,
    Prove,
    Register,
    Requeue,
    Say,
    StartClock,
    Stimulus,
    StopClock,
    TakeReceipt,
    TakeRejection,
    Tick,
)
from services.exchange.protocol.table.row import On
from services.exchange.protocol.transitions import step
from services.exchange.protocol.turn import Cause, Turn


def decide(stimulus: Stimulus, conversation: Conversation, now: datetime, directory: Directory) -> Decision:
    """What follows from something that happens to a conversation at an instant.

    A `denial` says why a wish of our own cannot be granted; what the partner sends is answered by `reply`.
    """
    turn = Turn(conversation, now, directory)
    _let_time_pass(turn)
    denial = _take_in(turn, stimulus)
    _let_time_pass(turn)
    release(turn)
    return turn.decide()._replace(denial=denial)


def _let_time_pass(turn: Turn) -> None:
    """What an answer that turned out dead had kept from lapsing lapses now."""
    pass_time(turn)
    if bury(turn):
        pass_time(turn)


def _take_in(turn: Turn, stimulus: Stimulus) -> Denial | None:
    match stimulus:
        case Hear(envelope):
            hear(turn, envelope)
        case Say():
            return say(turn, stimulus)
        case Find(finding):
            return _find(turn, finding)
        case Register(registration_id):
            open_notice(turn, registration_id)
        case TakeReceipt(receipt):
            take_receipt(turn, receipt)
        case TakeRejection(rejection):
            take_rejection(turn, rejection)
        case Requeue(message_id):
            return None if requeue(turn, message_id) else Denial("no-dead-letter", "/message_id")
        case Prove(message_id, received_at):
            return None if prove(turn, message_id, received_at) else Denial("no-dead-letter", "/message_id")
        case StopClock() | StartClock():
            return _stop_or_start(turn, stimulus)
        case Tick():
            pass
    return None


def _find(turn: Turn, finding: Finding) -> Denial | None:
    cause = Cause(derive_id(turn.at, turn.c.own, turn.c.id, finding), "", turn.at.date())
    return None if step(turn, On.FINDING, finding, cause) else Denial("not-now", "/finding")


def _stop_or_start(turn: Turn, stimulus: StopClock | StartClock) -> Denial | None:
    """Only debts between regions stand still: duties in one's own house do not, nor does what silence settles."""
    found = next((each for each in turn.c.open_obligations if each.id == stimulus.obligation_id), None)
    if found is None:
        return Denial("nothing-owed", "/obligation_id")
    if TIMES[found.kind].at_due is not AtDue.REMIND:
        return Denial("not-between-regions", "/obligation_id")
    if isinstance(stimulus, StopClock):
        pause(turn, found, stimulus.reason)
    else:
        resume(turn, found)
    return None
