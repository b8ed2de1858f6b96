"""When something is owed: predicates on a conversation. Each says what a duty is about, or None: it is not owed."""

from collections.abc import Callable, Mapping

from services.exchange.protocol.bodies import read_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation, Taken
from services.exchange.protocol.deadlines import HOPS_MAX, Kind
from services.exchange.protocol.states import Clock, Delivery, Link

Predicate = Callable[[Conversation, bool], str | None]
"""What a duty is about where it is owed; None where it is not. The flag: whether it is known who is meant."""


IMMATERIAL = frozenset({"departed_on", "address", "last_address", "name_variants", "household"})
"""Fields in which two registers may differ for ever: a difference in them alone needs nobody's decision."""

_INTERIM = {("203", "UNDER_VERIFICATION"), ("302", "PENDING")}


def unanswered(*asked: tuple[str, str]) -> Predicate:
    """The first message of those codes and outcomes that is owed an answer by us and has none."""

    def find(conversation: Conversation, knows_person: bool) -> str | None:
        return next(
            (
                each.id
                for each in conversation.taken
                if ((each.code, each.outcome) in asked or (each.code, "*") in asked) and _waits(conversation, each)
            ),
            None,
        )

    return find


def _waits(conversation: Conversation, taken: Taken) -> bool:
    if taken.noted or _is_answered(conversation, taken.id, taken.code):
        return False
    return any(
        each.debtor == conversation.own and taken.id in (each.about, each.opened_by)
        for each in conversation.open_obligations
    )


def _is_answered(conversation: Conversation, message_id: str, code: str) -> bool:
    return any(
        each.envelope.in_reply_to == message_id
        and code in CATALOGUE[each.code].answers
        and (each.code, each.outcome) not in _INTERIM
        and each.delivery is not Delivery.REJECTED_TECH
        for each in conversation.letters
    )


def owes(kind: Kind, *clocks: Clock) -> Predicate:
    """What an open obligation of one's own house is about, if one of that kind is owed, with its clock there."""

    def find(conversation: Conversation, knows_person: bool) -> str | None:
        return next(
            (
                each.about
                for each in conversation.open_obligations
                if each.kind is kind and each.debtor == conversation.own and (not clocks or each.clock in clocks)
            ),
            None,
        )

    return find


def always(conversation: Conversation, knows_person: bool) -> str | None:
    return ""


def notice(conversation: Conversation, knows_person: bool) -> str | None:
    """The latest notice of the partner's: 201, or the 211 that corrects it."""
    notices = [each.id for each in conversation.taken if each.code in ("201", "211")]
    return notices[-1] if notices and conversation.arrival is not None else None


def unanswered_notice(conversation: Conversation, knows_person: bool) -> str | None:
    asked = notice(conversation, knows_person)
    return asked if asked is not None and not _is_answered(conversation, asked, "201") else None


def only_departure(conversation: Conversation, knows_person: bool) -> str | None:
    return conversation.departure if conversation.arrival is None else None


def one_sided(conversation: Conversation, knows_person: bool) -> str | None:
    """A notice of ours that came to nothing: whoever answers it still may."""
    return conversation.arrival if conversation.link is Link.NONE else None


def latest(code: str) -> Predicate:
    def find(conversation: Conversation, knows_person: bool) -> str | None:
        return next((each.id for each in reversed(conversation.taken) if each.code == code), None)

    return find


def unknown(case: Predicate) -> Predicate:
    return lambda conversation, knows_person: None if knows_person else case(conversation, knows_person)


def _is_in_circles(conversation: Conversation) -> bool:
    *before, to = conversation.asked
    return to in (conversation.own, *before) or len(before) > HOPS_MAX


def unsaid(in_circles: bool) -> Predicate:
    """A conversation that was begun here for a word that is not said yet; the one from which it comes. What the partner
    began and was refused is none."""

    def find(conversation: Conversation, knows_person: bool) -> str | None:
        if (
            conversation.letters
            or conversation.taken
            or conversation.refused
            or _is_in_circles(conversation) is not in_circles
        ):
            return None
        return conversation.parent_id or ""

    return find


def to_notify(conversation: Conversation, knows_person: bool) -> str | None:
    return None if _is_in_circles(conversation) else owes(Kind.NOTICE)(conversation, knows_person)


def answer(settled: bool) -> Predicate:
    """The final answer to our notice, where it leaves nothing to decide, or where it does."""

    def find(conversation: Conversation, knows_person: bool) -> str | None:
        answer = next((each for each in reversed(conversation.taken) if each.code == "203"), None)
        if answer is None:
            return None
        return answer.id if (not differing_paths(answer) - IMMATERIAL) is settled else None

    return find


def differing_paths(answer: Taken) -> frozenset[str]:
    """Fields of which the origin holds something else than our notice asserted."""
    lines = read_body(answer.envelope.payload, CATALOGUE["203"].items).get("field_results")
    if not isinstance(lines, list):
        return frozenset()
    return frozenset(
        str(each["path"]) for each in lines if isinstance(each, Mapping) and each.get("verdict") == "DIFFERENT"
    )
