"""Finds the event that a correction or an annulment is about, by its claim and its place on the log."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import asyncpg

from services.ingest.pipeline.claim import find_position
from services.ingest.pipeline.entry import Entry, Target
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import EventVersion
from services.kernel.errors import Corrupt, Forbidden, Rejected
from services.kernel.identity.caller import Caller
from services.kernel.log.producer import Position
from services.kernel.log.reader import LogReader, Partition, Range
from services.kernel.privacy.lookup import find_people
from services.kernel.privacy.people import get_pseudonyms


class TargetFinder:
    """Reads single events from the log of one region."""

    def __init__(self, region: str, bootstrap: str, pool: asyncpg.Pool, decoder: Decoder) -> None:
        self._region, self._bootstrap, self._pool, self._decoder = region, bootstrap, pool, decoder

    async def get(self, event_id: UUID, caller: Caller) -> Target:
        """The target. Raises `Rejected` when nothing was recorded under that id in the last 400 days, or when it is
        itself a correction (those are replaced by a later correction of the same target); `Forbidden` when the
        caller could not have posted it, so that nobody undoes what only the system says, who read whom for example."""
        target, event, _ = await self._find(event_id)
        if not event.posted_by & caller.roles:
            raise Forbidden("not-yours-to-post", "/target_event_id")
        return target

    async def get_own(self, event_id: UUID, caller: Caller, conversation_id: UUID | None) -> Target:
        """The target, where the very same caller posted it as the system, in the same conversation with a partner.

        What a program said because a partner said so it may take back when the partner does, without two people: it
        undoes no word of anybody's. Raises `Rejected` as `get` does, `Forbidden` for anything else.
        """
        target, _, record = await self._find(event_id)
        is_own = record["actor"] == caller.sub and record["source"] == "system" and record["approved_by"] is None
        said_in = record["conversation_id"]
        if not is_own or conversation_id is None or said_in != conversation_id.bytes:
            raise Forbidden("needs-two-people", "/target_event_id")
        return target

    async def _find(self, event_id: UUID) -> tuple[Target, EventVersion, Mapping[str, Any]]:
        async with self._pool.acquire() as connection:
            position = await find_position(connection, event_id)
        if position is None:
            raise Rejected("unknown-target", "/target_event_id")
        target, event, record = await asyncio.to_thread(self._read, position, event_id)
        if event.two_people:
            raise Rejected(
                "unknown-target", "/target_event_id", rule="Only an event that states a fact has a correction."
            )
        return target, event, record

    async def find_people(self, entry: Entry) -> list[tuple[str, bytes]]:
        """Region and id of everybody whom the target of a correction, or its replacement, names.

        In the service context under pseudonyms only: what is told of them must not tie the two names together.
        """
        subjects = entry.target.subjects if entry.target else []
        people = {(subject["region"], subject["person_id"]) for subject in subjects}
        replacement = entry.replacement
        if replacement is not None:
            async with self._pool.acquire() as connection:
                found = await find_people(connection, replacement.parts)
                if replacement.is_pseudonymous:
                    known = await get_pseudonyms(connection, found)
                    found = [known[person_id] for person_id in found]
            regions = (part.region for part in replacement.parts)
            people |= set(zip(regions, found, strict=True))
        return sorted(people)

    def _read(self, position: Position, event_id: UUID) -> tuple[Target, EventVersion, Mapping[str, Any]]:
        reader = LogReader(self._bootstrap)
        try:
            place = Partition(position.topic, position.partition)
            for batch in reader.read_range({place: Range(position.offset, position.offset + 1)}):
                message = batch[0]
                event = self._decoder.decode(message.value() or b"")
                if event.record["event_id"] != event_id.bytes:
                    break
                key = message.key() or b""
                target = Target(
                    position.topic,
                    event.type,
                    position.topic.rpartition(".")[2],
                    key if isinstance(key, bytes) else key.encode(),
                    event.record["subjects"],
                    [event.record[name] for name in ("residence_area", "occurrence_area") if event.record[name]],
                )
                return target, event.version, event.record
        finally:
            reader.close()
        raise Corrupt("record-without-position", f"{position.topic}/{position.partition}/{position.offset}")
