"""The third phase, in each lane: a part becomes rows, and with them it is noted, in one transaction, that it did."""

import asyncio
import gc
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg

from services.kernel.database import Connection
from services.kernel.database.weather import is_weather
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of
from services.projections.engine.aside import Aside, keep_found, set_aside
from services.projections.engine.builds import Version
from services.projections.engine.intake import as_record
from services.projections.engine.projection import Bulk, Place, Poisoned, Projection
from services.projections.engine.rebuild.blaming import Blaming
from services.projections.engine.rebuild.copying import copy_rows, open_copier
from services.projections.engine.rebuild.dealing import open_bulk
from services.projections.engine.rebuild.lanes import Lane, hold
from services.projections.engine.rebuild.order import TOO_MANY, MakeProjection, Setup, Stop
from services.projections.engine.rebuild.plan import Plan

_SHARE = 0.01
"""More records of a part that cannot be read, and more than may be anywhere: too much for chance."""


def settle(lane: Lane, make: MakeProjection, plan: Plan, folders: Sequence[Path], extra: Path) -> None:
    """The second phase, in one process: its memory goes with it."""
    with hold(extra.with_suffix(".lock")):
        shutil.rmtree(extra, ignore_errors=True)
        for count in open_bulk(make(), plan.topics).settle(folders, extra, plan.parts):
            lane.tell(count)


def fold(
    lane: Lane,
    make: MakeProjection,
    setup: Setup,
    version: Version,
    plan: Plan,
    folders: Sequence[Path],
    left: list[int],
    raised: frozenset[Place],
) -> None:
    """Runs in a process of its own; returns when no part is left. `raised`: records that are left out."""
    projection = make()
    asyncio.run(_Folding(lane, projection, setup, version, plan, folders, raised).run(left))


class _Folding:
    def __init__(
        self,
        lane: Lane,
        projection: Projection,
        setup: Setup,
        version: Version,
        plan: Plan,
        folders: Sequence[Path],
        raised: frozenset[Place],
    ) -> None:
        self._lane, self._projection, self._setup, self._raised = lane, projection, setup, raised
        self._version, self._plan, self._folders = version, plan, folders
        self._bulk: Bulk = open_bulk(projection, plan.topics)
        self._tables = {table.name: table for table in projection.tables}

    async def run(self, left: list[int]) -> None:
        connection = await self._connect()
        try:
            for number in self._lane.take(len(left)):
                connection = await self._write_through_weather(connection, left[number])
        finally:
            connection.terminate()

    async def _write_through_weather(
        self, connection: "asyncpg.Connection[asyncpg.Record]", part: int
    ) -> "asyncpg.Connection[asyncpg.Record]":
        attempt = 0
        while True:
            try:
                await self._write(connection, part)
            except Exception as error:
                if not is_weather(error):
                    raise
                attempt += 1
                self._lane.wait_for_weather(error, attempt)
                connection.terminate()
                connection = await self._connect()
            else:
                self._lane.cheer()
                return connection

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        attempt = 0
        while True:
            try:
                return await open_copier(self._setup.owner_url)
            except Exception as error:
                if not is_weather(error):
                    raise
                attempt += 1
                self._lane.wait_for_weather(error, attempt)

    async def _write(self, connection: Connection, part: int) -> None:
        try:
            await self._write_without(connection, part, {})
        except Exception as error:
            if is_weather(error) or isinstance(error, Stop):
                raise
            await self._write_without(connection, part, await self._blame(connection, part, error))
        # What hangs together in circles goes now: nobody looks for it meanwhile.
        gc.collect()
        self._lane.tell(1)

    async def _blame(self, connection: Connection, part: int, error: Exception) -> dict[Place, Exception]:
        """Which records raise it, or anything else."""
        # Rows that were written and taken back leave holes: only where the database has refused something.
        copied = isinstance(error, asyncpg.PostgresError | asyncpg.InterfaceError)

        async def try_without(places: frozenset[Place]) -> None:
            attempt = connection.transaction()
            await attempt.start()
            try:
                for rows in self._bulk.fold(self._folders, part, self._plan.parts, self._raised | places):
                    if copied and not isinstance(rows, Poisoned):
                        await copy_rows(connection, self._version.schema, self._tables, rows)
                    self._lane.check()
            finally:
                await attempt.rollback()

        places = await asyncio.to_thread(self._bulk.list_places, self._folders, part)
        wanted = [place for place in places if place not in self._raised]
        return await Blaming(wanted, try_without, self._most).find()

    @property
    def _most(self) -> float:
        """So many records of a part may be set aside."""
        return max(self._setup.aside_max, _SHARE * self._plan.records / self._plan.parts)

    async def _write_without(self, connection: Connection, part: int, raised: Mapping[Place, Exception]) -> None:
        async with connection.transaction():
            # Also waits for a lane of a rebuild that was killed, if it still commits this part.
            mine = await connection.fetchval(
                "INSERT INTO projection.rebuild_part (projection, number, part) VALUES ($1, $2, $3)"
                " ON CONFLICT DO NOTHING RETURNING part",
                self._version.projection,
                self._version.number,
                part,
            )
            if mine is None:
                return
            causes: dict[Place, str | Exception] = dict(raised)
            for rows in self._bulk.fold(self._folders, part, self._plan.parts, self._raised | raised.keys()):
                if isinstance(rows, Poisoned):
                    causes[rows.record.place] = rows.reason
                else:
                    await copy_rows(connection, self._version.schema, self._tables, rows)
                self._lane.check()
            if causes:
                aside = await asyncio.to_thread(self._look_at, causes)
                await keep_found(connection, self._version.projection, self._version.number, aside)

    def _look_at(self, causes: Mapping[Place, str | Exception]) -> list[Aside]:
        """What cannot be applied is fetched from the log once more: its key tells whom it is about."""
        if len(causes) > self._most:
            raise Stop(TOO_MANY)
        aside = []
        reader = LogReader(self._setup.bootstrap)
        try:
            for place, cause in causes.items():
                span = Range(place.offset, place.offset + 1)
                for messages in reader.read_range({Partition(place.topic, place.partition): span}):
                    record = as_record(messages[0], partition_of(messages[0]), offset_of(messages[0]))
                    aside.append(set_aside(self._projection, record, cause))
        finally:
            reader.close()
        return aside
