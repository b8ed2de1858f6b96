"""What the state of a record says against a move that a partner tells of. Pure."""

from datetime import date
from typing import NamedTuple

from services.exchange.pairing.candidate import State
from services.exchange.pairing.pairing import Question
from services.exchange.protocol.failures import FORWARDED, LATER_EVENT

ALREADY_PRESENT, LOCKED, DECEASED, LEFT_COUNTRY = "B-A", "B-B", "B-D", "B-E"


class Objection(NamedTuple):
    """`code`: of `protocol/failures`. `region`: who has the record now. `since`: from when."""

    code: str
    region: str | None = None
    since: date | None = None


def find_objection(state: State, question: Question) -> Objection | None:
    """Why the person of a record cannot have moved to the partner on the day it says; None where nothing says so."""
    if state.is_dead:
        return Objection(DECEASED, since=state.died_on)
    if state.locked_for not in (None, question.partner):
        return Objection(LOCKED, state.locked_for)
    lives = state.lives
    if lives is None:
        return None
    is_later = question.moved_on is not None and lives.since is not None and lives.since > question.moved_on
    if lives.region is not None:
        return _object_to_region(state, question, lives.region, lives.since, is_later)
    if is_later:
        return Objection(LATER_EVENT, since=lives.since)
    return Objection(LEFT_COUNTRY, since=lives.since) if lives.country is not None else None


def _object_to_region(
    state: State, question: Question, region: str, since: date | None, is_later: bool
) -> Objection | None:
    if region != question.partner:
        return Objection(LATER_EVENT, since=since) if is_later else Objection(FORWARDED, region, since)
    linked = any(partner == region and link_id != question.link_id for partner, link_id in state.linked_with)
    return Objection(ALREADY_PRESENT, since=since) if linked else None
