"""From a posted event straight to Avro, without a record in between: what every event of an import passes through.

The envelope is the same for ever, so it is written here in so many words; the own fields of an event type and the
particulars of a compartment become functions of their schemas. Decoding and encoding again gives the same bytes
(a test shows it for every example of the contract).
"""

from typing import Any

from services.kernel.codec.framing import frame
from services.kernel.codec.posts.dates import to_milliseconds, write_date, write_optional_date
from services.kernel.codec.primitives import OptionalStrings, Strings, instant, number
from services.kernel.codec.writer import compile_posted_writer
from services.kernel.contract.catalog import BlockVersion, EventVersion
from services.kernel.contract.envelope import ENVELOPE_FIELDS

_NOTHING, _SOME, _END, _FORMAT = b"\0", b"\2", b"\0", number(1)


class PostWriter:
    """Writes posts of any event version; functions are made when a version is met first."""

    def __init__(self) -> None:
        self._strings = Strings()
        self._optional = OptionalStrings(self._strings)
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

    def write_head(self, event: EventVersion, event_id: bytes, region: str, subjects: int) -> bytes:
        """The framed bytes of an event up to its subjects, of which there are so many."""
        return frame(event.schema_id, event_id) + self._strings[region] + (number(subjects) if subjects else b"")

    def write_subject(self, role: str, region: str, person_id: bytes, identified_by: str, blocks: list[bytes]) -> bytes:
        """A subject, as in the envelope; `blocks` as they come from `write_block`."""
        text = self._strings
        named = text[role] + text[region] + person_id + text[identified_by]
        return b"".join((named, number(len(blocks)), *blocks, _END)) if blocks else named + _END

    def write_block(self, version: BlockVersion, key_id: bytes, nonce: bytes, ciphertext: bytes) -> bytes:
        """A sealed block of format 1."""
        head, schema_id = self._strings[version.compartment], number(version.schema_id)
        return b"".join((_FORMAT, head, key_id, schema_id, nonce, number(len(ciphertext)), ciphertext))

    def write_rest(
        self, event: EventVersion, values: Any, actor: str, content_tag: bytes, caused_by: bytes | None
    ) -> bytes:
        """The bytes of an event after its subjects. `actor`, `content_tag` as in the envelope, set by ingest;
        `caused_by` is for replacements, others post their own."""
        text, optional = self._strings, self._optional
        parts = [
            _END,
            write_date(values.occurred_on),
            instant(to_milliseconds(values.registered_at)),
            optional[values.residence_area],
            optional[values.occurrence_area],
            text[values.office],
            text[actor],
            _NOTHING,  # approved_by: nobody approves what states a fact
            text[values.purpose or event.purpose],
            text[values.legal_basis or event.legal_basis],
            text[values.source or "office"],
            _write_id(caused_by or (values.caused_by and values.caused_by.bytes)),
            _write_id(values.conversation_id and values.conversation_id.bytes),
            _write_id(values.link_id and values.link_id.bytes),
            content_tag,
        ]
        (self._own.get(event.schema_id) or self._compile(event))(values, parts.append)
        return b"".join(parts)

    def _compile(self, event: EventVersion) -> Any:
        own = event.document["fields"][len(ENVELOPE_FIELDS) :]
        writer = compile_posted_writer(event.name, own, keep_strings=True, scope=_SCOPE)
        self._own[event.schema_id] = writer
        return writer


def _write_id(value: bytes | None) -> bytes:
    return _NOTHING if value is None else _SOME + value


_SCOPE = {"date": write_date, "optional_date": write_optional_date, "milliseconds": to_milliseconds}
