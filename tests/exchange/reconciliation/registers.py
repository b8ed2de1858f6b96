"""Links put into the tables that a register's projection makes, as far as reconciliation reads them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

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


async def put_notices(pool: "asyncpg.Pool | asyncpg.Connection[Any]", partner: str, link_ids: Iterable[bytes]) -> None:
    """That the notices by which links are known were said or heard once."""
    said_at = datetime(2025, 1, 1, tzinfo=UTC)
    rows = [(UUID(bytes=each), True, partner, uuid4(), "201", "", said_at) for each in link_ids]
    columns = ["message_id", "is_ours", "partner", "conversation_id", "message_type", "outcome", "said_at"]
    await pool.copy_records_to_table("message", schema_name="exchange", columns=columns, records=rows)


def _row(link: HeldLink, to_day: int | None, partner: str) -> tuple[Any, ...]:
    side, settled = ("origin", "destination")[link.is_incoming], ("accepted", "tacit")[link.is_tacit]
    reason = None if to_day is None else "moved-on"
    return UUID(bytes=link.person_id), UUID(bytes=link.link_id), link.from_day, to_day, side, partner, settled, reason
