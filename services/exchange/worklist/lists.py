"""The lists that there are, who sees which, and every reason in words. Data, and nothing else."""

from collections.abc import Mapping
from enum import StrEnum

from services.exchange.clerk.duties import REASONS, SEEN_LATER


class List(StrEnum):
    """Names of lists: part of the interface, they never change."""

    ANSWER = "ANSWER"
    OVERDUE = "OVERDUE"
    PAIRING = "PAIRING"
    CONTESTED = "CONTESTED"
    ONE_SIDED = "ONE_SIDED"
    DEAD_LETTER = "DEAD_LETTER"
    REFUSED_POST = "REFUSED_POST"
    UNKNOWN_PARTNER = "UNKNOWN_PARTNER"
    PAUSED = "PAUSED"
    ESCALATED = "ESCALATED"
    CHAIN = "CHAIN"


TITLES: Mapping[List, str] = {
    List.ANSWER: "To answer or decide",
    List.OVERDUE: "Overdue: owed by us, or to us",
    List.PAIRING: "Who is meant",
    List.CONTESTED: "Refused, and nobody reacted in time",
    List.ONE_SIDED: "In one register only, or different in the two",
    List.DEAD_LETTER: "Letters that could not be brought",
    List.REFUSED_POST: "Events that our own register refused",
    List.UNKNOWN_PARTNER: "Moves from or to a region that will never hear of them",
    List.PAUSED: "Clocks that stand still",
    List.ESCALATED: "Told to the supervisors",
    List.CHAIN: "A partner's letters have a gap or two pasts",
}

_OFFICE = (
    List.ANSWER,
    List.OVERDUE,
    List.PAIRING,
    List.CONTESTED,
    List.ONE_SIDED,
    List.DEAD_LETTER,
    List.REFUSED_POST,
    List.UNKNOWN_PARTNER,
    List.PAUSED,
)
_METADATA = tuple(each for each in List if each is not List.PAIRING)
SEEN_BY: Mapping[str, tuple[List, ...]] = {
    "registrar": _OFFICE,
    "approver": _OFFICE,
    "operator": (
        List.OVERDUE,
        List.DEAD_LETTER,
        List.REFUSED_POST,
        List.UNKNOWN_PARTNER,
        List.PAUSED,
        List.CHAIN,
    ),
    "auditor": _METADATA,
    "supervisor": _METADATA,
}
"""Which roles see which lists. All is metadata; a supervisor sees no more than that."""

WITH_PROTECTED = frozenset({"approver"})
"""Who learns that somebody protected is meant."""

ELSEWHERE: Mapping[str, List] = {
    "who-is-meant": List.PAIRING,
    "contested": List.CONTESTED,
    "unanswered": List.ONE_SIDED,
    "dead-letter": List.DEAD_LETTER,
}
"""Reasons of the table of duties that have a list of their own; all others are to answer."""

SAYS: Mapping[str, str] = {
    **REASONS,
    **SEEN_LATER,
    "read-answer": "The partner has answered what was asked: read it, and ask what is unclear (303) in time.",
    "owed-by-us": "This region owes an answer, and it is late.",
    "owed-to-us": "The partner owes an answer, and it is late. Reminders go by themselves.",
    "not-unique": "Several people here fit.",
    "conflict": "Identifier and person contradict each other: two of you must decide.",
    "candidates": "Nobody fits for certain, but somebody may be meant.",
    "second-person": "A colleague has proposed who is meant: somebody else must agree.",
    "lapsed": "A question was not answered here in all that time: answer it all the same, a late word still counts.",
    "not-brought": "Six sendings in a day were in vain: send it again when the partner is back, or bring it in another"
    " way and prove it.",
    "rejected-letter": "The partner's exchange rejected it for good: say it anew as it should be, or prove"
    " another way.",
    "refused-by-ingest": "Our own register refuses what was agreed with the partner: the two differ until"
    " it is mended.",
    "given-up": "An event that the partner believes in was given up here: record by hand what is missing.",
    "unknown-region": "No member of the federation has that code, so nobody hears of this move: annul the event (its"
    " id is the target_event_id of POST /v1/corrections) and record the move anew with the right code.",
    "no-corridor": "There is no corridor to that member: tell it in another way, or ask for a corridor.",
    "paused": "The clock stands still: it counts for nobody until it goes on.",
    "escalated": "The answer was not given for long: the supervisors of both regions know.",
    "gap": "Letters of the partner are missing in its chain; a gap closes when they come.",
    "fork": "Two different letters of the partner claim one place in its chain: somebody changed the past."
    " Letters still flow. Keep the evidence and talk to the partner.",
    "root-fork": "The partner signed two different roots with one number: somebody changed the past. Keep the evidence"
    " and talk to the partner.",
    "ONE_SIDED_AT_D": "The destination's register holds the link, the origin's does not.",
    "ONE_SIDED_AT_O": "The origin's register holds the link, the destination's does not.",
    "STATE_DIFFERS": "The two registers hold the link in different states.",
    "DATES_DIFFER": "The two registers hold different days of the link.",
    "DUPLICATE_PERSON": "One mover seems to be two people in one of the registers.",
}
"""Every reason, in a sentence."""
