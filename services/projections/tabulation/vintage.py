"""As known when: what of it stands in the sums, and what has to be read line by line.

Sums carry the year of recording, not the day. So they serve all that was recorded before the turn of a year, and the
lines recorded between that turn and the day in question are added, or, from the turn after it, taken away: whichever
are fewer.
"""

from dataclasses import dataclass
from typing import Final

from services.kernel.database import Connection
from services.projections.statistics.indicators.spans import as_date, day_of
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.statistics.rows import TABLES as LINES
from services.projections.tabulation.tables import PENDING

_ENOUGH: Final = 100_000
"""So many lines are counted to find the side with fewer of them."""


@dataclass(frozen=True, slots=True)
class Vintage:
    """Of the tables of one schema. `turn`: sums serve what was recorded before this day; None: everything. `between`:
    lines recorded from the turn on and not later than `known_day`, or later than that and before the turn.
    `summed`: whether there are sums; another edition of the program did not keep them.
    """

    schema: str
    known_day: int | None = None
    turn: int | None = None
    summed: bool = True

    @property
    def sums(self) -> str:
        """A condition on rows of sums, to stand after others."""
        return "" if self.turn is None else f" AND recorded_year < {as_date(self.turn).year}"

    def select(self, lines: str, served: str | None, cut: str | None) -> str:
        """Lines in brackets that the sums do not hold. `served`: the condition, on `day`, of what is asked of sums;
        `cut`: of what else is asked. None: nothing.
        """
        columns = ", ".join(LINES[lines][1:])
        before = "" if self.turn is None else f" AND recorded_day < {self.turn}"
        parts = []
        if served is not None:
            parts.append(f'SELECT {columns} FROM "{self.schema}".{PENDING[lines]} WHERE {served}{before}')
        if cut is not None:
            parts.append(f'SELECT {columns} FROM "{self.schema}".{lines} WHERE {cut}{before}')
        if self.known_day is not None and self.turn is not None:
            sign, between = "", f"recorded_day >= {self.turn} AND recorded_day <= {self.known_day}"
            if self.turn > self.known_day:
                sign, between = "-", f"recorded_day > {self.known_day} AND recorded_day < {self.turn}"
            signed = ", ".join(f"{sign}n AS n" if column == "n" else column for column in LINES[lines][1:])
            parts.append(f'SELECT {signed} FROM "{self.schema}".{lines} WHERE {between}')
        return f"({' UNION ALL '.join(parts)})" if parts else f'(SELECT {columns} FROM "{self.schema}".{lines} LIMIT 0)'


async def open_vintage(connection: Connection, schema: str, known_day: int | None) -> Vintage:
    """`known_day`: as known at its end; None: as known now."""
    summed = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f'"{schema}".stock_sum')
    if known_day is None or not summed:
        return Vintage(schema, known_day, None if known_day is None else known_day + 1, bool(summed))
    turn = day_of(as_date(known_day).year)
    after = day_of(as_date(known_day).year + 1)
    if known_day + 1 == after:
        return Vintage(schema, known_day, after)
    forward = await _count(connection, schema, turn, known_day)
    if forward == _ENOUGH and await _count(connection, schema, known_day + 1, after - 1) < forward:
        turn = after
    return Vintage(schema, known_day, turn)


async def _count(connection: Connection, schema: str, first: int, last: int) -> int:
    parts = " UNION ALL ".join(
        f'(SELECT 1 FROM "{schema}".{lines} WHERE recorded_day BETWEEN $1 AND $2 LIMIT {_ENOUGH})'
        for lines in (CROSSING, OCCURRENCE)
    )
    query = f"SELECT count(*) FROM (SELECT 1 FROM ({parts}) AS line LIMIT {_ENOUGH}) AS line"
    return int(await connection.fetchval(query, first, last))
