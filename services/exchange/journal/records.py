"""Entries as records of the log: the envelope that every event has, a few fields to look for, and the whole as JSON."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from services.exchange.journal.entry import SYSTEM, Beginning, Entry, Join, Linked, PersonKnown, SealedPart
from services.exchange.journal.finding_records import FINDING, read_finding, write_finding
from services.exchange.journal.findings import FindingNote
from services.exchange.protocol import stimuli
from services.exchange.protocol.envelope import Part, Urgency
from services.kernel.codec import Decoder, encode
from services.kernel.codec.posts.dates import EPOCH, to_milliseconds
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.errors import Corrupt
from services.kernel.log.headers import headers_of_version
from services.kernel.log.producer import Record
from services.kernel.log.topics import get_topic
from services.kernel.privacy.region_key import RegionKey

MESSAGE, STEP = "ExchangeMessageLogged", "ExchangeStepLogged"


class _Say(NamedTuple):
    """`Say` with a body that JSON can be read into."""

    code: str
    body: dict[str, Any]
    message_id: str
    office: str
    in_reply_to: str | None
    occurred_on: date | None
    effective_on: date | None
    urgency: Urgency
    response_required: bool
    parts: tuple[Part, ...]


class _Content(NamedTuple):
    stimulus: msgspec.Raw
    begins: Beginning | None
    person: PersonKnown | None
    linked: Linked | None


STEPS: Mapping[str, type[Any]] = {
    "heard": stimuli.Hear,
    "said": stimuli.Say,
    "found": stimuli.Find,
    "arrival-registered": stimuli.Register,
    "receipted": stimuli.TakeReceipt,
    "rejected": stimuli.TakeRejection,
    "requeued": stimuli.Requeue,
    "proved": stimuli.Prove,
    "clock-stopped": stimuli.StopClock,
    "clock-started": stimuli.StartClock,
    "time-passed": stimuli.Tick,
    "joined": Join,
}
"""Words of the vocabulary `exchange_step`, and what they stand for."""

_WORDS = {type_: word for word, type_ in STEPS.items()}


class EntryCoder:
    """Writes and reads the entries of one region."""

    def __init__(self, region: str, catalog: Catalog, region_key: RegionKey) -> None:
        self._region = region
        self._topic = get_topic(region, "exchange")
        self._region_key = region_key
        self._decoder = Decoder(catalog)
        self._message, self._step = catalog.get_event(MESSAGE), catalog.get_event(STEP)
        self._finding = catalog.get_event(FINDING)
        self._headers = {
            event.name: headers_of_version(event, region) for event in (self._message, self._step, self._finding)
        }
        self._content = msgspec.json.Decoder(_Content)
        self._stimuli = {
            word: msgspec.json.Decoder(_Say if type_ is stimuli.Say else type_) for word, type_ in STEPS.items()
        }

    def encode(self, entry: Entry) -> Record:
        """The record to append, under the partner's key: entries of a corridor have one order."""
        if isinstance(entry.stimulus, FindingNote):
            return self._encode_finding(entry, entry.stimulus)
        word = _WORDS[type(entry.stimulus)]
        content = msgspec.json.encode((entry.stimulus, entry.begins, entry.person, entry.linked))
        event = self._message if word in ("heard", "said") else self._step
        fields = self._envelope(entry, event, content)
        fields |= {
            "partner_region": entry.partner,
            "step": word,
            "message_id": _message_id(entry),
            "content": content,
            "case_reference": entry.case_reference,
            "evidence": entry.evidence,
        }
        if event is self._message:
            fields["message_type"] = _message_type(entry)
            fields["parts"] = [_write_part(part) for part in entry.parts]
        return self._record(entry, event, fields)

    def decode(self, framed: bytes) -> Entry:
        """The entry in a record. Corrupt where it cannot be read."""
        event = self._decoder.decode(framed)
        record = event.record
        try:
            if event.type == FINDING:
                return read_finding(record)
            content = self._content.decode(record["content"])
            stimulus = self._stimuli[record["step"]].decode(content.stimulus)
        except (KeyError, TypeError, ValueError) as error:  # msgspec's own are ValueErrors
            raise Corrupt("bad-avro", event.type) from error
        return Entry(
            event_id=UUID(bytes=record["event_id"]),
            partner=record["partner_region"],
            conversation_id=str(UUID(bytes=record["conversation_id"])),
            at=datetime.fromtimestamp(record["registered_at"] / 1000, UTC),
            stimulus=stimuli.Say(*stimulus) if isinstance(stimulus, _Say) else stimulus,
            begins=content.begins,
            person=content.person,
            parts=tuple(_read_part(part) for part in record.get("parts", ())),
            evidence=record["evidence"],
            linked=content.linked,
            actor=record["actor"],
            case_reference=record["case_reference"],
            office="" if record["office"] == SYSTEM else record["office"],
        )

    def _encode_finding(self, entry: Entry, note: FindingNote) -> Record:
        fields = write_finding(entry, note, self._finding, self._region)
        fields["content_tag"] = self._region_key.content_tag(msgspec.json.encode(note))
        return self._record(entry, self._finding, fields)

    def _record(self, entry: Entry, event: EventVersion, fields: dict[str, Any]) -> Record:
        headers = [*self._headers[event.name], ("ce_id", str(entry.event_id).encode()), ("ce_office", b"exchange")]
        return Record(self._topic, entry.partner.encode(), encode(event, fields), headers)

    def _envelope(self, entry: Entry, event: EventVersion, content: bytes) -> dict[str, Any]:
        return {
            "event_id": entry.event_id.bytes,
            "region": self._region,
            "subjects": [] if entry.person is None else [self._subject(entry.person.person_id)],
            "occurred_on": entry.at.astimezone(UTC).toordinal() - EPOCH,
            "occurred_on_precision": "day",
            "registered_at": to_milliseconds(entry.at),
            "office": entry.office or SYSTEM,
            "actor": entry.actor,
            "approved_by": None if entry.person is None else (*entry.person.decided_by, None, None)[1],
            "purpose": event.purpose,
            "legal_basis": event.legal_basis,
            "source": _source(entry),
            "conversation_id": UUID(entry.conversation_id).bytes,
            "content_tag": self._region_key.content_tag(content),
        }

    def _subject(self, person: UUID) -> dict[str, Any]:
        return {
            "role": "person",
            "region": self._region,
            "person_id": person.bytes,
            "identified_by": "person_id",
            "blocks": [],
        }


def _source(entry: Entry) -> str:
    if isinstance(entry.stimulus, stimuli.Hear | stimuli.TakeReceipt | stimuli.TakeRejection):
        return "partner"
    return "system" if entry.actor == SYSTEM else "office"


def _message_id(entry: Entry) -> bytes | None:
    match entry.stimulus:
        case stimuli.Hear(envelope):
            return _id_bytes(envelope.message_id)
        case stimuli.TakeReceipt(answer) | stimuli.TakeRejection(answer):
            return _id_bytes(answer.message_id)
        case stimuli.Say() | stimuli.Requeue() | stimuli.Prove() as about:
            return _id_bytes(about.message_id)
    return None


def _message_type(entry: Entry) -> str:
    match entry.stimulus:
        case stimuli.Hear(envelope):
            return envelope.message_type
        case stimuli.Say(code):
            return code
    raise Corrupt("does-not-fit-schema", MESSAGE)


def _id_bytes(text: str) -> bytes:
    return UUID(text).bytes


def _write_part(part: SealedPart) -> dict[str, Any]:
    return {
        "role": part.role,
        "commitment": part.commitment,
        "holder_id": part.holder.bytes,
        "key_id": part.key_id.bytes,
        "block_schema_id": part.block_schema_id,
        "nonce": part.nonce,
        "ciphertext": part.ciphertext,
    }


def _read_part(part: Mapping[str, Any]) -> SealedPart:
    return SealedPart(
        part["role"],
        part["commitment"],
        UUID(bytes=part["holder_id"]),
        UUID(bytes=part["key_id"]),
        part["block_schema_id"],
        part["nonce"],
        part["ciphertext"],
    )
