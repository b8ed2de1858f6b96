"""Time passes: what lies ahead happens, each thing at its own instant, however late somebody looks."""

from dataclasses import replace
from datetime import date, datetime

from services.exchange.protocol.conversation import Ahead, Conversation, Milestone, Obligation
from services.exchange.protocol.deadlines import CLOSE_AFTER, TIMES, AtDue, Kind
from services.exchange.protocol.delivering import bury_queue
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.obligations import end_obligation, is_being_answered, void_the_rest
from services.exchange.protocol.states import UNDER_WAY, Clock, End, State
from services.exchange.protocol.stimuli import Escalation
from services.exchange.protocol.table.row import On
from services.exchange.protocol.transitions import step
from services.exchange.protocol.turn import Cause, Turn
from services.exchange.protocol.voice import remind


def pass_time(turn: Turn) -> None:
    """Works off all that lies before now, in the order of time."""
    while (coming := _find_next(turn)) is not None:
        at, obligation = coming
        turn.at = max(at, turn.c.since or at)
        if obligation is None:
            step(turn, On.IDLE, "T-CLOSE", _own_cause(turn, "T-CLOSE"))
        else:
            _reach(turn, obligation, obligation.ahead[0])
        turn.at = turn.now


def wake_at(conversation: Conversation) -> datetime | None:
    """When somebody should look next although nothing happened; None: never."""
    instants = [each.ahead[0].at for each in conversation.open_obligations if each.clock is not Clock.PAUSED]
    instants += [
        each.next_at for each in conversation.letters if each.delivery in UNDER_WAY and each.next_at is not None
    ]
    idle = _idle_at(conversation)
    return min([*instants, idle] if idle else instants, default=None)


def _find_next(turn: Turn) -> tuple[datetime, Obligation | None] | None:
    waiting: list[tuple[datetime, str, Obligation | None]] = [
        (each.ahead[0].at, each.id, each)
        for each in turn.c.open_obligations
        if each.clock is not Clock.PAUSED and not _is_held(turn, each)
    ]
    idle = _idle_at(turn.c)
    if idle is not None:
        waiting.append((idle, "", None))
    at, _, obligation = min(waiting, key=lambda each: each[:2], default=(None, "", None))
    return (at, obligation) if at is not None and at <= turn.now else None


def _is_held(turn: Turn, obligation: Obligation) -> bool:
    return obligation.ahead[0].what is Milestone.LAPSE and is_being_answered(turn, obligation)


def _idle_at(conversation: Conversation) -> datetime | None:
    since = conversation.since
    return since + CLOSE_AFTER if conversation.state is State.CLOSING and since is not None else None


def _reach(turn: Turn, obligation: Obligation, ahead: Ahead) -> None:
    on = replace(obligation, ahead=obligation.ahead[1:])
    match ahead.what:
        case Milestone.DUE_SOON:
            turn.put_obligation(replace(on, clock=Clock.DUE_SOON))
        case Milestone.DUE:
            turn.put_obligation(replace(on, clock=Clock.OVERDUE))
            if TIMES[obligation.kind].at_due is not AtDue.LAPSE:
                step(turn, On.DUE, obligation.kind, _cause(turn, obligation))
        case Milestone.REMIND:
            turn.put_obligation(on)
            if on.creditor == turn.c.own and on.debtor != turn.c.own:
                remind(turn, on, ahead.level)
        case Milestone.ESCALATE:
            turn.put_obligation(replace(on, clock=Clock.ESCALATED))
            turn.escalations.append(Escalation(on.id, on.kind, on.debtor, on.creditor, on.due_at))
        case Milestone.LAPSE:
            _lapse(turn, obligation)


def _lapse(turn: Turn, obligation: Obligation) -> None:
    cause = _cause(turn, obligation)
    end_obligation(turn, obligation, End.LAPSED, cause.id)
    if obligation.kind is Kind.MANUAL_DELIVERY:
        letter = turn.c.find_letter(obligation.about)
        if letter is not None and letter.delivery not in UNDER_WAY:
            bury_queue(turn, letter.envelope.conversation_id)
    step(turn, On.LAPSE, obligation.kind, cause)
    if not turn.c.open_obligations and not any(each.delivery in UNDER_WAY for each in turn.c.letters):
        step(turn, On.LAPSE, Kind.MANUAL_DELIVERY, cause)
    if turn.is_over:
        void_the_rest(turn, cause.id)


def _cause(turn: Turn, obligation: Obligation) -> Cause:
    return Cause(derive_id(turn.at, turn.c.own, obligation.id), "", _day(turn.at))


def _own_cause(turn: Turn, what: str) -> Cause:
    return Cause(derive_id(turn.at, turn.c.own, turn.c.id, what), "", _day(turn.at))


def _day(at: datetime) -> date:
    return at.date()
