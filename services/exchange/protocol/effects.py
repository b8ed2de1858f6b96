"""What transitions do: the functions behind the effects of the table. Those that the register logs are in `telling`."""

from collections.abc import Callable

from services.exchange.protocol import telling
from services.exchange.protocol.conversation import PauseReason
from services.exchange.protocol.deadlines import HOPS_MAX, Kind
from services.exchange.protocol.duties import (
    drop_reconfirmation,
    end_compensation,
    open_compensation,
    open_confirmation,
    renew_confirmation,
    void_confirmation,
)
from services.exchange.protocol.obligations import pause, resume
from services.exchange.protocol.states import Clock, Link
from services.exchange.protocol.stimuli import Opening
from services.exchange.protocol.table.row import Effect
from services.exchange.protocol.turn import Cause, Turn

_STAY_ENDS = {"RETURNED": "returned", "MOVED_ON": "moved-on", "DECEASED": "deceased", "UNKNOWN": "lapsed"}


def _stand_arrival(turn: Turn, cause: Cause) -> None:
    turn.change(arrival=cause.id, registration_id=cause.text("registration_id"), round=0)


def _stand_departure(turn: Turn, cause: Cause) -> None:
    turn.change(departure=cause.id, departure_event_id=cause.text("departure_event_id"))
    open_confirmation(turn, cause)


def _drop_departure(turn: Turn, cause: Cause) -> None:
    turn.change(departure=None)
    void_confirmation(turn, cause.id)


def _count_round(turn: Turn, cause: Cause) -> None:
    turn.change(round=turn.c.round + 1)


def _end_stay(turn: Turn, cause: Cause) -> None:
    if cause.code == "404":
        reason = _STAY_ENDS[cause.outcome]
    else:
        reason = "deceased" if cause.text("change_kind") == "DEATH" else "moved-on"
    turn.change(stay_end=reason)
    _open_link_where_silent(turn, cause)
    drop_reconfirmation(turn, cause.id)
    telling.update_record(turn, cause)


def _open_link_where_silent(turn: Turn, cause: Cause) -> None:
    """Who speaks of the end of a stay has settled; a side that still waited for it settles now."""
    if turn.c.link is Link.NONE:
        reason = turn.c.stay_end
        telling.open_link_tacitly(turn, cause)
        turn.change(stay_end=reason)


def _compensate(turn: Turn, cause: Cause) -> None:
    """Only who heard a withdrawal has something to undo in its own register on the partner's word."""
    telling.end_link(turn, cause)
    anything = turn.c.outflow is not None or bool(turn.c.updates)
    telling.undo_outflow(turn, cause)
    telling.undo_updates(turn, cause)
    open_compensation(turn, cause, anything)


def _renew_confirmation(turn: Turn, cause: Cause) -> None:
    renew_confirmation(turn, cause.id)


def _open_forwarded(turn: Turn, cause: Cause, code: str) -> None:
    """With the region named. Who was asked before is not asked again, and a chain has an end: people must look."""
    to = cause.text("forward_to_jurisdiction")
    if to is not None:
        in_circles = to in (turn.c.own, *turn.c.asked) or len(turn.c.asked) > HOPS_MAX
        turn.openings.append(Opening(code, to, turn.c.id, turn.c.asked, in_circles))


def _open_forwarded_arrival(turn: Turn, cause: Cause) -> None:
    _open_forwarded(turn, cause, "201")


def _open_forwarded_departure(turn: Turn, cause: Cause) -> None:
    void_confirmation(turn, cause.id)
    _open_forwarded(turn, cause, "202")


def _open_forwarded_report(turn: Turn, cause: Cause) -> None:
    _open_forwarded(turn, cause, "501")


def _open_discrepancy(turn: Turn, cause: Cause) -> None:
    turn.openings.append(Opening("501", turn.c.partner, turn.c.id))


def _stop_clock(turn: Turn, cause: Cause) -> None:
    debtor = turn.c.own if cause.is_ours else turn.c.partner
    for each in turn.c.open_obligations:
        if each.debtor == debtor and each.kind in (Kind.VERIFICATION, Kind.VERIFICATION_FINAL):
            pause(turn, each, PauseReason.CLARIFICATION)


def _start_clock(turn: Turn, cause: Cause) -> None:
    for each in turn.c.open_obligations:
        if each.clock is Clock.PAUSED and each.pauses[-1].reason is PauseReason.CLARIFICATION:
            resume(turn, each)


EFFECTS: dict[Effect, Callable[[Turn, Cause], None]] = {
    Effect.STAND_ARRIVAL: _stand_arrival,
    Effect.STAND_DEPARTURE: _stand_departure,
    Effect.DROP_DEPARTURE: _drop_departure,
    Effect.COUNT_ROUND: _count_round,
    Effect.TELL_NOTIFIED: telling.tell_notified,
    Effect.TELL_ORIGIN_ANSWER: telling.tell_origin_answer,
    Effect.TELL_DESTINATION_ANSWER: telling.tell_destination_answer,
    Effect.CONFIRM_DEPARTURE: telling.confirm_departure,
    Effect.LAPSE_DEPARTURE: telling.lapse_departure,
    Effect.RECORD_OUTFLOW: telling.record_outflow,
    Effect.UNDO_OUTFLOW: telling.undo_outflow,
    Effect.OPEN_LINK: telling.open_link,
    Effect.OPEN_LINK_TACITLY: telling.open_link_tacitly,
    Effect.END_STAY: _end_stay,
    Effect.END_LINK: telling.end_link,
    Effect.COMPENSATE: _compensate,
    Effect.END_COMPENSATION: end_compensation,
    Effect.RENEW_CONFIRMATION: _renew_confirmation,
    Effect.UPDATE_RECORD: telling.update_record,
    Effect.OPEN_FORWARDED_ARRIVAL: _open_forwarded_arrival,
    Effect.OPEN_FORWARDED_DEPARTURE: _open_forwarded_departure,
    Effect.OPEN_FORWARDED_REPORT: _open_forwarded_report,
    Effect.OPEN_DISCREPANCY: _open_discrepancy,
    Effect.STOP_CLOCK: _stop_clock,
    Effect.START_CLOCK: _start_clock,
    Effect.DISPUTE_FIELD: telling.dispute_field,
    Effect.SETTLE_DISPUTE: telling.settle_dispute,
}
