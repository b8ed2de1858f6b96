"""Runs as operators see them: figures, no links."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

SHOWN_MAX = 200
KEPT_FOR = timedelta(days=400)


async def begin(pool: asyncpg.Pool, run_id: UUID, partner: str, begun_by: str, why: str, at: datetime) -> bool:
    """Whether there was no run of that id: the same one is never taken twice."""
    await pool.execute("DELETE FROM exchange.reconciliation WHERE began_at < $1", at - KEPT_FOR)
    done = await pool.execute(
        "INSERT INTO exchange.reconciliation (run_id, partner, begun_by, why, began_at, step)"
        " VALUES ($1, $2, $3, $4, $5, 'open') ON CONFLICT DO NOTHING",
        *(run_id, partner, begun_by, why, at),
    )
    return bool(done.endswith(" 1"))


async def note(pool: asyncpg.Pool, run_id: UUID, **figures: object) -> None:
    """Figures of a run, by the names of columns of ours."""
    columns = ", ".join(f"{name} = ${number}" for number, name in enumerate(figures, 2))
    await pool.execute(
        f"UPDATE exchange.reconciliation SET {columns} WHERE run_id = $1",  # noqa: S608
        run_id,
        *figures.values(),
    )


async def count_begun_by_partner(pool: asyncpg.Pool, partner: str, since: datetime) -> int:
    """Runs that a partner began."""
    return int(
        await pool.fetchval(
            "SELECT count(*) FROM exchange.reconciliation WHERE partner = $1 AND begun_by = 'partner'"
            " AND began_at >= $2",
            partner,
            since,
        )
    )


async def list_runs(pool: asyncpg.Pool, partner: str | None, run_id: UUID | None = None) -> list[Mapping[str, Any]]:
    """Newest first."""
    rows = await pool.fetch(
        "SELECT * FROM exchange.reconciliation WHERE ($1::text IS NULL OR partner = $1)"
        " AND ($2::uuid IS NULL OR run_id = $2) ORDER BY began_at DESC, run_id DESC LIMIT $3",
        *(partner, run_id, SHOWN_MAX),
    )
    return [_show(row) for row in rows]


async def find_last_night(pool: asyncpg.Pool, partner: str) -> datetime | None:
    """When the last run of the night with a partner began, whatever became of it."""
    at: datetime | None = await pool.fetchval(
        "SELECT max(began_at) FROM exchange.reconciliation WHERE partner = $1 AND why = 'nightly' AND begun_by = 'us'",
        partner,
    )
    return at


async def list_open_findings(pool: asyncpg.Pool, partner: str | None) -> list[Mapping[str, Any]]:
    """What two registers do not agree on, oldest first: ids of links and conversations, nobody's name."""
    rows = await pool.fetch(
        "SELECT finding_id, partner, link_id, kind, found_at, run_id, conversation_id FROM exchange.finding"
        " WHERE ended IS NULL AND ($1::text IS NULL OR partner = $1) ORDER BY found_at, finding_id LIMIT $2",
        *(partner, SHOWN_MAX),
    )
    return [_show(row) for row in rows]


async def measure(pool: asyncpg.Pool, now: datetime) -> tuple[dict[str, int], float]:
    """Open findings by kind; how many seconds ago the partner that waits longest was reconciled to the end."""
    rows = await pool.fetch("SELECT kind, count(*) FROM exchange.finding WHERE ended IS NULL GROUP BY kind")
    oldest = await pool.fetchval(
        "SELECT min(last) FROM (SELECT max(ended_at) AS last FROM exchange.reconciliation"
        " WHERE outcome = 'DONE' GROUP BY partner) AS each"
    )
    return {row[0]: row[1] for row in rows}, 0.0 if oldest is None else (now - oldest).total_seconds()


def _show(row: asyncpg.Record) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, int | str) else str(value)
