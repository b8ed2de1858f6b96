"""From a posted event straight to Avro, without a record in between: what every event of an import passes through.

The envelope is the same for ever, so it is written here in so many words; the own fields of an event type and the
particulars of a compartment become functions of their schemas. Decoding and encoding again gives the same bytes
(a test shows it for every example of the contract).
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from services.kernel.codec.framing import frame
from services.kernel.codec.posts.dates import read_date, to_milliseconds
from services.kernel.codec.primitives import Strings, number
from services.kernel.codec.writer import Append, compile_posted_writer
from services.kernel.contract.catalog import BlockVersion, EventVersion
from services.kernel.contract.envelope import ENVELOPE_FIELDS

_NOTHING, _SOME, _END = b"\0", b"\2", b"\0"


class Block(Struct, gc=False):
    """A sealed block to write: as the Avro record `SealedBlock`."""

    compartment: str
    key_id: bytes
    block_schema_id: int
    nonce: bytes
    ciphertext: bytes


class Named(Struct, gc=False):
    """A subject to write: as the Avro record `Subject`."""

    role: str
    region: str
    person_id: bytes
    identified_by: str
    blocks: Sequence[Block]


class Provenance(Struct):
    """What ingest adds to a post: as in the envelope. `caused_by` is for replacements; others post their own."""

    event_id: bytes
    region: str
    actor: str
    approved_by: str | None
    content_tag: bytes
    caused_by: bytes | None = None


class PostWriter:
    """Writes posts of any event version; functions are made when a version is met first."""

    def __init__(self) -> None:
        self._strings = Strings()
        self._own: dict[int, Any] = {}
        self._particulars: dict[int, Any] = {}

    def write_particulars(self, version: BlockVersion, particulars: Any) -> bytes:
        """The bare Avro of posted particulars, to be sealed."""
        writer = self._particulars.get(version.schema_id)
        if writer is None:
            fields = version.document["fields"]
            writer = compile_posted_writer(version.name, fields, keep_strings=False, scope=_SCOPE)
            self._particulars[version.schema_id] = writer
        parts: list[bytes] = []
        writer(particulars, parts.append)
        return b"".join(parts)

    def write(self, event: EventVersion, values: Any, provenance: Provenance, subjects: Sequence[Named]) -> bytes:
        """The framed bytes of the event."""
        parts: list[bytes] = []
        append = parts.append
        text = self._strings
        occurred_on, precision = read_date(values.occurred_on)
        append(provenance.event_id)
        append(text[provenance.region])
        self._write_subjects(subjects, append)
        append(number(occurred_on))
        append(text[precision])
        append(number(to_milliseconds(values.registered_at)))
        self._write_optional(values.residence_area, append)
        self._write_optional(values.occurrence_area, append)
        append(text[values.office])
        append(text[provenance.actor])
        self._write_optional(provenance.approved_by, append)
        append(text[values.purpose or event.purpose])
        append(text[values.legal_basis or event.legal_basis])
        append(text[values.source or "office"])
        _write_id(provenance.caused_by or (values.caused_by and values.caused_by.bytes), append)
        _write_id(values.conversation_id and values.conversation_id.bytes, append)
        _write_id(values.link_id and values.link_id.bytes, append)
        append(provenance.content_tag)
        (self._own.get(event.schema_id) or self._compile(event))(values, append)
        return frame(event.schema_id, b"".join(parts))

    def _write_subjects(self, subjects: Sequence[Named], append: Append) -> None:
        text = self._strings
        if subjects:
            append(number(len(subjects)))
        for subject in subjects:
            append(text[subject.role])
            append(text[subject.region])
            append(subject.person_id)
            append(text[subject.identified_by])
            if subject.blocks:
                append(number(len(subject.blocks)))
            for block in subject.blocks:
                append(_SOME)  # format 1, as a number
                append(text[block.compartment])
                append(block.key_id)
                append(number(block.block_schema_id))
                append(block.nonce)
                append(number(len(block.ciphertext)))
                append(block.ciphertext)
            append(_END)
        append(_END)

    def _write_optional(self, value: str | None, append: Append) -> None:
        if value is None:
            append(_NOTHING)
        else:
            append(_SOME)
            append(self._strings[value])

    def _compile(self, event: EventVersion) -> Any:
        own = event.document["fields"][len(ENVELOPE_FIELDS) :]
        writer = compile_posted_writer(event.name, own, keep_strings=True, scope=_SCOPE)
        self._own[event.schema_id] = writer
        return writer


def _write_id(value: bytes | None, append: Append) -> None:
    if value is None:
        append(_NOTHING)
    else:
        append(_SOME)
        append(value)


_SCOPE = {"read_date": read_date, "milliseconds": to_milliseconds}
