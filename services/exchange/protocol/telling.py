"""What the register must log: the effects of transitions that become events on the region's own log.

Facts are named with what the conversation knows of them; whoever logs them adds the person, the office and what stands
in sealed parts. Event types are those of the contract.
"""

from datetime import date

from services.exchange.protocol.bodies import read_body, text_of
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Outflow, Update
from services.exchange.protocol.duties import fulfil_confirmation, renew_confirmation
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.guards import find_message
from services.exchange.protocol.states import Link, Role
from services.exchange.protocol.turn import Cause, Turn


def tell_notified(turn: Turn, cause: Cause) -> None:
    turn.log(
        "OriginNotified",
        cause,
        partner_region=turn.c.partner,
        arrival_event_id=turn.c.registration_id,
        message_id=cause.id,
        round=turn.c.round,
    )


def tell_origin_answer(turn: Turn, cause: Cause) -> None:
    refusal = FAILURES[cause.outcome].word if cause.code == "204" else None
    results = cause.body.get("field_results")
    lines = [line for line in results if isinstance(line, dict)] if isinstance(results, list) else []
    turn.log(
        "OriginAnswered",
        cause,
        partner_region=turn.c.partner,
        arrival_event_id=turn.c.registration_id,
        message_id=cause.id,
        outcome="refused" if refusal else _word(cause.outcome),
        refusal_code=refusal,
        origin_effect=_word(cause.text("origin_effect")),
        differing_paths=tuple(str(line["path"]) for line in lines if line.get("verdict") == "DIFFERENT") or None,
        forward_to_region=cause.text("forward_to_jurisdiction"),
        departed_on=cause.text("departed_on"),
    )


def tell_destination_answer(turn: Turn, cause: Cause) -> None:
    turn.log(
        "DestinationAnswered",
        cause,
        partner_region=turn.c.partner,
        departure_event_id=turn.c.departure_event_id,
        message_id=cause.id,
        outcome=_word(cause.outcome),
        arrived_on=cause.text("arrived_on"),
        forward_to_region=cause.text("forward_to_jurisdiction"),
    )


def confirm_departure(turn: Turn, cause: Cause) -> None:
    """Logged by the origin, once."""
    if not fulfil_confirmation(turn, cause.id):
        return
    turn.change(departure_confirmed=True)
    if turn.c.role is Role.ORIGIN:
        arrived_on = cause.text("arrived_on") or cause.text("departed_on")
        event = turn.log(
            "DepartureConfirmed",
            cause,
            departure_event_id=turn.c.departure_event_id,
            to_region=turn.c.partner,
            arrived_on=arrived_on,
        )
        turn.change(outflow=Outflow(event.type, event.caused_by, event.ordinal, arrived_on or ""))


def lapse_departure(turn: Turn, cause: Cause) -> None:
    if turn.c.role is Role.ORIGIN and not turn.c.departure_confirmed:
        turn.log("DepartureLapsed", cause, departure_event_id=turn.c.departure_event_id, reason="time-passed")


def record_outflow(turn: Turn, cause: Cause) -> None:
    """A departure that waits is confirmed; where the origin knew of none, the destination's notice is one.

    A corrected notice may bring another day: the first event is undone and told anew.
    """
    if cause.text("origin_effect") == "KEPT":
        undo_outflow(turn, cause)
        return
    confirm_departure(turn, cause)
    since = cause.text("departed_on") or cause.on.isoformat()
    outflow = turn.c.outflow
    if outflow is not None and (outflow.type == "DepartureConfirmed" or outflow.since == since):
        return
    undo_outflow(turn, cause)
    on = cause._replace(on=date.fromisoformat(since))
    event = turn.log("DepartureRegistered", on, to_region=turn.c.partner, confirmation_expected=False)
    turn.change(outflow=Outflow(event.type, event.caused_by, event.ordinal, since))


def undo_outflow(turn: Turn, cause: Cause) -> None:
    """By new events: nothing is deleted. A departure that was confirmed goes back to never having happened."""
    outflow = turn.c.outflow
    if outflow is None:
        return
    turn.log("EventAnnulled", cause, target_type=outflow.type, caused_by=outflow.caused_by, ordinal=outflow.ordinal)
    if outflow.type == "DepartureConfirmed":
        turn.log("DepartureLapsed", cause, departure_event_id=turn.c.departure_event_id, reason="destination-denied")
    turn.change(outflow=None)


def _link(turn: Turn, cause: Cause, settled_by: str) -> None:
    """A link's id is that of the notice of arrival: both sides know it without agreeing on it."""
    if turn.c.link is Link.OPEN:
        return
    turn.change(link=Link.OPEN, tacit=settled_by == "tacit", stay_end=None, linked_on=cause.on)
    turn.log(
        "LinkOpened", cause, turn.c.arrival, partner_region=turn.c.partner, own_side=_side(turn), settled_by=settled_by
    )
    if turn.c.role is Role.DESTINATION:
        renew_confirmation(turn, cause.id)


def open_link(turn: Turn, cause: Cause) -> None:
    _link(turn, cause, "accepted")


def open_link_tacitly(turn: Turn, cause: Cause) -> None:
    _link(turn, cause, "tacit")


def end_link(turn: Turn, cause: Cause) -> None:
    if turn.c.link is not Link.OPEN:
        return
    withdrawn = cause.code in ("212", "204")
    reason = "withdrawn" if withdrawn else turn.c.stay_end or "lapsed"
    turn.change(link=Link.ENDED)
    # What ended the stay may have happened before the two regions linked their records; the link ended after it began.
    ended = cause._replace(on=max(cause.on, turn.c.linked_on or cause.on))
    turn.log("LinkEnded", ended, turn.c.arrival, partner_region=turn.c.partner, own_side=_side(turn), reason=reason)


def update_record(turn: Turn, cause: Cause) -> None:
    """When the partner's change is taken over: at once where no answer was asked for, else with the answer APPLIED."""
    if cause.code == "401" and not cause.is_ours and not cause.response_required and cause.outcome == "CHANGES":
        _log_update(turn, cause, cause.id, cause.text("change_kind"))
    if cause.code == "402" and cause.is_ours and cause.outcome == "APPLIED":
        request = find_message(turn.c, cause.in_reply_to)
        if request is not None and request.code == "401":
            body = read_body(request.envelope.payload, CATALOGUE["401"].items)
            _log_update(turn, cause, request.id, text_of(body, "change_kind"))


def _log_update(turn: Turn, cause: Cause, message_id: str, kind: str | None) -> None:
    event = turn.log(
        "RecordUpdatedByPartner", cause, partner_region=turn.c.partner, message_id=message_id, change_kind=_word(kind)
    )
    turn.change(updates=(*turn.c.updates, Update(event.caused_by, event.ordinal)))


def undo_updates(turn: Turn, cause: Cause) -> None:
    """What was taken over on the word of a notice goes with the notice: a death too."""
    for each in turn.c.updates:
        turn.log(
            "EventAnnulled",
            cause,
            target_type="RecordUpdatedByPartner",
            caused_by=each.caused_by,
            ordinal=each.ordinal,
        )
    turn.change(updates=())


def dispute_field(turn: Turn, cause: Cause) -> None:
    expected = cause.text("expected_by")
    turn.log("FieldDisputed", cause, partner_region=turn.c.partner, dispute_id=turn.c.id, decision_expected_on=expected)


def settle_dispute(turn: Turn, cause: Cause) -> None:
    to = cause.text("forward_to_jurisdiction")
    turn.log("DisputeSettled", cause, dispute_id=turn.c.id, decision=_word(cause.outcome), forwarded_to_region=to)


def _word(outcome: str | None) -> str | None:
    return outcome.lower().replace("_", "-") if outcome else None


def _side(turn: Turn) -> str:
    return turn.c.role.lower()
