"""Turns an identified entry into a record of the log: particulars sealed, subjects named, key and headers set."""

from collections.abc import Iterator, Mapping
from os import urandom
from typing import Any

from services.ingest.pipeline.entry import Entry, Target
from services.kernel.codec.encode import Encoder
from services.kernel.codec.posts.dates import read_date, to_milliseconds
from services.kernel.codec.posts.writer import END
from services.kernel.codec.primitives import Strings, number
from services.kernel.contract.catalog import BlockVersion
from services.kernel.errors import Corrupt
from services.kernel.log.headers import headers_of_version
from services.kernel.log.producer import Headers, Record
from services.kernel.privacy.data_keys import Holder
from services.kernel.privacy.sealing import FORMAT, NONCE_BYTES, DataKey, additional_data

NONCES_DRAWN = 1024

Keys = Mapping[Holder, DataKey]


class Sealer:
    """Builds the records of one region."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._encoder, self._text, self._nonces = Encoder(), Strings(), _draw_nonces()
        self._blocks: dict[int, tuple[bytes, bytes, bytes]] = {}
        self._fixed: dict[int, tuple[str, Headers]] = {}

    def seal(self, entry: Entry, keys: Keys) -> Record:
        """The record to append. `keys` holds a key for each sealed block of the entry and its replacement."""
        topic, headers = self._topic_and_headers(entry)
        if entry.target is not None:
            return Record(entry.target.topic, entry.target.key, self._correction(entry, entry.target, keys), headers)
        return Record(topic, entry.key or _primary_key(entry), self._event(entry, keys), headers)

    def _event(self, entry: Entry, keys: Keys) -> bytes:
        event_id, text = entry.event_id, self._text
        pieces = [entry.head]
        for part in entry.parts:
            name, blocks = part.name, part.blocks
            pieces += (text[part.role], text[part.region], name, text[part.identified_by])
            if blocks:
                pieces.append(number(len(blocks)))
                for version, plain in blocks:
                    key, nonce = keys[name, version.compartment], next(self._nonces)
                    start, schema_id, bound_to = self._blocks.get(version.schema_id) or self._start_block(version)
                    sealed = key.cipher.encrypt(nonce, plain, event_id + name + bound_to)
                    pieces += (start, key.key_id.bytes, schema_id, nonce, number(len(sealed)), sealed)
            pieces.append(END)
        pieces.append(entry.rest)
        return b"".join(pieces)

    def _start_block(self, version: BlockVersion) -> tuple[bytes, bytes, bytes]:
        """What all blocks of a version have in common: how they begin, the schema id, and what they are bound to beside
        event and person."""
        start = number(FORMAT) + self._text[version.compartment]
        bound_to = additional_data(b"", b"", version.compartment, version.schema_id)
        made = self._blocks[version.schema_id] = (start, number(version.schema_id), bound_to)
        return made

    def _correction(self, entry: Entry, target: Target, keys: Keys) -> bytes:
        """A correction or an annulment. They are rare, so they take the plain way: a record, checked field by field."""
        event, values = entry.event, entry.values
        occurred_on, precision = read_date(values.occurred_on)
        content: dict[str, Any] = {
            "event_id": entry.event_id,
            "region": self._region,
            "subjects": self._list_subjects(entry, target),
            "occurred_on": occurred_on,
            "occurred_on_precision": precision,
            "registered_at": to_milliseconds(values.registered_at),
            "residence_area": values.residence_area,
            "occurrence_area": values.occurrence_area,
            "office": values.office,
            "actor": entry.caller.sub,
            "approved_by": entry.approved_by,
            "purpose": values.purpose or event.purpose,
            "legal_basis": values.legal_basis or event.legal_basis,
            "source": values.source or "office",
            "content_tag": entry.content_tag,
            "target_event_id": values.target_event_id.bytes,
            "target_type": target.type,
            "target_context": target.context,
            "target_key": target.key,
            "reason": values.reason,
            "case_reference": values.case_reference,
        }
        if entry.replacement is not None:
            content["replacement"] = self._event(entry.replacement, keys)
        return self._encoder.frame(event, content)

    def _list_subjects(self, entry: Entry, target: Target) -> list[dict[str, Any]]:
        """Everybody whom the event was about before, and whom it is about after: each must be folded again."""
        listed = {subject["person_id"]: {**subject, "role": "before", "blocks": []} for subject in target.subjects}
        if entry.replacement is not None:
            for part in entry.replacement.parts:
                after = {"role": "after", "region": self._region, "person_id": part.name, "blocks": []}
                listed.setdefault(part.name, {**after, "identified_by": part.identified_by})
        return list(listed.values())

    def _topic_and_headers(self, entry: Entry) -> tuple[str, Headers]:
        event = entry.event
        fixed = self._fixed.get(event.schema_id)
        if fixed is None:
            fixed = self._fixed[event.schema_id] = (
                f"{self._region}.{event.context}",
                headers_of_version(event, self._region),
            )
        topic, headers = fixed
        headers = [*headers, ("ce_id", entry.event_id_text.encode()), ("ce_office", entry.office.encode())]
        if entry.traceparent:
            headers.append(("traceparent", entry.traceparent.encode()))
        return topic, headers


def _primary_key(entry: Entry) -> bytes:
    """The primary subject's id as 32 hexadecimal digits."""
    key_role = entry.event.key_role
    for part in entry.parts:
        if part.role == key_role:
            return part.name.hex().encode()
    raise Corrupt("does-not-fit-schema", entry.event.name)


def _draw_nonces() -> Iterator[bytes]:
    """Random nonces, drawn from the system many at a time."""
    while True:
        random = urandom(NONCE_BYTES * NONCES_DRAWN)
        yield from [random[start : start + NONCE_BYTES] for start in range(0, len(random), NONCE_BYTES)]
