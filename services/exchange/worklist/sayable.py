"""What an office may say now, and in which words. Pure."""

from services.exchange.protocol import Conversation, allowed_actions
from services.exchange.protocol.actions import Action
from services.exchange.protocol.catalogue import CATALOGUE, MessageType
from services.exchange.protocol.failures import FAILURES
from services.exchange.protocol.states import State


def sayable(conversation: Conversation) -> list[Action]:
    """Messages that an office may say now. A withdrawal follows from an annulment; while it is open who is meant, that
    is decided (by two people, where it must be), and no answer goes around it."""
    unsaid = {"212"} | ({"203", "204", "302"} if conversation.state is State.MANUAL_PAIRING else set())
    allowed = [each for each in allowed_actions(conversation) if each.what in CATALOGUE and each.what not in unsaid]
    # Nobody waits for the reply to a reminder of what is over.
    return [each for each in allowed if each.what != "702" or each.due_at is not None]


def words_of(action: Action) -> tuple[str, ...]:
    """Words that may be said with it; empty where it says but one thing."""
    message = CATALOGUE[action.what]
    field = field_of_word(message)
    item = next((each for each in message.items if each.name == field), None)
    return action.outcomes or (item.words if item is not None else ())


def field_of_word(message: MessageType) -> str | None:
    """The field in which a message's word stands: its outcome, or the one word that it needs."""
    needed = (each.name for each in message.items if each.required and each.words)
    return message.outcome or next(needed, None)


def now_sayable(conversation: Conversation) -> str:
    """What may be said now, in words."""
    return " ".join(sayable_lines(conversation))


def sayable_lines(conversation: Conversation) -> list[str]:
    """A line for each message that may be said."""
    if conversation.state is State.MANUAL_PAIRING:
        return ["First it is decided who is meant: domicile exchange pairing, then decide."]
    lines = []
    for each in sayable(conversation):
        words = words_of(each)
        said = f"{each.what} {each.name}" + (f" ({', '.join(describe(one) for one in words)})" if words else "")
        lines.append(f"Now may be said: {said}.")
    return lines or ["Now nothing may be said by an office."]


def describe(word: str) -> str:
    """A code with what it means."""
    return f"{word}: {FAILURES[word].text.rstrip('.').lower()}" if word in FAILURES else word
