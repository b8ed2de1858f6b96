"""What may be done about an item: what the protocol allows now, as far as people say it, and acts of the house."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.exchange.protocol import allowed_actions
from services.exchange.protocol.actions import Action
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.states import State
from services.exchange.protocol.stimuli import Finding
from services.exchange.worklist.examples import example_of
from services.exchange.worklist.lists import List
from services.exchange.worklist.sayable import sayable, words_of

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

_EXAMPLES: Mapping[str, str] = {
    "decide": "pairing REGION CONVERSATION, then decide REGION CONVERSATION --revision 1 --person ID",
    "annul": "withdraw REGION CONVERSATION",
    "requeue": "requeue REGION CONVERSATION MESSAGE",
    "prove": "prove REGION CONVERSATION MESSAGE --received-at 2026-03-02T09:30:00+01:00 --case CASE",
    "pause": "pause REGION --partner PARTNER --case CASE",
    "resume": "resume REGION --partner PARTNER",
    "retry": "refused REGION --retry EVENT",
    "give-up": "refused REGION --give-up EVENT --case CASE",
    "settle": "refused REGION --settle EVENT --case CASE",
    "look-at-evidence": "chains REGION",
}
_BY_LIST: Mapping[List, tuple[str, ...]] = {
    List.REFUSED_POST: ("retry", "give-up"),
    List.UNKNOWN_PARTNER: ("annul-and-record-anew",),
    List.PAUSED: ("resume",),
    List.CHAIN: ("look-at-evidence",),
}
_BY_PEOPLE = frozenset({Finding.RECONFIRMED, Finding.COMPENSATED, "requeue", "prove"})
"""What the table of transitions names besides messages, and people do. Who is meant they decide in a pairing."""
_SPOKEN_IN = frozenset({List.ANSWER, List.OVERDUE, List.CONTESTED, List.ONE_SIDED, List.PAIRING})
"""Lists about conversations in which an office may speak."""


def office_actions(conversation: Conversation) -> list[dict[str, Any]]:
    """What people may do in a conversation: say, find out, see to dead letters."""
    allowed = allowed_actions(conversation)
    by_people = [each for each in allowed if each.what in _BY_PEOPLE]
    found = [_tell(each) for each in (*sayable(conversation), *by_people)]
    if any(each.what == "212" for each in allowed):
        found.append(_act("annul"))
    if conversation.state is State.MANUAL_PAIRING:
        found.append(_act("decide"))
    return found


def _tell(action: Action) -> dict[str, Any]:
    """With its words, what each of its codes means, and how it is said."""
    message = CATALOGUE.get(action.what)
    words = words_of(action) if message is not None else ()
    meant = {each: FAILURES[each].text for each in words if each in FAILURES}
    example = "" if message is None else example_of(message, words[0] if words else "")
    return action._asdict() | {"words": words, "meanings": meant, "example": example}


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
    nothing: dict[str, Any] = {"outcomes": (), "in_reply_to": None, "due_at": None, "leads_to": "", "words": ()}
    return {"what": what, "name": ACTIONS[what][1], **nothing, "meanings": {}, "example": _EXAMPLES.get(what, "")}


def _route_of(what: str) -> str:
    if what in ACTIONS:
        return ACTIONS[what][0]
    return _SAY if what in CATALOGUE else _FIND


def routes_of(roles: Iterable[str], allowed: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The routes that any of the roles may use. `allowed`: route → roles, as the matrix says."""
    mine = frozenset(roles)
    return frozenset(route for route, who in allowed.items() if who & mine)
