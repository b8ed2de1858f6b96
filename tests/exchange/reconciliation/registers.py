"""Links put into the tables that a register's projection makes, as far as reconciliation reads them."""

from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.reconciliation.digests import HeldLink
from services.projections.register.tables import TABLES
from tests.exchange.reconciliation.sides import Side

COLUMNS = ["person_id", "link_id", "from_day", "to_day", "own_side", "partner_region", "settled_by", "end_reason"]


async def make_register(pool: asyncpg.Pool) -> None:
    """Empty tables."""
    made = {table.name: table for table in TABLES}
    await pool.execute("CREATE SCHEMA IF NOT EXISTS register")
    for name in ("link", "timeline", "event", "person"):
        await pool.execute(made[name].create.format(schema="register"))
        for statement in made[name].indexes[:1]:
            await pool.execute(statement.format(schema="register"))


async def put_links(pool: "asyncpg.Pool | asyncpg.Connection[Any]", partner: str, side: Side) -> None:
    """In the place of what is there."""
    await pool.execute("TRUNCATE register.link")
    rows = [_row(link, None, partner) for link in side.living.values()]
    rows += [_row(link, 20_000, partner) for link in side.ended.values()]
    await pool.copy_records_to_table("link", schema_name="register", columns=COLUMNS, records=rows)
    await pool.execute("ANALYZE register.link")


def _row(link: HeldLink, to_day: int | None, partner: str) -> tuple[Any, ...]:
    side, settled = ("origin", "destination")[link.is_incoming], ("accepted", "tacit")[link.is_tacit]
    reason = None if to_day is None else "moved-on"
    return UUID(bytes=link.person_id), UUID(bytes=link.link_id), link.from_day, to_day, side, partner, settled, reason
