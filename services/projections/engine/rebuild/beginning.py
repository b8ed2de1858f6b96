"""A rebuild begins, or an interrupted one is found; and a build that leads nowhere is forgotten."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from services.kernel.database import Connection
from services.kernel.log.reader import LogReader
from services.projections.engine import builds
from services.projections.engine.builds import BUILDING, Version, find_live, list_topics
from services.projections.engine.projection import Projection
from services.projections.engine.rebuild import plan as plans
from services.projections.engine.rebuild.dealing import find_bulk
from services.projections.engine.rebuild.order import DEAL, FOLD, INDEX, SETTLE, Setup, Stop, Watch
from services.projections.engine.rebuild.plan import Plan, State
from services.projections.engine.rebuild.switching import drop

_PATIENCE_S = 60.0
_LOCK = 0x72656275  # any constant that all processes share: "rebu"


@asynccontextmanager
async def open_owner(setup: Setup, patient: bool = False) -> AsyncIterator[Connection]:
    """The owner's session that holds the right to rebuild in this region. Stop if another has it.

    `patient`: that may be our own of before the database was lost, so wait for a while.
    """
    connection = await asyncpg.connect(setup.owner_url, server_settings={"application_name": "projections rebuild"})
    try:
        give_up_at = time.monotonic() + (_PATIENCE_S if patient else 0.0)
        while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
            if time.monotonic() < give_up_at:
                await asyncio.sleep(0.2)
                continue
            raise Stop(
                "Another rebuild is under way in this region. Wait for it, or end it with `domicile rebuild --cancel`."
            )
        setup.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield connection
    finally:
        await connection.close()


async def begin_or_go_on(owner: Connection, setup: Setup, projection: Projection, watch: Watch) -> State:
    """What was interrupted, if the program still makes the same tables; else a new build."""
    shape = _get_shape(projection)
    for state in await plans.list_states(owner, projection.name):
        same = state.version.edition == projection.edition and state.plan.tables == shape
        # Without its files there is nothing to go on with.
        complete = state.phase not in (SETTLE, FOLD) or get_folder(setup, state.version).is_dir()
        if same and complete and not state.cancel_asked:
            watch.say(f"Going on with build {state.version.number}, interrupted in phase '{state.phase}'.")
            return state
        await forget(owner, setup, state.version)
    return await _begin(owner, setup, projection)


async def _begin(owner: Connection, setup: Setup, projection: Projection) -> State:
    if await find_live(owner, projection.name) is None:
        raise Stop(f"There is no live build of {projection.name!r}: start the service once.")
    skipped = tuple(await plans.list_skipped(owner, projection.name))
    plan = await asyncio.to_thread(_look_at_log, setup, projection, skipped)
    async with owner.transaction():
        version = await builds.add_version(owner, setup.region, projection, BUILDING)
        await builds.make_tables(owner, version.schema, projection.tables, setup.service_role)
        phase = DEAL if plan.parts else INDEX
        await plans.keep_plan(owner, version, phase, plan)
        starts = [(p, span.next_offset if plan.parts else span.first) for p, span in plan.get_ranges().items()]
        await plans.keep_positions(owner, version, starts)
    shutil.rmtree(get_folder(setup, version), ignore_errors=True)
    return State(version, phase, plan, cancel_asked=False)


def _look_at_log(setup: Setup, projection: Projection, skipped: tuple[tuple[str, int, int], ...]) -> Plan:
    reader = LogReader(setup.bootstrap)
    try:
        ranges = reader.ranges(reader.partitions(list_topics(projection, setup.region)))
    finally:
        reader.close()
    records = sum(span.next_offset - span.first for span in ranges.values())
    parts = max(setup.processes * 2, records // setup.part_records + 1)
    return Plan(
        ranges=tuple((*partition, *span) for partition, span in ranges.items()),
        skipped=skipped,
        parts=parts if find_bulk(projection, list_topics(projection, setup.region)) else 0,
        processes=setup.processes,
        tables=_get_shape(projection),
    )


def _get_shape(projection: Projection) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((table.name, tuple(table.columns)) for table in projection.tables)


async def forget(owner: Connection, setup: Setup, version: Version) -> None:
    """Drops a build that is not live, and its files."""
    shutil.rmtree(get_folder(setup, version), ignore_errors=True)
    await drop(owner, version)


def get_folder(setup: Setup, version: Version) -> Path:
    """Where the files of a build lie."""
    return setup.folder / version.schema
