"""Conversations and outcomes as they are stored: JSON of the values themselves."""

import msgspec

from services.exchange.journal.entry import Outcome
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.envelope import Receipt, Rejection
from services.exchange.protocol.stimuli import Denial

_encoder = msgspec.json.Encoder()
_conversations = msgspec.json.Decoder(Conversation)


class _Outcome(msgspec.Struct, omit_defaults=True):
    conversation_id: str
    receipt: Receipt | None = None
    rejection: Rejection | None = None
    denial: Denial | None = None


_outcomes = msgspec.json.Decoder(_Outcome)


def write_conversation(conversation: Conversation) -> bytes:
    """The document of a conversation."""
    return _encoder.encode(conversation)


def read_conversation(document: bytes) -> Conversation:
    """The value again, equal to what was written."""
    return _conversations.decode(document)


def write_outcome(outcome: Outcome) -> bytes:
    """The document of an outcome."""
    reply = outcome.reply
    receipt = reply if isinstance(reply, Receipt) else None
    rejection = reply if isinstance(reply, Rejection) else None
    return _encoder.encode(_Outcome(outcome.conversation_id, receipt, rejection, outcome.denial))


def read_outcome(document: bytes) -> Outcome:
    """The value again."""
    read = _outcomes.decode(document)
    return Outcome(read.conversation_id, read.receipt or read.rejection, read.denial)
