"""What may be done about an item: what the protocol allows now, as far as people say it, and acts of the house."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.exchange.protocol import allowed_actions
from services.exchange.protocol.actions import Action
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.failures import FAILURES
from services.exchange.worklist.lists import List

_CONVERSATION = "/exchange/v1/conversations/{conversation_id}"
_SAY, _FIND = f"POST {_CONVERSATION}/messages", f"POST {_CONVERSATION}:find"
ACTIONS: Mapping[str, tuple[str, str]] = {
    "requeue": (f"POST {_CONVERSATION}:requeue", "Send the dead letter again"),
    "prove": (f"POST {_CONVERSATION}:prove", "It was brought there in another way, with proof"),
    "annul": (_SAY, "Annul the arrival or departure in the register: its notice is withdrawn by that"),
    "decide": ("POST /exchange/v1/pairings/{conversation_id}:decide", "Say who is meant"),
    "pause": ("POST /exchange/v1/pauses", "Let the clock stand still: an outage of the debtor, or force majeure"),
    "resume": ("POST /exchange/v1/pauses:end", "Let the clock run again"),
    "retry": ("POST /exchange/v1/refused-posts/{event_id}:retry", "Offer the event to the register again"),
    "give-up": ("POST /exchange/v1/refused-posts/{event_id}:give-up", "Give the event up, on a case"),
    "settle": ("POST /exchange/v1/refused-posts/{event_id}:settle", "Say on which case it was recorded by hand"),
    "annul-and-record-anew": (_SAY, "Annul the event, and record the move with the right region"),
    "look-at-evidence": ("GET /exchange/v1/chains", "See which letters, and keep the evidence"),
}
"""Acts that are no message: the route that decides who may, and what it is in words."""

_BY_LIST: Mapping[List, tuple[str, ...]] = {
    List.PAIRING: ("decide",),
    List.REFUSED_POST: ("retry", "give-up"),
    List.UNKNOWN_PARTNER: ("annul-and-record-anew",),
    List.PAUSED: ("resume",),
    List.CHAIN: ("look-at-evidence",),
}
_SPOKEN_IN = frozenset({List.ANSWER, List.OVERDUE, List.CONTESTED, List.ONE_SIDED, List.PAIRING})
"""Lists about conversations in which an office may speak."""


def office_actions(conversation: Conversation) -> list[dict[str, Any]]:
    """What people may do in a conversation. A withdrawal follows from an annulment and is never said alone."""
    found = [_tell(each) for each in allowed_actions(conversation) if each.what != "212"]
    if len(found) < len(allowed_actions(conversation)):
        found.append(_act("annul"))
    return found


def _tell(action: Action) -> dict[str, Any]:
    """With what each of its codes means."""
    meant = {each: FAILURES[each].text for each in action.outcomes if each in FAILURES}
    return action._asdict() | {"meanings": meant}


def actions_of(
    name: List, why: str, item: Mapping[str, Any], conversation: Conversation | None, may: frozenset[str]
) -> list[dict[str, Any]]:
    """`may`: the routes that the caller may use; what they may not do is left out."""
    found: list[dict[str, Any]] = []
    if conversation is not None and name in _SPOKEN_IN:
        found += [each for each in office_actions(conversation) if each["what"] not in ("requeue", "prove")]
    if name is List.DEAD_LETTER:
        ways = ("prove",) if why == "rejected-letter" else ("requeue", "prove")
        found += [_act(each) | {"in_reply_to": str(item["message_id"])} for each in ways]
        if why == "rejected-letter" and conversation is not None:
            found += [each for each in office_actions(conversation) if each["what"] in CATALOGUE]
    if why == "given-up":
        found.append(_act("settle"))
    if why == "owed-to-us":
        found.append(_act("pause"))
    found += [_act(each) for each in _BY_LIST.get(name, ())]
    return [each for each in found if _route_of(each["what"]) in may]


def _act(what: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {"outcomes": (), "in_reply_to": None, "due_at": None, "leads_to": "", "meanings": {}}
    return {"what": what, "name": ACTIONS[what][1], **nothing}


def _route_of(what: str) -> str:
    if what in ACTIONS:
        return ACTIONS[what][0]
    return _SAY if what in CATALOGUE else _FIND


def routes_of(roles: Iterable[str], allowed: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The routes that any of the roles may use. `allowed`: route → roles, as the matrix says."""
    mine = frozenset(roles)
    return frozenset(route for route, who in allowed.items() if who & mine)
