"""Pending lines become sums: a few at a time, one caller at a time, each time in one transaction."""

import asyncio
from typing import Final

import asyncpg

from services.kernel.database import Connection
from services.kernel.database.weather import is_weather
from services.kernel.telemetry.logs import Log
from services.projections.engine.builds import find_live
from services.projections.tabulation.adding import ALL, HASHED
from services.projections.tabulation.adding import add as add_to
from services.projections.tabulation.tables import PENDING

MANY: Final = 20_000
"""So many lines are added up at once: a transaction takes a fraction of a second, and its memory is bounded."""
EVERY_S: Final = 2.0
_LOCK: Final = 0x74616275  # any constant that all processes share: "tabu"


async def roll_up(connection: Connection, schema: str, many: int = MANY) -> int:
    """Adds some pending lines of a build to its sums: how many; 0 too while somebody else does. Lines that wait are
    counted as well as those that do not, so this may run at any time, be ended at any time, or never run.
    """
    rolled = 0
    async with connection.transaction():
        await connection.execute(f"SET LOCAL jit = off; SET LOCAL synchronous_commit = off; SET LOCAL {HASHED}")
        if await connection.fetchval("SELECT pg_try_advisory_xact_lock($1, hashtext($2))", _LOCK, schema):
            for lines in PENDING:
                rolled += await connection.fetchval(_statement(lines).format(schema=f'"{schema}"'), many)
    return rolled


class Rolling:
    """Rolls up the live build of a projection, now and then, until it is cancelled."""

    def __init__(self, pool: asyncpg.Pool, projection: str, every_s: float = EVERY_S) -> None:
        self._pool, self._projection, self._every_s = pool, projection, every_s

    async def run(self) -> None:
        """Bad weather is waited for."""
        while True:
            rolled = 0
            try:
                rolled = await self._roll_up()
            except Exception as error:
                if not is_weather(error):
                    Log("projections").error("rolling-up-failed", error)
            # While much comes in, much goes on; but there is always a pause for others.
            await asyncio.sleep(self._every_s if rolled < MANY else self._every_s / 20)

    async def _roll_up(self) -> int:
        live = await find_live(self._pool, self._projection)
        if live is None:
            return 0
        async with self._pool.acquire() as connection:
            if not await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f'"{live.schema}".stock_sum'):
                return 0  # made by an edition that kept no sums
            return await roll_up(connection, live.schema)


def _statement(lines: str) -> str:
    """Takes pending lines of one kind away and adds them to all their sums: how many."""
    table = f"{{schema}}.{PENDING[lines]}"
    added = ", ".join(add_to(of, "lines") for of in ALL if of.lines == lines)
    return (
        f"WITH lines AS MATERIALIZED (DELETE FROM {table} WHERE ctid = ANY (ARRAY("
        f"SELECT ctid FROM {table} LIMIT $1)) RETURNING *), {added} SELECT count(*) FROM lines"
    )
