"""Asks the tables: rows that are alike, counted as of a day, and the obligations behind a figure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.protocol.deadlines import Kind
from services.exchange.scorecards.assessed import What
from services.exchange.scorecards.cards import OneSided, Period
from services.exchange.scorecards.figures import Cell
from services.exchange.scorecards.indicators import ROUNDS, Flags, Indicator
from services.kernel.database import Connection

PAGE_MAX = 500
_VOIDED = "(voided_day <= $4 AND contested_day > $4)"
_ANSWERED = "(answered_day <= $4 AND contested_day > $4)"
FLAGS: Mapping[str, str] = {
    "voided": _VOIDED,
    "answered": _ANSWERED,
    "on_time": f"(on_time AND {_ANSWERED})",
    "first_on_time": "first_on_time",
    "effective": f"(standing = 'EFFECTIVE' AND overturned_day > $4 AND {_ANSWERED})",
    "confirmed": f"(outcome IN ('CONFIRMED', 'CONFIRMED_WITH_DIFFERENCES') AND {_ANSWERED})",
    "differs": f"(differs AND {_ANSWERED})",
    "reminded": "(reminded_day <= $4)",
    "escalated": "(escalated_day <= $4)",
    "open": "(ended_day > $4)",
    "tacit": "(outcome = 'TACIT')",
    "decided": f"(outcome IN ('CORRECTED', 'ADDED', 'REMOVED', 'UNCHANGED') AND {_ANSWERED})",
    "changed": f"(outcome IN ('CORRECTED', 'ADDED', 'REMOVED') AND {_ANSWERED})",
}
"""What a row is as of a day ($4), in SQL. Nothing that happened later is seen."""
_STANDING = (What.LINK, Kind.RECONFIRM)
"""What is looked at as it stands on a day, whenever it began."""
_TOLD_BY = (What.PAIRING, What.SETTLEMENT, Kind.DISCREPANCY_FIRST)
_SHOWN = (
    "conversation_id", "about", "kind", "debtor", "creditor", "opened_at", "due_at", "answered_at", "outcome",
    "standing", "on_time", "days", "cohort_day", "voided_day", "contested_day", "overturned_day", "reminded_day",
    "escalated_day", "different",
)  # fmt: skip
_ALIKE = (
    "kind, debtor, cohort_day, outcome, days, standing, on_time, first_on_time, differs, answered_day, voided_day,"
    " contested_day, overturned_day, reminded_day, escalated_day, ended_day"
)


async def fetch_cells(
    connection: "Connection | asyncpg.Pool", partner: str, period: Period, now: datetime
) -> list[Cell]:
    """Of one corridor. What is due later than `now` on the day of `as_of` does not belong to it yet."""
    words = ", ".join(f"CASE WHEN {sql} THEN '{name}' END" for name, sql in FLAGS.items())
    today, names = now.astimezone(UTC).date(), "', '".join(_STANDING)
    told = "', '".join(_TOLD_BY)
    within = f"(cohort_day BETWEEN $2 AND $3 OR kind IN ('{names}') AND cohort_day <= $4)"
    rows = await connection.fetch(
        f"SELECT kind, debtor, CASE WHEN kind IN ('{told}') AND answered_day <= $4 THEN outcome ELSE '' END AS told,"  # noqa: S608
        f" CASE WHEN {_ANSWERED} THEN days ELSE -1 END AS took,"
        f" array_remove(ARRAY[{words}], NULL) AS flags, sum(n) AS n FROM ("
        f" SELECT {_ALIKE}, n FROM exchange.tally WHERE partner = $1 AND {within} AND cohort_day < $5"
        f" UNION ALL SELECT {_ALIKE}, 1 FROM exchange.assessed"
        f" WHERE partner = $1 AND {within} AND cohort_day = $5 AND due_at <= $6"
        ") AS alike GROUP BY 1, 2, 3, 4, 5",
        partner,
        period.first,
        period.last,
        period.as_of,
        today,
        now,
    )
    return [Cell(row[0], row[1], row[2], row[3], frozenset(row[4]), int(row[5])) for row in rows]


async def fetch_one_sided(connection: "Connection | asyncpg.Pool", partner: str, as_of: date) -> OneSided:
    """Findings of one corridor that were open at the end of a day."""
    until = datetime.combine(as_of + timedelta(days=1), time(), UTC)
    row = await connection.fetchrow(
        "SELECT count(*) FILTER (WHERE is_here) AS here, count(*) FILTER (WHERE NOT is_here) AS there FROM ("
        " SELECT coalesce((f.kind = 'ONE_SIDED_AT_D') = (c.role = 'DESTINATION'), false) AS is_here"
        " FROM exchange.finding f LEFT JOIN exchange.conversation c ON c.link_id = f.link_id AND c.partner = f.partner"
        " WHERE f.partner = $1 AND f.kind IN ('ONE_SIDED_AT_D', 'ONE_SIDED_AT_O') AND f.found_at < $2"
        " AND coalesce(f.closed_at, 'infinity') >= $2) AS found",
        partner,
        until,
    )
    assert row is not None
    return OneSided(row["here"], row["there"])


async def fetch_paths(
    connection: "Connection | asyncpg.Pool", partner: str, debtor: str, period: Period
) -> list[tuple[str, int]]:
    """By path: how many final 203 said that it differs."""
    rows = await connection.fetch(
        "SELECT path, count(*) FROM exchange.assessed, unnest(different) AS path"  # noqa: S608
        f" WHERE partner = $1 AND cohort_day BETWEEN $2 AND $3 AND differs AND debtor = $5 AND {_ANSWERED}"
        " GROUP BY path ORDER BY 2 DESC, 1",
        partner,
        period.first,
        period.last,
        period.as_of,
        debtor,
    )
    return [(row[0], row[1]) for row in rows]


async def fetch_obligations(
    connection: "Connection | asyncpg.Pool",
    partner: str,
    debtor: str,
    period: Period,
    now: datetime,
    indicator: Indicator,
    counted: str,
    after: tuple[date, UUID, str] | None,
    size: int,
) -> list[dict[str, Any]]:
    """The rows behind a figure, by day. `counted`: numerator, others (of the denominator), or voided."""
    kinds, where = _select(indicator, counted)
    standing = set(kinds) <= set(_STANDING)
    rows = await connection.fetch(
        f"SELECT {', '.join(_SHOWN)} FROM exchange.assessed"  # noqa: S608
        " WHERE partner = $1 AND debtor = $5 AND kind = ANY($6) AND due_at <= $7 AND cohort_day <= $3"
        f" AND (cohort_day >= $2 OR {str(standing).lower()}) AND ({where}) AND $4::date IS NOT NULL"
        " AND ($8::date IS NULL OR (cohort_day, conversation_id, about) > ($8, $9, $10))"
        " ORDER BY cohort_day, conversation_id, about LIMIT $11",
        partner,
        period.first,
        period.as_of if standing else period.last,
        period.as_of,
        debtor,
        kinds,
        now,
        *(after or (None, None, None)),
        size,
    )
    return [_show(row, period.as_of) for row in rows]


def _select(indicator: Indicator, counted: str) -> tuple[list[str], str]:
    of, hit = _where(indicator.of), _where(indicator.counted)
    kinds = sorted(indicator.kinds)
    if counted == "voided":
        return kinds, FLAGS["voided"]
    if counted == "numerator" and indicator.above:
        return sorted(indicator.above), hit
    rounds = "kind IN ('" + "', '".join(sorted(ROUNDS)) + "')"
    if counted == "numerator":
        left_out = "false" if indicator.is_better_low else rounds
        return kinds, f"{of} AND {hit} AND NOT {left_out}"
    return kinds, of if indicator.above else f"{of} AND NOT ({hit})"


def _where(flags: Flags) -> str:
    return " AND ".join(FLAGS[name] if wanted else f"NOT {FLAGS[name]}" for name, wanted in flags) or "true"


def _show(row: asyncpg.Record, as_of: date) -> dict[str, Any]:
    """As of the day: what came later is not told."""
    told: dict[str, Any] = {}
    for name in _SHOWN:
        value = row[name]
        if name.endswith("_day") and name != "cohort_day":
            value = value if value <= as_of else None
        told[name] = str(value) if isinstance(value, UUID) else value
    if told["answered_at"] is not None and told["answered_at"].astimezone(UTC).date() > as_of:
        told |= {"answered_at": None, "outcome": "", "standing": "", "on_time": False, "days": -1, "different": []}
    return told
