"""The phases of a rebuild, one after the other, each of which may be interrupted and gone on with."""

import asyncio
import shutil
from collections.abc import Callable, Sequence

import asyncpg

from services.kernel.database import Connection, open_pool
from services.kernel.log.reader import Partition
from services.projections.engine import builds
from services.projections.engine.builds import Version
from services.projections.engine.projection import Projection
from services.projections.engine.rebuild import plan as plans
from services.projections.engine.rebuild.beginning import begin_or_go_on, forget, get_folder, open_owner
from services.projections.engine.rebuild.dealing import deal
from services.projections.engine.rebuild.folding import fold, settle
from services.projections.engine.rebuild.following import Following
from services.projections.engine.rebuild.found import count_found
from services.projections.engine.rebuild.judging import Judging
from services.projections.engine.rebuild.lanes import Lanes, Work
from services.projections.engine.rebuild.order import (
    DEAL,
    FOLD,
    FOLLOW,
    INDEX,
    SETTLE,
    SWITCH,
    Cancelled,
    MakeProjection,
    Order,
    Outcome,
    Setup,
    Watch,
)
from services.projections.engine.rebuild.plan import Plan, State
from services.projections.engine.rebuild.switching import drop_older
from services.projections.engine.rebuild.telling import Telling

_LOOK_EVERY_S = 0.05
_EXTRA = "settled"
# Building an index sorts, and filling one table from another adds up: in so much memory, by each of two sessions.
_INDEX_MEMORY = "128MB"
_INDEX_SESSIONS = 2
Arguments = Sequence[tuple[object, ...]]


class Rebuild:
    """Of one projection. One at a time in a region: `run` raises Stop while another is under way."""

    def __init__(self, setup: Setup, make: MakeProjection, watch: Watch) -> None:
        self._setup, self._make, self._watch = setup, make, watch
        self._projection: Projection = make()

    async def run(self, order: Order) -> Outcome:
        """Begins, or goes on with what was interrupted. Raises Stop, Cancelled, or asyncpg's errors; the live build
        serves on in any case.
        """
        async with open_owner(self._setup) as owner:
            state = await begin_or_go_on(owner, self._setup, self._projection, self._watch)
            telling = Telling(owner, state.version, self._watch)
            try:
                await _Making(self._setup, self._make, self._projection, owner, state, telling).make()
                return await self._judge(owner, state, order, telling)
            except Cancelled:
                await forget(owner, self._setup, state.version)
                raise

    async def _judge(self, owner: Connection, state: State, order: Order, telling: Telling) -> Outcome:
        version, plan = state.version, state.plan
        pool = await open_pool(self._setup.owner_url, name="projections rebuild", statement_timeout_s=600.0)
        following = Following(pool, self._projection, version, self._setup, plan.get_skipped(), telling)
        try:
            judging = Judging(self._setup, self._projection, version, plan, following, telling)
            judgement = await judging.judge(order)
            aside = await count_found(owner, version)
            switched = judgement.may_switch and not order.verify
            if switched:
                await telling.time(SWITCH, judging.switch(owner, judgement.live))
        finally:
            following.close()
            await pool.close()
        if order.verify:
            await forget(owner, self._setup, version)
        elif switched:
            await drop_older(owner, version.projection)
        return Outcome(
            projection=version.projection,
            number=version.number,
            records=plan.records,
            switched=switched,
            kept=not order.verify,
            compared=judgement.compared,
            rows=judgement.rows,
            differences=judgement.differences,
            aside=aside,
            seconds=telling.seconds,
        )


class _Making:
    """Everything up to tables with indexes that hold what the log held at the start."""

    def __init__(
        self,
        setup: Setup,
        make: MakeProjection,
        projection: Projection,
        owner: Connection,
        state: State,
        telling: Telling,
    ) -> None:
        self._setup, self._make, self._projection, self._owner = setup, make, projection, owner
        self._version: Version = state.version
        self._plan: Plan = state.plan
        self._phase, self._telling = state.phase, telling
        self._processes: Lanes | None = None
        self._folder = get_folder(setup, state.version)
        self._lanes = [self._folder / f"lane-{number}" for number in range(self._plan.processes)]

    async def make(self) -> None:
        """From the phase that was interrupted."""
        try:
            await self._take_steps()
        finally:
            if self._processes:
                await asyncio.to_thread(self._processes.end)
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _take_steps(self) -> None:
        steps = ((DEAL, self._deal, SETTLE), (SETTLE, self._settle, FOLD), (FOLD, self._fold, INDEX))
        for phase, step, after in (*steps, (INDEX, self._index, FOLLOW)):
            if self._phase == phase:
                await self._telling.time(phase, step())
                await plans.keep_phase(self._owner, self._version, after)
                self._phase = after

    async def _deal(self) -> None:
        """Each lane gets partitions with about as many records, the largest first."""
        lots: list[list[Partition]] = [[] for _ in self._lanes]
        sizes = [0] * len(lots)
        ranges = {p: span.next_offset - span.first for p, span in self._plan.get_ranges().items()}
        for partition, size in sorted(ranges.items(), key=lambda one: -one[1]):
            least = sizes.index(min(sizes))
            lots[least].append(partition)
            sizes[least] += size
        arguments = [
            (self._make, self._setup.bootstrap, self._plan, lot, lane)
            for lot, lane in zip(lots, self._lanes, strict=True)
        ]
        await self._share(DEAL, deal, arguments, lambda done: done)

    async def _settle(self) -> None:
        arguments = [(self._make, self._plan, self._lanes, self._folder / _EXTRA)]
        await self._share(SETTLE, settle, arguments, lambda done: done)

    async def _fold(self) -> None:
        plan, written = self._plan, await plans.list_parts(self._owner, self._version)
        left = sorted(set(range(plan.parts)) - written)
        folders = [*self._lanes, self._folder / _EXTRA]
        one = (self._make, self._setup, self._version, plan, folders, left)
        await self._share(
            FOLD, fold, [one] * plan.processes, lambda done: (len(written) + done) * plan.records // plan.parts
        )

    async def _index(self) -> None:
        """Each table in a transaction of its own: one that was interrupted is done again."""
        await self._telling.tell(INDEX, 0, 0)
        rows = await self._owner.fetch(
            "SELECT DISTINCT tablename FROM pg_indexes WHERE schemaname = $1", self._version.schema
        )
        done = {row["tablename"] for row in rows}
        left = iter([table for table in self._projection.tables if table.name not in done])

        async def session() -> None:
            connection = await asyncpg.connect(self._setup.owner_url)
            try:
                await connection.execute(
                    f"SET maintenance_work_mem = '{_INDEX_MEMORY}'; SET work_mem = '{_INDEX_MEMORY}'; SET jit = off"
                )
                for table in left:
                    async with connection.transaction():
                        await builds.make_indexes(connection, self._version.schema, [table])
                        await connection.execute(f'ANALYZE "{self._version.schema}"."{table.name}"')
            finally:
                connection.terminate()

        async with asyncio.TaskGroup() as group:
            for _ in range(_INDEX_SESSIONS):
                group.create_task(session())

    async def _share(self, phase: str, work: Work, arguments: Arguments, as_records: Callable[[int], int]) -> None:
        """Several processes do the work; this one looks on."""
        if self._processes is None:
            self._processes = Lanes(self._plan.processes)
        self._processes.begin(work, arguments)
        in_trouble, ended = 0, False
        while not ended:
            await asyncio.sleep(_LOOK_EVERY_S)
            done, troubled, ended = self._processes.look()
            await self._telling.tell(phase, as_records(done), self._plan.records)
            if bool(troubled) != bool(in_trouble):
                self._telling.say("Waiting for the log or the database." if troubled else "Going on.")
            in_trouble = troubled
