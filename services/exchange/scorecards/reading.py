"""Asks the tables: rows that are alike, counted as of a day, and the obligations behind a figure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.scorecards.assessed import STANDING, TOLD_BY
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
    "open": "(kind IN ('LINK', 'RECONFIRM') AND ended_day > $4)",
    "tacit": "(outcome = 'TACIT')",
    "decided": f"(outcome IN ('CORRECTED', 'ADDED', 'REMOVED', 'UNCHANGED') AND {_ANSWERED})",
    "changed": f"(outcome IN ('CORRECTED', 'ADDED', 'REMOVED') AND {_ANSWERED})",
}
"""What a row is as of a day ($4), in SQL. Nothing that happened later is seen."""
_SHOWN = (
    "conversation_id", "about", "kind", "debtor", "creditor", "opened_at", "due_at", "answered_at", "outcome",
    "standing", "on_time", "days", "cohort_day", "voided_day", "contested_day", "overturned_day", "reminded_day",
    "escalated_day", "different",
)  # fmt: skip
_ALIKE = "kind, debtor, outcome, days, standing, on_time, first_on_time, differs"
_DAYS = ("answered_day", "voided_day", "contested_day", "overturned_day", "reminded_day", "escalated_day")


async def fetch_cells(
    connection: "Connection | asyncpg.Pool", partner: str, period: Period, now: datetime
) -> list[Cell]:
    """Of one corridor. What is due later than `now` on the day of `as_of` does not belong to it yet."""
    names = "', '".join(sorted(STANDING))
    today = now.astimezone(UTC).date()
    within = f"partner = $1 AND cohort_day BETWEEN $2 AND $3 AND kind NOT IN ('{names}')"
    asked = partner, period.first, min(period.last, today - timedelta(days=1)), period.as_of
    rows = await connection.fetch(_count(f"SELECT * FROM exchange.tally WHERE {within}"), *asked)  # noqa: S608
    if period.first <= today <= period.last:
        due = f"SELECT *, 1 AS n FROM exchange.assessed WHERE {within} AND due_at <= $5"  # noqa: S608
        rows += await connection.fetch(_count(due), partner, today, today, period.as_of, now)
    standing = await connection.fetch(
        "SELECT kind, debtor, sum(n) AS n FROM exchange.tally WHERE partner = $1 AND cohort_day <= $2"  # noqa: S608
        f" AND kind IN ('{names}') GROUP BY kind, debtor",
        partner,
        period.as_of,
    )
    found = [
        Cell(kind, debtor, told if kind in TOLD_BY else "", took, _read_bits(flags), int(n))
        for kind, debtor, told, took, flags, n in rows
    ]
    return found + [Cell(row[0], row[1], "", -1, frozenset({"open"}), int(row[2])) for row in standing]


def _count(source: str) -> str:
    """Rows that are alike as of the day. Days are first made to have come or not: then few are left to be looked at."""
    bits = " | ".join(f"CASE WHEN {sql} THEN {1 << place} ELSE 0 END" for place, sql in enumerate(FLAGS.values()))
    seen = ", ".join(f"CASE WHEN {name} <= $4 THEN '-infinity'::date ELSE 'infinity' END AS {name}" for name in _DAYS)
    grouped = ", ".join(str(number) for number in range(1, 9 + len(_DAYS)))
    return (
        "SELECT kind, debtor, CASE WHEN answered_day <= $4 THEN outcome ELSE '' END AS told,"  # noqa: S608
        f" CASE WHEN {_ANSWERED} THEN days ELSE -1 END AS took, {bits} AS flags, sum(n) AS n FROM ("
        f" SELECT {_ALIKE}, {seen}, 'infinity'::date AS ended_day, sum(n) AS n FROM ({source}) AS given"
        f" GROUP BY {grouped}) AS alike GROUP BY 1, 2, 3, 4, 5"
    )


def _read_bits(flags: int) -> frozenset[str]:
    return frozenset(name for place, name in enumerate(FLAGS) if flags >> place & 1)


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
    connection: "Connection | asyncpg.Pool", partner: str, period: Period
) -> dict[str, list[tuple[str, int]]]:
    """By debtor and path: how many final 203 said that it differs, most first."""
    rows = await connection.fetch(
        "SELECT debtor, path, count(*) FROM exchange.assessed, unnest(different) AS path"  # noqa: S608
        f" WHERE partner = $1 AND cohort_day BETWEEN $2 AND $3 AND differs AND {_ANSWERED}"
        " GROUP BY debtor, path ORDER BY 3 DESC, 2",
        partner,
        period.first,
        period.last,
        period.as_of,
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for debtor, path, n in rows:
        found.setdefault(debtor, []).append((path, n))
    return found


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
    standing = set(kinds) <= STANDING
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
