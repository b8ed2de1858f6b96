"""Turns a checked post into an entry: all bytes are written that do not depend on who is meant.

What was posted is let go here, right after it was read: an entry is a tenth of the objects, so that a burst of
hundreds stays in the processor's cache while it waits for the database and the log. Pure.
"""

from typing import Any

from services.ingest.pipeline.entry import Entry, Part, Target
from services.kernel.codec.posts import Post
from services.kernel.codec.posts.writer import PostWriter
from services.kernel.contract.catalog import Catalog, EventVersion
from services.kernel.identity.caller import Caller
from services.kernel.privacy.region_key import RegionKey


class EntryWriter:
    """Writes the entries of one region."""

    def __init__(self, region: str, catalog: Catalog, region_key: RegionKey) -> None:
        self._content_tag = region_key.content_tag
        self._writer = PostWriter(region)
        posted = {compartment for event in catalog.latest_events for compartment in event.compartments}
        self._blocks = {
            block.compartment: (block, self._writer.of_particulars(block))
            for block in catalog.blocks
            if block.is_latest and block.compartment in posted
        }

    def write(self, post: Post, parts: list[Part], caller: Caller, caused_by: bytes | None = None) -> Entry:
        """`parts`: as the checker made them. `caused_by`: the correction that carries this event."""
        event, values = post.event, post.values
        writer = self._writer.of_event(event)
        content_tag = self._content_tag(post.canonical)
        event_id: bytes = values.event_id.int.to_bytes(16, "big")
        if parts:
            self._write_particulars(event, values.subjects, parts)
        return Entry(
            event,
            event_id,
            caller,
            content_tag,
            values.office,
            None if event.key_field is None else getattr(values, event.key_field).encode(),
            writer.write_head(event_id, len(parts)),
            writer.write_rest(post, caller.sub, content_tag, caused_by),
            parts,
        )

    def write_correction(
        self, post: Post, caller: Caller, target: Target, replacement: Post | None, parts: list[Part]
    ) -> Entry:
        """`parts`: of the replacement. Corrections are rare: what was posted is kept and sealed the plain way."""
        event_id = post.event_id.bytes
        tag = self._content_tag(post.canonical)
        entry = Entry(post.event, event_id, caller, tag, post.values.office, target.key, b"", b"", [])
        entry.values, entry.target = post.values, target
        if replacement is not None:
            entry.replacement = self.write(replacement, parts, caller, event_id)
        return entry

    def _write_particulars(self, event: EventVersion, subjects: list[Any], parts: list[Part]) -> None:
        compartments = event.sorted_compartments
        if not compartments:
            return
        for subject, part in zip(subjects, parts, strict=True):
            blocks = []
            for compartment in compartments:
                particulars = getattr(subject, compartment)
                if particulars is not None:
                    version, write = self._blocks[compartment]
                    blocks.append((version, write(particulars)))
            part.blocks = blocks
