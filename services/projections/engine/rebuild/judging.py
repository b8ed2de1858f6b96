"""The end of a rebuild: the build catches up, is compared with the live one at the same positions, and goes live."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.kernel.database import Connection
from services.kernel.log.reader import Partition
from services.projections.engine.builds import Version, find_live
from services.projections.engine.projection import Projection, Table
from services.projections.engine.rebuild.comparing import Digest, find_difference, take_digest
from services.projections.engine.rebuild.following import Following
from services.projections.engine.rebuild.order import (
    COMPARE,
    FOLLOW,
    SWITCH,
    Difference,
    Order,
    Setup,
    Stop,
)
from services.projections.engine.rebuild.plan import Plan, list_skipped
from services.projections.engine.rebuild.switching import hold_live, read_positions, switch
from services.projections.engine.rebuild.telling import Telling

_STANDSTILL_S = 30.0
_LOOK_EVERY_S = 0.2
_FEW = 2_000
"""So many records are applied while the live build is held; more are applied before."""
_TRIES = 20
_MISSING = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError)
Positions = dict[Partition, int]


@dataclass(frozen=True, slots=True)
class Judgement:
    """`compared`: whether it was. `rows`: how many were found equal."""

    live: Version
    compared: bool
    may_switch: bool
    rows: int
    differences: tuple[Difference, ...] = ()


class Judging:
    """For one build, which holds everything up to the end of its first pass."""

    def __init__(
        self,
        setup: Setup,
        projection: Projection,
        version: Version,
        plan: Plan,
        following: Following,
        telling: Telling,
    ) -> None:
        self._setup, self._projection, self._version = setup, projection, version
        self._ranges, self._skipped = plan.get_ranges(), plan.skipped
        self._following, self._telling = following, telling

    async def judge(self, order: Order) -> Judgement:
        """Compares, unless the live build cannot be compared with and that was accepted."""
        await self._telling.time(FOLLOW, self._following.follow({p: s.next_offset for p, s in self._ranges.items()}))
        live_side = await asyncpg.connect(self._setup.owner_url)
        try:
            live = await self._get_live(live_side)
            if not await self._meet(live_side, live, order):
                return Judgement(live, compared=False, may_switch=True, rows=0)
            # Most of what is left, before the database has to keep a moment of the live tables for us.
            await self._telling.time(FOLLOW, self._following.follow(await read_positions(live_side, live)))
            async with live_side.transaction(isolation="repeatable_read", readonly=True):
                positions = await read_positions(live_side, live)
                await self._telling.time(FOLLOW, self._following.follow(positions))
                rows, differences = await self._telling.time(COMPARE, self._compare(live_side, live))
        finally:
            await live_side.close()
        expected = live.edition != self._version.edition
        return Judgement(live, True, not differences or expected or order.accept_differences, rows, differences)

    async def switch(self, owner: Connection, live: Version) -> None:
        """Follows until little is left, holds the live build, applies the rest, and switches."""
        for _ in range(_TRIES):
            await self._following.follow(await read_positions(owner, live))
            async with owner.transaction():
                try:
                    held = await hold_live(owner, live)
                except asyncpg.LockNotAvailableError:
                    continue
                own = await self._following.get_positions(held)
                if sum(held[p] - own[p] for p in held) > _FEW:
                    continue
                await self._check_skipped(owner)
                await self._following.follow(held)
                await self._telling.tell(SWITCH, 0, 0)
                try:
                    async with owner.transaction():
                        await switch(owner, live, self._version, self._projection.tables, self._setup.service_role)
                except asyncpg.LockNotAvailableError:
                    continue
                return
        raise Stop(
            "The switch did not come about: somebody holds the views or the live build all the time. The same command"
            " tries again."
        )

    async def _meet(self, connection: Connection, live: Version, order: Order) -> bool:
        """Waits until the live build has come as far as this one. False if it does not, and that is accepted."""
        own = await self._following.get_positions(self._ranges)
        best, moved_s = -1, time.monotonic()
        while True:
            theirs = await read_positions(connection, live)
            behind = sum(max(own[p] - theirs.get(p, 0), 0) for p in own)
            if not behind:
                return True
            if order.accept_differences:
                self._telling.say(f"The live tables are {behind:,} records behind, so nothing is compared.")
                return False
            if behind < best or best < 0:
                best, moved_s = behind, time.monotonic()
            elif time.monotonic() > moved_s + _STANDSTILL_S:
                raise Stop(
                    f"The live tables stand still, {behind:,} records behind the build, so there is nothing to compare"
                    " with. See `domicile status` for why. --accept-differences switches without comparing."
                )
            await self._telling.tell(FOLLOW, 0, behind)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _compare(self, live_side: Connection, live: Version) -> tuple[int, tuple[Difference, ...]]:
        await self._check_skipped(live_side)
        rebuilt_side = await asyncpg.connect(self._setup.owner_url)
        try:
            async with rebuilt_side.transaction(isolation="repeatable_read", readonly=True):
                return await self._compare_tables(live_side, live, rebuilt_side)
        finally:
            await rebuilt_side.close()

    async def _compare_tables(
        self, live_side: Connection, live: Version, rebuilt_side: Connection
    ) -> tuple[int, tuple[Difference, ...]]:
        rows, differences = 0, []
        tables: Sequence[Table] = [table for table in self._projection.tables if table.compared]
        for number, table in enumerate(tables):
            await self._telling.tell(COMPARE, number, len(tables))
            theirs, ours = await asyncio.gather(
                self._find_digest(live_side, live, table), take_digest(rebuilt_side, self._version.schema, table)
            )
            if theirs == ours:
                rows += ours.rows
            elif theirs is None:
                differences.append(Difference(table.name, 0, ours.rows, ()))
            else:
                differences.append(
                    await find_difference(live_side, live.schema, rebuilt_side, self._version.schema, table)
                )
        return rows, tuple(differences)

    async def _find_digest(self, connection: Connection, live: Version, table: Table) -> Digest | None:
        """None where another edition had no such table, or other columns."""
        try:
            async with connection.transaction():
                return await take_digest(connection, live.schema, table)
        except _MISSING:
            return None

    async def _check_skipped(self, connection: Connection) -> None:
        now = tuple(await list_skipped(connection, self._version.projection))
        if now != self._skipped:
            raise Stop(
                "Records were skipped since the rebuild began, and it may hold them. `domicile rebuild --cancel`, then"
                " begin anew."
            )

    async def _get_live(self, connection: Connection) -> Version:
        live = await find_live(connection, self._version.projection)
        if live is None:
            raise Stop(f"There is no live build of {self._version.projection!r}.")
        return live
