"""From a posted event straight to Avro, without a record in between: what every event of an import passes through.

The envelope is the same for ever, so it is written here in so many words; the own fields of an event type and the
particulars of a compartment become functions of their schemas. Decoding and encoding again gives the same bytes
(a test shows it for every example of the contract).
"""

from services.kernel.codec.framing import frame
from services.kernel.codec.posts.compiled import Write, compile_posted_writer
from services.kernel.codec.posts.dates import write_date
from services.kernel.codec.posts.reader import Post
from services.kernel.codec.primitives import OptionalStrings, Strings, instant, number
from services.kernel.contract.catalog import BlockVersion, EventVersion
from services.kernel.contract.envelope import ENVELOPE_FIELDS

END = b"\0"
"""After the items of an array: the subjects of an event, the blocks of a subject."""

_NOTHING, _SOME = b"\0", b"\2"
_SETTINGS_MAX = 1 << 14


class EventWriter:
    """Writes posts of one event version of one region; `text` as in `PostWriter`."""

    def __init__(self, event: EventVersion, region: str, text: Strings) -> None:
        self._event, self._text, self._optional = event, text, OptionalStrings(text)
        self._frame, self._region = frame(event.schema_id, b""), text[region]
        self._region_of_one = self._region + number(1)
        own = event.document["fields"][len(ENVELOPE_FIELDS) :]
        self._write_own = compile_posted_writer(event.name, own, keep_strings=True)
        self._settings: dict[tuple[str | None, ...], bytes] = {}

    def write_head(self, event_id: bytes, subjects: int) -> bytes:
        """The framed bytes up to the subjects, of which there are so many."""
        if subjects == 1:
            return self._frame + event_id + self._region_of_one
        return self._frame + event_id + self._region + (number(subjects) if subjects else b"")

    def write_rest(self, post: Post, actor: str, content_tag: bytes, caused_by: bytes | None) -> bytes:
        """The bytes after the subjects. `actor`, `content_tag` as in the envelope, set by ingest; `caused_by` is for
        replacements, others post their own."""
        values = post.values
        setting = (
            values.residence_area,
            values.occurrence_area,
            values.office,
            actor,
            values.purpose,
            values.legal_basis,
            values.source,
        )
        if caused_by is None:
            caused_by = values.caused_by and values.caused_by.bytes
        if caused_by is values.conversation_id is values.link_id is None:
            origin = b"\0\0\0"
        else:
            conversation_id = values.conversation_id and values.conversation_id.bytes
            link_id = values.link_id and values.link_id.bytes
            origin = _write_id(caused_by) + _write_id(conversation_id) + _write_id(link_id)
        return b"".join(
            (
                END,
                write_date(values.occurred_on),
                instant(post.registered_at_ms),
                self._settings.get(setting) or self._write_setting(setting),
                origin,
                content_tag,
                self._write_own(values),
            )
        )

    def _write_setting(self, setting: tuple[str | None, ...]) -> bytes:
        """Where it was taken down, by whom and what for: the same for thousands of posts."""
        residence_area, occurrence_area, office, actor, purpose, legal_basis, source = setting
        text, optional, event = self._text, self._optional, self._event
        written = b"".join(
            (
                optional[residence_area],
                optional[occurrence_area],
                text[office or ""],
                text[actor or ""],
                _NOTHING,  # approved_by: nobody approves what states a fact
                text[purpose or event.purpose],
                text[legal_basis or event.legal_basis],
                text[source or "office"],
            )
        )
        if len(self._settings) < _SETTINGS_MAX:
            self._settings[setting] = written
        return written


class PostWriter:
    """Writes posts of any event version of one region; functions are made when a version is met first."""

    def __init__(self, region: str) -> None:
        self._region, self._text = region, Strings()
        self._events: dict[int, EventWriter] = {}
        self._particulars: dict[int, Write] = {}

    def of_event(self, event: EventVersion) -> EventWriter:
        """The writer of an event version."""
        return self._events.get(event.schema_id) or self._make_event_writer(event)

    def of_particulars(self, version: BlockVersion) -> Write:
        """From posted particulars to bare Avro, to be sealed."""
        writer = self._particulars.get(version.schema_id)
        if writer is None:
            writer = compile_posted_writer(version.name, version.document["fields"], keep_strings=False)
            self._particulars[version.schema_id] = writer
        return writer

    def _make_event_writer(self, event: EventVersion) -> EventWriter:
        writer = self._events[event.schema_id] = EventWriter(event, self._region, self._text)
        return writer


def _write_id(value: bytes | None) -> bytes:
    return _NOTHING if value is None else _SOME + value
