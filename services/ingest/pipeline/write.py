"""Turns a checked post into an entry: all bytes are written that do not depend on who is meant.

What was posted is let go here, right after it was read: an entry is a tenth of the objects, so that a burst of
hundreds stays in the processor's cache while it waits for the database and the log. Pure.
"""

from collections.abc import Sequence

from services.ingest.pipeline.entry import Entry, Part, Target
from services.kernel.codec.posts import Post
from services.kernel.codec.posts.writer import PostWriter
from services.kernel.contract.catalog import Catalog
from services.kernel.database import Uuid
from services.kernel.identity.caller import Caller
from services.kernel.privacy.people import Naming
from services.kernel.privacy.region_key import RegionKey


class EntryWriter:
    """Writes the entries of one region."""

    def __init__(self, region: str, catalog: Catalog, region_key: RegionKey) -> None:
        self._region, self._region_key = region, region_key
        self._writer = PostWriter()
        self._blocks = {block.compartment: block for block in catalog.blocks if block.is_latest}

    def write(self, post: Post, namings: list[Naming], caller: Caller, caused_by: bytes | None = None) -> Entry:
        """`namings`: as the checker found them. `caused_by`: the correction that carries this event."""
        event, values, writer = post.event, post.values, self._writer
        event_uuid = Uuid(post.event_id.bytes)
        content_tag = self._region_key.content_tag(post.canonical)
        return Entry(
            event,
            event_uuid,
            caller,
            content_tag,
            values.office,
            None if event.key_field is None else getattr(values, event.key_field).encode(),
            writer.write_head(event, event_uuid.bytes, self._region, len(namings)),
            writer.write_rest(event, values, caller.sub, content_tag, caused_by),
            self._write_parts(post),
            namings,
        )

    def write_correction(
        self, post: Post, caller: Caller, target: Target, replacement: Post | None, namings: Sequence[Naming]
    ) -> Entry:
        """`namings`: of the replacement. Corrections are rare: what was posted is kept and sealed the plain way."""
        event_uuid = Uuid(post.event_id.bytes)
        tag = self._region_key.content_tag(post.canonical)
        entry = Entry(post.event, event_uuid, caller, tag, post.values.office, target.key, b"", b"", [], [])
        entry.values, entry.target = post.values, target
        if replacement is not None:
            entry.replacement = self.write(replacement, list(namings), caller, event_uuid.bytes)
        return entry

    def _write_parts(self, post: Post) -> list[Part]:
        compartments, write = post.event.sorted_compartments, self._writer.write_particulars
        parts = []
        for posted in post.values.subjects:
            blocks = [
                (block := self._blocks[compartment], write(block, particulars))
                for compartment in compartments
                if (particulars := getattr(posted, compartment)) is not None
            ]
            parts.append(Part(posted.role, posted.region or self._region, blocks))
        return parts
