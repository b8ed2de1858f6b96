"""Whether a message that came can be taken at all: the technical answers (902), in the order in which they are
given."""

from collections.abc import Mapping
from datetime import timedelta

from services.exchange.protocol.bodies import Body, WrongBodyError, read_body
from services.exchange.protocol.catalogue import CATALOGUE, MessageType
from services.exchange.protocol.contents import EMPTY_WHERE_NOTHING_IS_TOLD
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.deadlines import REMIND_AFTER
from services.exchange.protocol.envelope import Envelope, Rejection
from services.exchange.protocol.states import Role

PURPOSES = frozenset({"exchange", "civil-registration", "residence-registration", "quality-assurance"})
_REMINDER = "701"
_LEVELS = range(1, 1 + len(REMIND_AFTER))
_CLOCKS_DIFFER = timedelta(days=1)
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
        or _find_wrong_reminder(envelope, message, conversation)
        or _find_unasked(envelope, message, conversation)
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


def _find_wrong_reminder(envelope: Envelope, message: MessageType, conversation: Conversation) -> Rejection | None:
    """Of what is owed, once on each level, and not before it is due: who reminds without end is not listened to."""
    if message.code != _REMINDER:
        return None
    body = read_body(envelope.payload, message.items)
    about, level = body["obligation_id"], body["level"]
    owed = next((each for each in conversation.obligations if each.id == about), None)
    if owed is None or owed.debtor != conversation.own:
        return _no(envelope, "E-TEC-02", "/payload/obligation_id")
    heard = [read_body(each.envelope.payload, message.items) for each in conversation.taken if each.code == _REMINDER]
    is_known = any((each["obligation_id"], each["level"]) == (about, level) for each in heard)
    if is_known or level not in _LEVELS:
        return _no(envelope, "E-TEC-02", "/payload/level")
    is_early = envelope.recorded_at < owed.due_at - _CLOCKS_DIFFER
    return _no(envelope, "E-TEC-02", "/payload/overdue_since") if is_early else None


def _find_unasked(envelope: Envelope, message: MessageType, conversation: Conversation) -> Rejection | None:
    """An answer item by item speaks of items that were asked."""
    question = conversation.find_letter(envelope.in_reply_to)
    if message.code != "302" or question is None:
        return None
    asked = _item_ids(read_body(question.envelope.payload, CATALOGUE[question.code].items))
    told = _item_ids(read_body(envelope.payload, message.items))
    return None if told <= asked else _no(envelope, "E-TEC-02", "/payload/items")


def _item_ids(body: Body) -> set[object]:
    lines = body.get("items")
    return {line.get("item_id") for line in lines if isinstance(line, Mapping)} if isinstance(lines, list) else set()


def body_schema_id(code: str, version: int) -> int:
    """The same in every region, for ever."""
    return int(code) * 100 + version


def _no(envelope: Envelope, code: str, path: str) -> Rejection:
    return Rejection(envelope.message_id, code, path)
