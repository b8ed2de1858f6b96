"""What a person does about records that were set aside: look, try again, skip. Everything done is written down."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.kernel.codec import Decoder
from services.kernel.database import Connection
from services.kernel.database.weather import is_weather
from services.kernel.errors import Corrupt, DomicileError, NotFound, Unavailable
from services.kernel.log.reader import LogReader, Partition, Range
from services.kernel.telemetry.logs import Log
from services.projections.engine.aside import Reason, as_reason
from services.projections.engine.builds import Version, find_live
from services.projections.engine.projection import Place, Projection, Record

APPLIED, STILL_ASIDE, SKIPPED, NOTHING_TO_DO = "applied", "still-set-aside", "skipped", "nothing-to-do"
LIST_MAX = 200
READ_TIMEOUT_S = 5.0


class Entry(msgspec.Struct, omit_defaults=True):
    """A record that is set aside. No content of the event, and no text of an exception."""

    projection: str
    topic: str
    partition: int
    offset: int
    reason: str
    error: str | None
    subjects: list[str]
    state: str
    attempts: int
    recorded_at: datetime
    set_aside_at: datetime
    tried_at: datetime
    who: str | None
    why: str | None
    settled_at: datetime | None


@dataclass(frozen=True)
class Asked:
    """Who asks for something to be done, and why."""

    who: str
    why: str | None


class Mending:
    """Acts on what was set aside by the projections of one region."""

    def __init__(self, pool: asyncpg.Pool, bootstrap: str, projections: Sequence[Projection], decoder: Decoder) -> None:
        self._pool = pool
        self._bootstrap = bootstrap
        self._projections = {projection.name: projection for projection in projections}
        self._decoder = decoder
        self._log = Log("set-aside")

    async def list_entries(
        self, projection: str | None = None, state: str | None = None, after: tuple[str, Place] | None = None
    ) -> list[Entry]:
        """At most LIST_MAX, in the order of their places, those after `after`. NotFound for an unknown projection."""
        if projection is not None:
            self._require(projection)
        name, place = after or ("", Place("", -1, -1))
        rows = await self._pool.fetch(
            f"SELECT {_COLUMNS} FROM projection.set_aside"  # noqa: S608 the names of our columns
            " WHERE ($1::text IS NULL OR projection = $1) AND ($2::text IS NULL OR state = $2)"
            ' AND (projection, topic, partition, "offset") > ($3, $4, $5, $6)'
            ' ORDER BY projection, topic, partition, "offset" LIMIT $7',
            projection,
            state,
            name,
            *place,
            LIST_MAX,
        )
        return [Entry(*row) for row in rows]

    async def get_entry(self, projection: str, place: Place) -> Entry:
        """NotFound("unknown-set-aside") when nothing is set aside there."""
        entry = await _find(self._pool, projection, place)
        if entry is None:
            raise NotFound("unknown-set-aside")
        return entry

    async def list_actions(self, projection: str, place: Place) -> list[Mapping[str, Any]]:
        """What was done about it, the oldest first; also when it is not set aside any more."""
        rows = await self._pool.fetch(
            "SELECT at, who, action, why, outcome FROM projection.set_aside_action"
            ' WHERE projection = $1 AND topic = $2 AND partition = $3 AND "offset" = $4 ORDER BY number',
            projection,
            *place,
        )
        return [dict(row) for row in rows]

    async def describe(self, place: Place) -> Mapping[str, Any]:
        """What the log holds there, as far as the envelope's ids and words: nothing about anybody. Unavailable."""
        record = await self._read_log(place)
        told: dict[str, Any] = {"key": record.key, "bytes": len(record.value)}
        try:
            event = self._decoder.decode(record.value)
        except (DomicileError, ValueError, EOFError, IndexError):
            return told | {"type": None}
        return told | {
            "type": event.type,
            "version": event.version.version,
            "event_id": str(UUID(bytes=event.record["event_id"])),
        }

    async def retry(self, projection: str, place: Place, asked: Asked) -> str:
        """Applies it if it can be applied now: what became of it. Doing so twice changes nothing.

        NotFound("unknown-projection") for a name that is none: `nothing-to-do` would hide the slip.
        """
        self._require(projection)
        if await _find(self._pool, projection, place) is None:
            return await self._write_down(self._pool, "retry", projection, place, asked, NOTHING_TO_DO)
        record = await self._read_log(place)
        async with self._pool.acquire() as connection, connection.transaction():
            version = await self._hold(connection, projection, place)
            if await _find(connection, projection, place, " FOR UPDATE") is None:
                return await self._write_down(connection, "retry", projection, place, asked, NOTHING_TO_DO)
            reason = await self._try(connection, version, record)
            if reason is None:
                await connection.execute(f"DELETE FROM projection.set_aside WHERE {_HERE}", projection, *place)  # noqa: S608
            else:
                await connection.execute(
                    "UPDATE projection.set_aside SET attempts = attempts + 1, tried_at = now(), reason = $5, error = $6"
                    ' WHERE projection = $1 AND topic = $2 AND partition = $3 AND "offset" = $4',
                    projection,
                    *place,
                    reason.word,
                    reason.error,
                )
            outcome = APPLIED if reason is None else STILL_ASIDE
            return await self._write_down(connection, "retry", projection, place, asked, outcome)

    async def skip(self, projection: str, place: Place, asked: Asked) -> str:
        """Gives it up: it is not waited for any more, not even by a rebuild. NotFound if it is not set aside."""
        async with self._pool.acquire() as connection, connection.transaction():
            entry = await _find(connection, projection, place, " FOR UPDATE")
            if entry is None:
                raise NotFound("unknown-set-aside")
            if entry.state == "skipped":
                return await self._write_down(connection, "skip", projection, place, asked, NOTHING_TO_DO)
            await connection.execute(
                "UPDATE projection.set_aside SET state = 'skipped', who = $5, why = $6, settled_at = now()"
                ' WHERE projection = $1 AND topic = $2 AND partition = $3 AND "offset" = $4',
                projection,
                *place,
                asked.who,
                asked.why,
            )
            return await self._write_down(connection, "skip", projection, place, asked, SKIPPED)

    def _require(self, projection: str) -> None:
        if projection not in self._projections:
            raise NotFound("unknown-projection")

    async def _hold(self, connection: Connection, projection: str, place: Place) -> Version:
        """Nobody moves this position, and nobody switches builds, before our transaction ends."""
        await connection.execute(
            "SELECT FROM projection.version WHERE projection = $1 AND state = 'live' FOR SHARE", projection
        )
        version = await find_live(connection, projection)
        if version is None:
            raise NotFound("unknown-projection")
        next_offset = await connection.fetchval(
            "SELECT next_offset FROM projection.position"
            " WHERE projection = $1 AND number = $2 AND topic = $3 AND partition = $4 FOR UPDATE",
            projection,
            version.number,
            place.topic,
            place.partition,
        )
        if next_offset is None or next_offset <= place.offset:
            # A build that has not come there yet applies it by itself, or sets it aside again.
            raise Unavailable("not-applied-yet", rule="The live build has not reached this record yet.")
        return version

    async def _try(self, connection: Connection, version: Version, record: Record) -> Reason | None:
        """None: it is applied."""
        projection = self._projections[version.projection]
        try:
            batch = await asyncio.to_thread(projection.read, [record])
            if batch.poison:
                return as_reason(batch.poison[0].reason)
            async with connection.transaction():
                await projection.apply(connection, version.schema, batch.content)
        except Exception as error:
            if is_weather(error):
                raise
            self._log.warning("retry-failed", error, projection=version.projection)
            return as_reason(error)
        return None

    async def _read_log(self, place: Place) -> Record:
        return await asyncio.to_thread(read_one, self._bootstrap, place)

    async def _write_down(
        self,
        connection: "Connection | asyncpg.Pool",
        action: str,
        projection: str,
        place: Place,
        asked: Asked,
        outcome: str,
    ) -> str:
        await connection.execute(
            "INSERT INTO projection.set_aside_action"
            ' (projection, topic, partition, "offset", who, action, why, outcome)'
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            projection,
            *place,
            asked.who,
            action,
            asked.why,
            outcome,
        )
        self._log.info(
            f"set-aside-{action}",
            projection=projection,
            topic=place.topic,
            partition=place.partition,
            offset=place.offset,
            outcome=outcome,
            who=asked.who,
        )
        return outcome


_COLUMNS = (
    'projection, topic, partition, "offset", reason, error, subjects, state, attempts,'
    " recorded_at, set_aside_at, tried_at, who, why, settled_at"
)
_HERE = 'projection = $1 AND topic = $2 AND partition = $3 AND "offset" = $4'


async def _find(connection: "Connection | asyncpg.Pool", projection: str, place: Place, lock: str = "") -> Entry | None:
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM projection.set_aside WHERE {_HERE}{lock}",  # noqa: S608 constants of this module
        projection,
        *place,
    )
    return None if row is None else Entry(*row)


def read_one(bootstrap: str, place: Place) -> Record:
    """The record at a place. Unavailable when no broker answers, Corrupt when the log holds no such place."""
    partition = Partition(place.topic, place.partition)
    reader = LogReader(bootstrap, timeout_s=READ_TIMEOUT_S)
    try:
        span = reader.ranges([partition])[partition]
        if not span.first <= place.offset < span.next_offset:
            raise Corrupt("position-outside-log")
        for batch in reader.read_range({partition: Range(place.offset, place.offset + 1)}, 1):
            for message in batch:
                key = message.key()
                text = key.decode("utf-8", "replace") if isinstance(key, bytes) else key or ""
                return Record(place, message.timestamp()[1], text, message.value() or b"")
    finally:
        reader.close()
    raise Corrupt("position-outside-log")
