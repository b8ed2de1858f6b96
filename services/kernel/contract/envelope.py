"""The envelope: the same first fields, in the same order, of every event on the log.

This page is the single source of it. `domicile schemas new` copies the fields into a new schema, and the
envelope lint compares every published schema with them, so that nobody types or edits them by hand. They can
never change: bytes written with them stay on the log for ever.

Every fixed and every record has a name of its own, also where two have the same shape, because column readers
(polars) do not follow references to named types.
"""

from typing import Any, Final

NAMESPACE: Final = "domicile.envelope"

Json = dict[str, Any]

REGION_PATTERN: Final = "^[a-z][a-z0-9-]{1,30}$"
AREA_PATTERN: Final = "^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$"
OFFICE_PATTERN: Final = "^[A-Za-z0-9][A-Za-z0-9._-]{0,47}$"
ACTOR_PATTERN: Final = "^[A-Za-z0-9][A-Za-z0-9:._-]{0,63}$"


def uuid_type(name: str) -> Json:
    """The Avro type of a UUID: sixteen bytes, under a name of its own."""
    return {"type": "fixed", "name": f"{NAMESPACE}.{name}", "size": 16, "logicalType": "uuid"}


def _field(name: str, avro_type: Any, doc: str, **attributes: Any) -> Json:
    field: Json = {"name": name, "type": avro_type, "doc": doc, "privacy": "public"}
    if isinstance(avro_type, list):
        field["default"] = None
    return field | attributes


SEALED_BLOCK_FIELDS: Final[tuple[Json, ...]] = (
    _field(
        "format",
        "int",
        "Version of this sealing format; 1 is AES-256-GCM, as the record's doc says.",
        min=1,
    ),
    _field("compartment", "string", "Which particulars the block holds.", vocabulary="compartment"),
    _field("key_id", uuid_type("KeyId"), "The key that seals the block; destroying it forgets the content."),
    _field("block_schema_id", "int", "Schema id of the Avro record inside the ciphertext.", min=1),
    _field(
        "nonce",
        {"type": "fixed", "name": f"{NAMESPACE}.Nonce", "size": 12},
        "Nonce of the cipher; never used twice with one key.",
    ),
    _field("ciphertext", "bytes", "The encrypted Avro record followed by the 16-byte authentication tag."),
)

SUBJECT_FIELDS: Final[tuple[Json, ...]] = (
    _field(
        "role",
        "string",
        "What the person is in this event; one of the roles of the event type.",
        pattern="^[a-z][a-z_]{1,31}$",
    ),
    _field("region", "string", "The region whose identifier person_id is.", pattern=REGION_PATTERN),
    _field(
        "person_id",
        uuid_type("PersonId"),
        "Opaque, regional identifier of the person; in the service context the person's pseudonym.",
    ),
    _field("identified_by", "string", "How ingest came to the person_id.", vocabulary="identified_by"),
    _field(
        "blocks",
        {
            "type": "array",
            "items": {
                "type": "record",
                "name": f"{NAMESPACE}.SealedBlock",
                "doc": (
                    "Particulars sealed under a key of one person and one compartment. Format 1: AES-256-GCM"
                    " over one Avro record; additional data = event_id, person_id, block_schema_id (4 bytes,"
                    " big endian), compartment (UTF-8), joined."
                ),
                "fields": list(SEALED_BLOCK_FIELDS),
            },
        },
        "The sealed particulars of this person, at most one block per compartment.",
    ),
)

ENVELOPE_FIELDS: Final[tuple[Json, ...]] = (
    _field("event_id", uuid_type("EventId"), "UUIDv7 chosen by the sender; a retry with the same id is safe."),
    _field("region", "string", "The region on whose log the event stands.", pattern=REGION_PATTERN),
    _field(
        "subjects",
        {
            "type": "array",
            "items": {
                "type": "record",
                "name": f"{NAMESPACE}.Subject",
                "doc": "One person whom the event is about.",
                "fields": list(SUBJECT_FIELDS),
            },
        },
        "Everybody whom the event is about; empty where it is about no person.",
    ),
    _field(
        "occurred_on",
        {"type": "int", "logicalType": "date"},
        "When it happened; the first day of the period when only month or year is known.",
        unit="day",
    ),
    _field("occurred_on_precision", "string", "What is known of occurred_on.", vocabulary="date_precision"),
    _field(
        "registered_at",
        {"type": "long", "logicalType": "timestamp-millis"},
        "When the office took it down, by the office's clock (UTC).",
        unit="millisecond",
    ),
    _field(
        "residence_area",
        ["null", "string"],
        "Usual residence, in this region, of the person for whom the event counts (births: the mother's);"
        " null when that person lives elsewhere or it is not known.",
        area=True,
        pattern=AREA_PATTERN,
    ),
    _field(
        "occurrence_area",
        ["null", "string"],
        "Area of this region where it happened; null when elsewhere or not known.",
        area=True,
        pattern=AREA_PATTERN,
    ),
    _field("office", "string", "The office that took it down.", pattern=OFFICE_PATTERN),
    _field(
        "actor",
        "string",
        "Pseudonymous identifier of the user or service that sent it.",
        pattern=ACTOR_PATTERN,
    ),
    _field(
        "approved_by",
        ["null", "string"],
        "Pseudonymous identifier of the second person, where the type needs two.",
        pattern=ACTOR_PATTERN,
    ),
    _field("purpose", "string", "What the data is processed for.", vocabulary="purpose"),
    _field("legal_basis", "string", "What allows it.", vocabulary="legal_basis"),
    _field("source", "string", "Where it came from.", vocabulary="source"),
    _field(
        "caused_by",
        ["null", uuid_type("CausedBy")],
        "The event or the message that led to this event; in a replacement, the correction that carries it.",
    ),
    _field(
        "conversation_id",
        ["null", uuid_type("ConversationId")],
        "The conversation between two regions that it belongs to.",
    ),
    _field("link_id", ["null", uuid_type("LinkId")], "The link between the records of one mover in two regions."),
    _field(
        "content_tag",
        {"type": "fixed", "name": f"{NAMESPACE}.ContentTag", "size": 16},
        "First 16 bytes of a keyed hash of the canonical post: tells whether two copies say the same.",
    ),
)

ENVELOPE_NAMES: Final[tuple[str, ...]] = tuple(field["name"] for field in ENVELOPE_FIELDS)
"""Names of the envelope's fields, in order."""

SENDER_FIELDS: Final[frozenset[str]] = frozenset(
    {
        "event_id",
        "subjects",
        "occurred_on",
        "registered_at",
        "residence_area",
        "occurrence_area",
        "office",
        "purpose",
        "legal_basis",
        "source",
    }
)
"""Envelope fields that any sender may post."""

SYSTEM_FIELDS: Final[frozenset[str]] = frozenset({"caused_by", "conversation_id", "link_id"})
"""Envelope fields that only the system itself or a partner's exchange may post."""

INGEST_FIELDS: Final[frozenset[str]] = frozenset(ENVELOPE_NAMES) - SENDER_FIELDS - SYSTEM_FIELDS
"""Envelope fields that ingest sets or derives; posting one is refused."""
