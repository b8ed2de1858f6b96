"""The phases of a rebuild, one after the other, each of which may be interrupted and gone on with."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg

from services.kernel.database import Connection, open_pool
from services.kernel.database.weather import is_all_weather
from services.kernel.errors import Unavailable
from services.kernel.log.reader import Partition
from services.kernel.telemetry.logs import Log
from services.projections.engine import builds
from services.projections.engine.builds import Version, find_live
from services.projections.engine.projection import Place, Projection
from services.projections.engine.rebuild import plan as plans
from services.projections.engine.rebuild.beginning import begin_or_go_on, forget, get_folder, open_owner
from services.projections.engine.rebuild.dealing import deal, open_bulk
from services.projections.engine.rebuild.folding import fold, settle
from services.projections.engine.rebuild.following import Following
from services.projections.engine.rebuild.found import count_found, list_raised
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
    Stop,
    Watch,
)
from services.projections.engine.rebuild.plan import Plan, State
from services.projections.engine.rebuild.switching import drop_older
from services.projections.engine.rebuild.telling import Telling

_LOOK_EVERY_S = 0.05
_LONGEST_WAIT_S = 5.0
_EXTRA = "settled"
# Building an index sorts, and filling one table from another adds up: in so much memory, by each of two sessions.
_INDEX_MEMORY = "128MB"
_INDEX_SESSIONS = 2
Arguments = Sequence[tuple[object, ...]]


class Rebuild:
    """Of one projection. One at a time in a region: `run` raises Stop while another is under way."""

    def __init__(self, setup: Setup, make: MakeProjection, watch: Watch) -> None:
        self._setup, self._make, self._watch = setup, make, watch
        self._outcome: Outcome | None = None  # of a switch that was begun
        self._seconds: dict[str, float] = {}
        self._projection: Projection = make()

    async def run(self, order: Order) -> Outcome:
        """Begins, or goes on with what was interrupted. Raises Stop or Cancelled; the live build serves on in any case.

        While the database is away it waits, and goes on from what was committed.
        """
        attempt = 0
        while True:
            try:
                return await self._run(order, patient=attempt > 0)
            except Exception as error:
                if isinstance(error, Unavailable) or not is_all_weather(error):
                    raise
                Log("rebuild").warning("rebuild-waits", error, attempt=attempt)
                attempt += 1
                await self._wait(attempt)

    async def _wait(self, attempt: int) -> None:
        """Longer each time; cancelled meanwhile, the build stays for `--cancel`: nobody can drop it now."""
        if attempt == 1:
            self._watch.say("Waiting for the database. It goes on by itself.")
        await asyncio.sleep(min(0.1 * 2 ** min(attempt, 6), _LONGEST_WAIT_S))
        if self._watch.is_cancelled():
            raise Stop("Stopped while the database was away. `domicile rebuild --cancel` drops what there is.")

    async def _run(self, order: Order, patient: bool) -> Outcome:
        async with open_owner(self._setup, patient) as owner:
            if self._outcome is not None and await _is_live(owner, self._outcome):
                # The database went away with its word that it had switched on its lips.
                await drop_older(owner, self._projection.name)
                return self._outcome
            state = await begin_or_go_on(owner, self._setup, self._projection, self._watch)
            telling = Telling(owner, state.version, self._watch, self._seconds)
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
            switched = judgement.may_switch and not order.verify
            outcome = Outcome(
                projection=version.projection,
                number=version.number,
                records=plan.records,
                switched=switched,
                kept=not order.verify,
                compared=judgement.compared,
                rows=judgement.rows,
                differences=judgement.differences,
                aside=await count_found(owner, version),
                seconds=telling.seconds,
            )
            if switched:
                self._outcome = outcome
                await telling.time(SWITCH, judging.switch(owner, judgement.live))
        finally:
            following.close()
            pool.terminate()
        if order.verify:
            await forget(owner, self._setup, version)
        elif switched:
            await drop_older(owner, version.projection)
        return outcome


async def _is_live(owner: Connection, outcome: Outcome) -> bool:
    live = await find_live(owner, outcome.projection)
    return live is not None and live.number == outcome.number


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
        """A record that raises something in one part must be left out of all: if others hold it, too, they are folded
        anew. Rarely, and simpler than to take its rows back.
        """
        while True:
            written = await plans.list_parts(self._owner, self._version)
            raised = await list_raised(self._owner, self._version)
            await self._fold_parts(written, raised)
            # What was written before an interruption may have been folded with any of them.
            known = frozenset() if written else raised
            found = await list_raised(self._owner, self._version) - known
            if not found or not await asyncio.to_thread(self._stand_in_several, found):
                return
            self._telling.say(
                f"{len(found):,} records raise an error and are left out: folding once more without them."
            )
            await plans.forget_parts(self._owner, self._version, self._projection.tables)

    async def _fold_parts(self, written: set[int], raised: frozenset[Place]) -> None:
        plan = self._plan
        left = sorted(set(range(plan.parts)) - written)
        one = (self._make, self._setup, self._version, plan, self._parts, left, raised)
        await self._share(
            FOLD, fold, [one] * plan.processes, lambda done: (len(written) + done) * plan.records // plan.parts
        )

    def _stand_in_several(self, places: frozenset[Place]) -> bool:
        bulk = open_bulk(self._projection, self._plan.topics)
        seen: set[Place] = set()
        for part in range(self._plan.parts):
            here = places.intersection(bulk.list_places(self._parts, part))
            if not seen.isdisjoint(here):
                return True
            seen |= here
        return False

    @property
    def _parts(self) -> list[Path]:
        return [*self._lanes, self._folder / _EXTRA]

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
