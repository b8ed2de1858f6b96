"""Turns an identified entry into a record of the log: particulars sealed, everything encoded, key and headers set."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from os import urandom
from typing import Any

from msgspec import Struct, to_builtins

from services.ingest.pipeline.entry import Entry, Target
from services.kernel.codec.encode import Encoder
from services.kernel.codec.posts.dates import read_date
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.contract.fields import Field
from services.kernel.log.producer import Headers, Record
from services.kernel.privacy.data_keys import Holder
from services.kernel.privacy.sealing import NONCE_BYTES, DataKey, seal

NONCES_DRAWN = 1024
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)

Keys = Mapping[Holder, DataKey]


class _Plan(Struct, frozen=True):
    """How the own fields of an event type are taken over from a post, found out once."""

    plain: tuple[str, ...]
    dates: tuple[str, ...]
    others: tuple[Field, ...]


class Sealer:
    """Builds the records of one region."""

    def __init__(self, region: str, catalog: Catalog) -> None:
        self._region = region
        self._encoder = Encoder()
        self._plans: dict[int, _Plan] = {}
        self._nonces = _Nonces()
        self._blocks = {block.compartment: block for block in catalog.blocks if block.is_latest}
        self._source = f"/{region}".encode()

    def seal(self, entry: Entry, keys: Keys) -> Record:
        """The record to append. `keys` holds a key for each sealed block of the entry and its replacement."""
        event = entry.post.event
        content = self._content(entry, keys)
        if entry.target is not None:
            content["subjects"] = self._list_subjects(entry, entry.target)
            content["target_type"], content["target_context"] = entry.target.type, entry.target.context
            content["target_key"] = entry.target.key
        if entry.replacement is not None:
            carried = self._content(entry.replacement, keys)
            carried["caused_by"] = entry.event_id
            content["replacement"] = self._encoder.frame(entry.replacement.post.event, carried)
        topic = entry.target.topic if entry.target else f"{self._region}.{event.context}"
        key = entry.target.key if entry.target else record_key(event, content)
        return Record(topic, key, self._encoder.frame(event, content), self._headers(entry))

    def _content(self, entry: Entry, keys: Keys) -> dict[str, Any]:
        event, values = entry.post.event, entry.values
        occurred_on, precision = read_date(values.occurred_on)
        content: dict[str, Any] = {
            "event_id": entry.event_id,
            "region": self._region,
            "subjects": self._subjects(entry, keys),
            "occurred_on": occurred_on,
            "occurred_on_precision": precision,
            "registered_at": to_milliseconds(values.registered_at),
            "actor": entry.caller.sub,
            "approved_by": entry.approved_by,
            "purpose": values.purpose or event.purpose,
            "legal_basis": values.legal_basis or event.legal_basis,
            "source": values.source or "office",
            "content_tag": entry.content_tag,
            "residence_area": values.residence_area,
            "occurrence_area": values.occurrence_area,
            "office": values.office,
            "caused_by": values.caused_by and values.caused_by.bytes,
            "conversation_id": values.conversation_id and values.conversation_id.bytes,
            "link_id": values.link_id and values.link_id.bytes,
        }
        plan = self._plans.get(event.schema_id) or self._plan(event)
        for name in plan.plain:
            content[name] = getattr(values, name)
        for name in plan.dates:
            text = getattr(values, name)
            content[name], content[name + "_precision"] = (None, None) if text is None else read_date(text)
        for field in plan.others:
            content[field.name] = _to_plain(field, getattr(values, field.name))
        return content

    def _plan(self, event: EventVersion) -> "_Plan":
        posted = [field for field in event.own_fields if field.posted and field.kind != "bytes"]
        special = ("date", "uuid", "timestamp-millis")
        plan = _Plan(
            tuple(field.name for field in posted if field.kind not in special),
            tuple(field.name for field in posted if field.kind == "date"),
            tuple(field for field in posted if field.kind in special[1:]),
        )
        self._plans[event.schema_id] = plan
        return plan

    def _subjects(self, entry: Entry, keys: Keys) -> list[dict[str, Any]]:
        subjects = []
        for index, (subject, name, naming) in enumerate(
            zip(entry.values.subjects, entry.names, entry.namings, strict=True)
        ):
            blocks = [
                self._block(entry, index, compartment, keys[name, compartment], next(self._nonces))
                for compartment in sorted(entry.post.event.compartments)
                if getattr(subject, compartment) is not None
            ]
            subjects.append(
                {
                    "role": subject.role,
                    "region": subject.region or self._region,
                    "person_id": name,
                    "identified_by": naming.identified_by,
                    "blocks": blocks,
                }
            )
        return subjects

    def _block(self, entry: Entry, index: int, compartment: str, key: DataKey, nonce: bytes) -> dict[str, Any]:
        version = self._blocks[compartment]
        particulars = to_builtins(getattr(entry.values.subjects[index], compartment), builtin_types=(datetime,))
        for name, value in particulars.items():
            if value.__class__ is datetime:
                particulars[name] = to_milliseconds(value)
        if identifiers := particulars.get("identifiers"):  # of which only one compartment has any
            for identifier, quality in zip(identifiers, entry.qualities[index], strict=True):
                identifier["quality"] = quality
        return seal(
            key,
            nonce,
            self._encoder.encode(version, particulars),
            event_id=entry.event_id,
            person_id=entry.names[index],
            compartment=compartment,
            block_schema_id=version.schema_id,
        )

    def _list_subjects(self, entry: Entry, target: Target) -> list[dict[str, Any]]:
        """Everybody whom the event was about before, and whom it is about after: each must be folded again."""
        listed = {subject["person_id"]: {**subject, "role": "before", "blocks": []} for subject in target.subjects}
        if entry.replacement is not None:
            for name, naming in zip(entry.replacement.names, entry.replacement.namings, strict=True):
                after = {"role": "after", "region": self._region, "person_id": name, "blocks": []}
                listed.setdefault(name, {**after, "identified_by": naming.identified_by})
        return list(listed.values())

    def _headers(self, entry: Entry) -> Headers:
        """CloudEvents 1.0 (Kafka binding, binary mode) where it has a name; nothing personal."""
        event = entry.post.event
        headers: Headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", entry.event_id_text.encode()),
            ("ce_type", event.subject_name.encode()),
            ("ce_source", self._source),
            ("ce_version", b"%d" % event.version),
            ("ce_office", entry.values.office.encode()),
            ("content-type", b"application/vnd.confluent.avro"),
        ]
        if entry.traceparent:
            headers.append(("traceparent", entry.traceparent.encode()))
        return headers


def record_key(event: EventVersion, content: Mapping[str, Any]) -> bytes:
    """The Kafka key: the primary subject's id as 32 hexadecimal digits, or the area's code."""
    if event.key_field is not None:
        return str(content[event.key_field]).encode()
    primary = next(subject for subject in content["subjects"] if subject["role"] == event.key_role)
    key: bytes = primary["person_id"]
    return key.hex().encode()


def to_milliseconds(at: datetime) -> int:
    """Milliseconds since 1970, rounded down. In whole numbers: a float would lose one now and then."""
    return (at - _EPOCH) // _MILLISECOND


def _to_plain(field: Field, value: Any) -> Any:
    if value is None:
        return None
    if field.kind == "timestamp-millis":
        return to_milliseconds(value)
    return [each.bytes for each in value] if field.is_array else value.bytes


class _Nonces:
    """Random nonces, drawn from the system many at a time."""

    def __init__(self) -> None:
        self._drawn: list[bytes] = []

    def __next__(self) -> bytes:
        if not self._drawn:
            random = urandom(NONCE_BYTES * NONCES_DRAWN)
            self._drawn = [random[start : start + NONCE_BYTES] for start in range(0, len(random), NONCE_BYTES)]
        return self._drawn.pop()
