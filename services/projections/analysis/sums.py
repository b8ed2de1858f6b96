"""What an edition is made of: plain sums by area, read in one moment; the database puts days and ages together."""

from dataclasses import dataclass, field
from typing import NamedTuple

import asyncpg

from services.kernel.database import Connection
from services.projections.geography.atlas import Atlas
from services.projections.geography.queries import fetch_atlas
from services.projections.statistics.cells import USUAL
from services.projections.tabulation import calendar
from services.projections.tabulation.reading import is_area, select_changes, select_moves


class Stock(NamedTuple):
    """Changes of the usual residents in a year. `born`: the year of birth."""

    area: str
    sex: str | None
    born: int | None
    year: int
    n: int


class Quarter(NamedTuple):
    """Changes of the usual residents in a quarter (0 to 3), and the days that they lived in the year from then on."""

    area: str
    year: int
    quarter: int
    n: int
    days: int


class Event(NamedTuple):
    """Vital events. `age`: completed, of a birth the mother's. `delay`: 0 to 30 days, 1 to 365, 2 later, 3 unknown."""

    kind: str
    area: str
    year: int
    sex: str | None
    age: int | None
    delay: int
    n: int


class Move(NamedTuple):
    """Changes of the place where people live. `kind`: internal, in, out, found."""

    kind: str
    origin: str | None
    destination: str | None
    year: int
    n: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Everything that an edition counts, and the map."""

    stocks: list[Stock] = field(default_factory=list)
    quarters: list[Quarter] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    atlas: Atlas = field(default_factory=lambda: Atlas((), (), ()))

    @property
    def years(self) -> range:
        """From the first year to the last of which anything is known."""
        known = {row.year for rows in (self.stocks, self.events, self.moves) for row in rows}
        return range(min(known), max(known) + 1) if known else range(0)


_DAY, _BORN = "day", "born_day"
_YEAR, _BORN_YEAR = calendar.year(_DAY), calendar.year(_BORN)
_CHANGES = select_changes("{schema}.crossing", USUAL)
_MOVES = select_moves("{schema}.crossing", USUAL)
_QUARTER = "(extract(month FROM date '1970-01-01' + day)::integer - 1) / 3"
_LEFT = f"(make_date({_YEAR} + 1, 1, 1) - date '1970-01-01' - day)"
_DELAY = "CASE WHEN delay_days IS NULL THEN 3 WHEN delay_days <= 30 THEN 0 WHEN delay_days <= 365 THEN 1 ELSE 2 END"

STOCKS = f"""
SELECT area, sex, {_BORN_YEAR}, {_YEAR}, sum(n)::bigint FROM ({_CHANGES}) AS change
GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
"""  # noqa: S608
QUARTERS = f"""
SELECT area, {_YEAR}, {_QUARTER}, sum(n)::bigint, sum(n * {_LEFT})::bigint FROM ({_CHANGES}) AS change
GROUP BY 1, 2, 3
"""  # noqa: S608
EVENTS = f"""
SELECT kind, area, {_YEAR}, sex, {calendar.age(_BORN, _DAY)}, {_DELAY}, sum(n)::bigint FROM {{schema}}.occurrence
WHERE {is_area("area")} GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0
"""  # noqa: S608
MOVES = f"""
SELECT kind, origin, destination, {_YEAR}, sum(n)::bigint FROM ({_MOVES}) AS move
GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0
"""  # noqa: S608


async def fetch_sums(connection: Connection, schema: str = "register", maps: str = "geography") -> Sums:
    """The caller's transaction should be REPEATABLE READ: several tables are read, each once from end to end."""

    async def fetch(statement: str) -> list[asyncpg.Record]:
        return await connection.fetch(statement.replace("{schema}", f'"{schema}"'), timeout=None)

    return Sums(
        [Stock(*row) for row in await fetch(STOCKS)],
        [Quarter(*row) for row in await fetch(QUARTERS)],
        [Event(*row) for row in await fetch(EVENTS)],
        [Move(*row) for row in await fetch(MOVES)],
        await fetch_atlas(connection, maps),
    )
