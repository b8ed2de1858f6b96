"""What a person may do about builds besides making one: go back to the one before, or end what is under way."""

import asyncio
import time

import asyncpg

from services.kernel.database import Connection, open_pool
from services.projections.engine.builds import Version, find_live
from services.projections.engine.projection import Projection
from services.projections.engine.rebuild import plan as plans
from services.projections.engine.rebuild.beginning import forget, open_owner
from services.projections.engine.rebuild.following import Following
from services.projections.engine.rebuild.judging import Judging
from services.projections.engine.rebuild.order import FOLLOW, Outcome, Setup, Stop, Watch
from services.projections.engine.rebuild.plan import Plan
from services.projections.engine.rebuild.switching import find_retired, read_positions
from services.projections.engine.rebuild.telling import Telling

_PATIENCE_S = 30.0


async def roll_back(setup: Setup, projection: Projection, watch: Watch) -> Outcome:
    """The build that was live before catches up and goes live again. Raises Stop when there is none, or when it was
    made by another edition of the program, which alone can bring it forward.
    """
    async with open_owner(setup) as owner:
        live, former = await find_live(owner, projection.name), await find_retired(owner, projection.name)
        if live is None or former is None:
            raise Stop(f"There is no build of {projection.name!r} to go back to.")
        if former.edition != projection.edition:
            raise Stop(
                f"Build {former.number} was made by edition {former.edition} of the program, this is edition"
                f" {projection.edition}: install that one, then roll back."
            )
        telling = Telling(owner, former, watch)
        plan = await _plan(owner, former)
        pool = await open_pool(setup.owner_url, name="projections rebuild", statement_timeout_s=600.0)
        following = Following(pool, projection, former, setup, plan.get_skipped(), telling)
        try:
            await telling.time(FOLLOW, following.follow(await read_positions(owner, live)))
            await Judging(setup, projection, former, plan, following, telling).switch(owner, live)
        finally:
            following.close()
            await pool.close()
    return Outcome(projection.name, former.number, 0, True, True, False, 0, seconds=telling.seconds)


async def _plan(owner: Connection, version: Version) -> Plan:
    positions = await read_positions(owner, version)
    skipped = tuple(await plans.list_skipped(owner, version.projection))
    return Plan(tuple((*p, offset, offset) for p, offset in positions.items()), skipped, 0, 1, ())


async def cancel(setup: Setup) -> list[str]:
    """Ends a rebuild that is under way, and forgets those that were interrupted. The projections they were of."""
    connection = await asyncpg.connect(setup.owner_url)
    try:
        asked = await plans.ask_to_cancel(connection)
        # One that is under way forgets its build itself, and then lets go of its right to rebuild.
        give_up_at = time.monotonic() + _PATIENCE_S
        while await plans.list_states(connection) or asked:
            try:
                async with open_owner(setup) as owner:
                    for state in await plans.list_states(owner):
                        await forget(owner, setup, state.version)
                return asked
            except Stop:
                if time.monotonic() > give_up_at:
                    raise Stop("The rebuild was asked to stop and has not yet; it looks once a second.") from None
                await asyncio.sleep(0.2)
    finally:
        await connection.close()
    return asked
