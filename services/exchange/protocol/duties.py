"""Obligations that hang on what was registered rather than on a message, and duties in one's own house."""

from datetime import date, datetime, time

from services.exchange.protocol.calendars import months_later
from services.exchange.protocol.deadlines import TIMES, Kind
from services.exchange.protocol.obligations import end_obligation, open_obligation
from services.exchange.protocol.states import End, Role
from services.exchange.protocol.turn import Cause, Turn


def open_notice(turn: Turn, registration_id: str) -> None:
    """T-NOTICE: an arrival was registered, its origin must be told. Stands in the destination's own book."""
    open_obligation(turn, Kind.NOTICE, turn.c.own, turn.c.partner, registration_id)


def open_confirmation(turn: Turn, cause: Cause) -> None:
    """T-DEPARTURE-VOID: a departure waits for an arrival. Both sides work out the same instant, from the day that the
    announcement states (three months at most) and the origin's office hours.
    """
    event_id, departed_on, until = (
        cause.text(name) for name in ("departure_event_id", "departed_on", "validity_until")
    )
    if event_id is None or departed_on is None or until is None:
        return
    origin, destination = turn.region_of(Role.ORIGIN), turn.region_of(Role.DESTINATION)
    calendar = turn.directory.calendars[origin]
    number = calendar.find_version(datetime.combine(date.fromisoformat(departed_on), time(), calendar.zone)).version
    latest = months_later(date.fromisoformat(departed_on), TIMES[Kind.CONFIRMATION].std.amount)
    due = calendar.close_of(min(date.fromisoformat(until), latest), number), number
    open_obligation(turn, Kind.CONFIRMATION, destination, origin, event_id, due=due)


def fulfil_confirmation(turn: Turn, by: str) -> bool:
    """Whether there was a departure that waited."""
    return _end(turn, Kind.CONFIRMATION, End.FULFILLED, by)


def void_confirmation(turn: Turn, by: str) -> None:
    _end(turn, Kind.CONFIRMATION, End.VOIDED, by)


def open_compensation(turn: Turn, cause: Cause, anything: bool) -> None:
    """What a withdrawn notice did must be undone; where it did nothing, that is done at once."""
    obligation = open_obligation(turn, Kind.COMPENSATION, turn.c.own, turn.c.partner, cause.id)
    if not anything:
        end_obligation(turn, obligation, End.FULFILLED, cause.id)


def end_compensation(turn: Turn, cause: Cause) -> None:
    """A withdrawal of which nothing follows is compensated as soon as it is heard."""
    if cause.code == "212":
        open_compensation(turn, cause, anything=False)
    _end(turn, Kind.COMPENSATION, End.FULFILLED, cause.id)


def renew_confirmation(turn: Turn, by: str) -> None:
    """T-RECONFIRM: the destination must say every half-year that the link is still true."""
    _end(turn, Kind.RECONFIRM, End.FULFILLED, by)
    open_obligation(turn, Kind.RECONFIRM, turn.c.own, turn.c.own, by)


def drop_reconfirmation(turn: Turn, by: str) -> None:
    """A stay that has ended needs no confirming."""
    _end(turn, Kind.RECONFIRM, End.VOIDED, by)


def _end(turn: Turn, kind: Kind, end: End, by: str) -> bool:
    found = [each for each in turn.c.open_obligations if each.kind is kind]
    for each in found:
        end_obligation(turn, each, end, by)
    return bool(found)
