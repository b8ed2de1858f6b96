"""Which obligations a message opens, and which it answers."""

from services.exchange.protocol.catalogue import MessageType, Owed
from services.exchange.protocol.conversation import Conversation, Obligation


def owed_by(message: MessageType, outcome: str, response_required: bool) -> tuple[Owed, ...]:
    """What a message with that outcome obliges to; at most one thing."""
    return tuple(
        owed
        for owed in message.owes
        if (not owed.outcomes or outcome in owed.outcomes) and (response_required or not owed.if_asked)
    )


def matching(
    conversation: Conversation, message: MessageType, in_reply_to: str | None, debtor: str
) -> list[Obligation]:
    """Open obligations of a debtor that such a message of the debtor's fulfils."""
    return [
        each
        for each in conversation.open_obligations
        if each.debtor == debtor
        and each.kind in message.ends
        and (not message.answers or in_reply_to in (each.about, each.opened_by))
    ]
