"""Whether a message that came can be taken at all: the technical answers (902), in the order in which they are
given."""

from services.exchange.protocol.bodies import WrongBodyError, read_body
from services.exchange.protocol.catalogue import CATALOGUE, MessageType
from services.exchange.protocol.contents import EMPTY_WHERE_NOTHING_IS_TOLD
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.envelope import Envelope, Rejection
from services.exchange.protocol.states import Role

PURPOSES = frozenset({"exchange", "civil-registration", "residence-registration", "quality-assurance"})
LEGAL_BASES = frozenset({"agreement-between-regions", "statute", "court-order"})


def find_rejection(envelope: Envelope, conversation: Conversation) -> Rejection | None:
    """Why a message cannot be taken; None where it can. A newer version is refused in words, never by a crash."""
    if envelope.recipient_jurisdiction != conversation.own or envelope.sender_jurisdiction != conversation.partner:
        return _no(envelope, "E-TEC-06", "/recipient_jurisdiction")
    if envelope.conversation_id not in conversation.ids:
        return _no(envelope, "E-TEC-06", "/conversation_id")
    message = CATALOGUE.get(envelope.message_type)
    if message is None or envelope.schema_version not in message.versions:
        return _no(envelope, "E-TEC-03", "/message_type" if message is None else "/schema_version")
    return (
        _find_wrong_form(envelope, message)
        or _find_wrong_authority(envelope, message, conversation)
        or _find_wrong_order(envelope, conversation)
        or _find_wrong_request(envelope, message, conversation)
    )


def _find_wrong_form(envelope: Envelope, message: MessageType) -> Rejection | None:
    if envelope.body_schema_id != body_schema_id(envelope.message_type, envelope.schema_version):
        return _no(envelope, "E-TEC-03", "/body_schema_id")
    try:
        body = read_body(envelope.payload, message.items)
        message.check_complete(body)
    except WrongBodyError as wrong:
        return _no(envelope, wrong.code, wrong.path)
    if envelope.parts and not message.has_parts:
        return _no(envelope, "E-TEC-02", "/parts")
    told = EMPTY_WHERE_NOTHING_IS_TOLD.get((message.code, message.outcome_of(body)))
    if told is not None and (envelope.parts or not set(body) <= told):
        return _no(envelope, "E-TEC-02", "/payload/unknown-field")
    return None


def _find_wrong_authority(envelope: Envelope, message: MessageType, conversation: Conversation) -> Rejection | None:
    if envelope.conversation_type is not conversation.talk or conversation.talk not in message.talks:
        return _no(envelope, "E-TEC-10", "/conversation_type")
    if message.by not in (Role.EITHER, conversation.role.opposite):
        return _no(envelope, "E-TEC-10", "/message_type")
    if envelope.purpose_code not in PURPOSES:
        return _no(envelope, "E-TEC-10", "/purpose_code")
    if envelope.legal_basis_code not in LEGAL_BASES:
        return _no(envelope, "E-TEC-10", "/legal_basis_code")
    return None


def _find_wrong_order(envelope: Envelope, conversation: Conversation) -> Rejection | None:
    """A gap stops this conversation only; the sender sends again when the gap is filled."""
    expected = 1 + sum(each.envelope.conversation_id == envelope.conversation_id for each in conversation.taken)
    if envelope.seq > expected:
        return _no(envelope, "E-TEC-08", "/seq")
    return _no(envelope, "E-TEC-02", "/seq") if envelope.seq < expected else None


def _find_wrong_request(envelope: Envelope, message: MessageType, conversation: Conversation) -> Rejection | None:
    """An answer must name a message of ours, of a type that it answers, by the hash of what we sent."""
    if not message.answers:
        return None
    letter = conversation.find_letter(envelope.in_reply_to)
    if letter is None or letter.code not in message.answers:
        return _no(envelope, "E-TEC-07", "/in_reply_to")
    return None if letter.hash == envelope.request_hash else _no(envelope, "E-TEC-07", "/request_hash")


def body_schema_id(code: str, version: int) -> int:
    """The same in every region, for ever."""
    return int(code) * 100 + version


def _no(envelope: Envelope, code: str, path: str) -> Rejection:
    return Rejection(envelope.message_id, code, path)
