"""The first message of a conversation that is not known here yet."""

from datetime import datetime

from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.conversation import Conversation, begin
from services.exchange.protocol.deadlines import Profile
from services.exchange.protocol.envelope import Envelope, Rejection
from services.exchange.protocol.states import Role


def welcome(envelope: Envelope, own: str, now: datetime, profile: Profile = Profile.STD) -> Conversation | Rejection:
    """An empty conversation in which such a message can be heard.

    Keep it only if the message was taken or refused for good. What nobody begins with waits for what comes before it.
    """
    message = CATALOGUE.get(envelope.message_type)
    if message is None:
        return Rejection(envelope.message_id, "E-TEC-03", "/message_type")
    if message.by is Role.EITHER:
        return Rejection(envelope.message_id, "E-TEC-08", "/seq")
    role = message.by.opposite
    partner = envelope.sender_jurisdiction
    return begin(envelope.conversation_id, envelope.conversation_type, own, partner, role, now, profile=profile)
