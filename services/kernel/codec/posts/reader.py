"""Reads posts: bytes → `Post`, all refusals on the way named."""

from collections.abc import Mapping
from functools import reduce
from itertools import chain
from operator import or_
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw, Struct
from msgspec.json import Decoder, Encoder

from services.kernel.codec.posts.dates import to_milliseconds
from services.kernel.codec.posts.model import Head, build_post
from services.kernel.codec.posts.refusals import find_duplicate_key, refuse_document, refuse_value
from services.kernel.contract.catalog import ENVELOPE, Catalog, EventVersion
from services.kernel.contract.fields import Field
from services.kernel.contract.refusals import suggest
from services.kernel.errors import Rejected

POST_BYTES_MAX = 256 << 10
OFFICES_MAX = 1 << 14
_VERSION_AND_VARIANT, _VERSION_7 = 0xF << 76 | 0x3 << 62, 0x7 << 76 | 0x2 << 62


class Post(Struct, gc=False):
    """One posted event, read and well formed, not yet checked against anything outside itself.

    `values` has the posted fields as attributes (dates still as text); `canonical` is the same post in one spelling:
    two posts say the same exactly when it is equal. `registered_at_ms`: since 1970.
    """

    event: EventVersion
    values: Any
    canonical: bytes
    registered_at_ms: int

    @property
    def event_id(self) -> UUID:
        """As it was posted."""
        event_id: UUID = self.values.event_id
        return event_id


class PostReader:
    """Knows the shape of every posted event type and version."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._head = Decoder(Head)
        self._encode = Encoder().encode
        latest: dict[Any, EventVersion] = {
            build_post(event, catalog, any_office=True): event for event in catalog.latest_events
        }
        self._latest, self._offices = latest, set[str]()
        # The latest version of whatever type it is: one look at the bytes for nearly every post.
        self._decode_latest = Decoder(reduce(or_, latest)).decode
        self._decoders: Mapping[tuple[str, int], tuple[EventVersion, Decoder[Struct]]] = {
            (event.name, number): (event, Decoder(build_post(event, catalog)))
            for event in catalog.events
            for number in ((event.version, 0) if event.is_latest else (event.version,))
        }

    def read(self, raw: bytes, source: str | None = None) -> Post:
        """The post; `source` is its source where it names none. Raises `Rejected`."""
        if len(raw) > POST_BYTES_MAX:
            raise Rejected("too-large", rule=f"One event takes at most {POST_BYTES_MAX >> 10} KiB.")
        try:
            values: Any = self._decode_latest(raw)
            event = self._latest[values.__class__]
            if values.office not in self._offices or (values.version and values.version != event.version):
                event, values = self._decode_slowly(raw)
                if len(self._offices) < OFFICES_MAX:
                    self._offices.add(values.office)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            event, values = self._decode_slowly(raw)
        if event.two_people:
            _respell_replacement(values)
        if b"\\u0000" in raw:
            raise Rejected("bad-format", rule="No text holds the character NUL.")
        named_version = values.version != 0
        values.version = 0  # a version that is left out and one that is named say the same
        canonical = self._encode(values)
        if source is not None and values.source is None:
            values.source = source
        if raw != canonical:
            _refuse_duplicate_keys(raw, canonical, named_version)
        if values.subjects and not event.roles:
            raise Rejected("subjects-not-allowed", "/subjects")
        if values.event_id.int & _VERSION_AND_VARIANT != _VERSION_7:
            raise Rejected("bad-uuid", "/event_id", rule="An event id is a UUID of version 7 (RFC 9562).")
        return Post(event, values, canonical, to_milliseconds(values.registered_at))

    def _decode_slowly(self, raw: bytes) -> tuple[EventVersion, Any]:
        """By the type and version that it names. Raises `Rejected` with what is wrong, where something is."""
        event, decoder = self._find_decoder(raw)
        try:
            return event, decoder.decode(raw)
        except msgspec.ValidationError as error:
            raise refuse_value(error, self._fields_of(event)) from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise refuse_document(error) from None

    def _find_decoder(self, raw: bytes) -> tuple[EventVersion, "Decoder[Struct]"]:
        try:
            head = self._head.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if isinstance(error, msgspec.ValidationError) and raw.lstrip()[:1] != b"{":
                raise Rejected("not-an-object") from None
            raise refuse_document(error) from None
        found = self._decoders.get((head.type, head.version))
        if found is None:
            raise self._refuse_unknown(head)
        return found

    def _fields_of(self, event: EventVersion) -> tuple[Field, ...]:
        blocks = (self._catalog.latest_block(compartment).fields for compartment in event.compartments)
        return (*ENVELOPE, *event.own_fields, *chain.from_iterable(blocks))

    def _refuse_unknown(self, head: Head) -> Rejected:
        versions = sorted(event.version for event in self._catalog.events if event.name == head.type)
        if versions:
            known = ", ".join(map(str, versions))
            return Rejected("unknown-version", "/version", rule=f"{head.type} has the versions: {known}.")
        names = [event.name for event in self._catalog.latest_events]
        return Rejected("unknown-type", "/type", remedy=f"Name a type of the catalogue.{suggest(head.type, names)}")


def _respell_replacement(values: Any) -> None:
    """A post that is carried inside a post is kept as bytes: in one spelling too, so that a retry says the same."""
    carried = getattr(values, "replacement", None)
    if carried is None:
        return
    try:
        values.replacement = Raw(msgspec.json.encode(msgspec.json.decode(carried), order="deterministic"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refuse_document(error) from None


def _refuse_duplicate_keys(raw: bytes, canonical: bytes, named_version: bool) -> None:
    """JSON parsers keep the last of two equal keys; a register must not guess which one was meant.

    Counting settles almost every post; where the counts differ, or could be made to agree, a slow reading does.
    """
    if b"\\" not in raw:  # every quote opens or closes a key or a text, and a second key brings two more
        suspicious = raw.count(b'"') != canonical.count(b'"') + 2 * named_version
    else:  # in either spelling, `":` ends a key unless the quote is escaped or a space stands between
        suspicious = _count_keys(raw) != _count_keys(canonical) + named_version or _may_hide_a_key(raw)
    if suspicious:
        twice = find_duplicate_key(raw)
        if twice is not None:
            raise Rejected("duplicate-key", f"/{twice}")


def _count_keys(text: bytes) -> int:
    return text.count(b'":') - text.count(b'\\":')


def _may_hide_a_key(raw: bytes) -> bool:
    return b'" ' in raw or b'"\n' in raw or b'"\t' in raw or b'"\r' in raw
