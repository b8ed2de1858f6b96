"""How this region and its partners answer each other, by quarter: counts that the exchange keeps, under the rule.

The exchange's own scorecards are exact and lead to their obligations; this is what analysts see of them.
"""

from datetime import date
from typing import NamedTuple

from services.kernel.database import Connection
from services.projections.analysis.compiling import Row
from services.projections.statistics.disclosure.rules import Rule


class Due(NamedTuple):
    """What one region owed another in a quarter: how much was due, voided before, answered, in time, effectively."""

    partner: str
    debtor: str
    quarter: date
    due: int
    voided: int
    answered: int
    in_time: int
    effective: int


async def fetch_due(connection: Connection) -> list[Due]:
    """All quarters; none where there is no exchange, or where it keeps its counts to itself."""
    if not await connection.fetchval(
        "SELECT CASE WHEN has_schema_privilege(to_regnamespace('exchange'), 'USAGE')"
        " THEN has_table_privilege(to_regclass('exchange.due_counts'), 'SELECT') END"
    ):
        return []
    rows = await connection.fetch(
        "SELECT partner, debtor, quarter, due, voided, answered, in_time, effective FROM exchange.due_counts"
        " ORDER BY quarter, partner, debtor",
        timeout=None,
    )
    return [Due(*row) for row in rows]


def list_corridors(counts: list[Due], rule: Rule | None, today: date) -> list[Row]:
    """Quarters that are over. A line is told whole or not at all: when each of its parts, and what is left of each, is
    0 or at least the threshold."""
    return [_line(each, rule) for each in counts if _next_quarter(each.quarter) <= today]


def _line(each: Due, rule: Rule | None) -> Row:
    told = (each.due, each.voided, each.answered, each.in_time, each.effective)
    parts = (each.voided, each.in_time, each.answered - each.in_time, each.due - each.answered, each.effective,
             each.answered - each.effective)  # fmt: skip
    key = (each.quarter.year, (each.quarter.month + 2) // 3, each.partner, each.debtor)
    if rule is None:
        return (*key, *told, False)
    if any(rule.is_small(part) for part in parts):
        return (*key, *(None for _ in told), True)
    return (*key, *(rule.rounded(count) for count in told), False)


def _next_quarter(quarter: date) -> date:
    return date(quarter.year + quarter.month // 10, (quarter.month + 2) % 12 + 1, 1)
