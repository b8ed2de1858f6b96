"""Lines of any kind, contradictory ones too, and tables that hold them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, NamedTuple

import asyncpg

from services.projections.register.tables import TABLES
from services.projections.statistics.cells import Change, Crossing, Line, Move, Occurrence
from services.projections.statistics.expanding import expand
from services.projections.statistics.indicators import CountsInMemory
from services.projections.statistics.indicators.spans import day_of
from services.projections.statistics.rows import CROSSING, OCCURRENCE

AREAS = ("A", "B", "C")
PLACES = (*AREAS, *AREAS, "region:south", "country:FI", "unknown", None)
# Around turns of years and of February, in common years and leap years; 1900 was none.
_TURNS = ((1, 1), (2, 27), (2, 28), (3, 1), (3, 2), (7, 1), (12, 31))
_LEAP_DAYS = (day_of(2000, 2, 29), day_of(2004, 2, 29))
DAYS = (*(day_of(year, *at) for year in (1899, 1900, 1999, 2000, 2001, 2003, 2004) for at in _TURNS), *_LEAP_DAYS)
BIRTHS = (*DAYS, day_of(1, 1, 1), day_of(1600, 2, 29), day_of(1896, 2, 29), day_of(2024, 2, 29))
KINDS = ("birth", "death", "marriage")
CAUSES = ("birth", "death", "arrival", "other")


class Recorded(NamedTuple):
    """A line and the day from which it is known."""

    day: int
    line: Line


def draw_lines(random: Random, many: int, days: int = 4) -> list[Recorded]:
    """Half of them crossings; recorded on days 0 to `days`."""
    return [
        Recorded(random.randrange(days), draw_crossing(random) if random.random() < 0.5 else draw_occurrence(random))
        for _ in range(many)
    ]


def draw_crossing(random: Random) -> Crossing:
    pick = random.choice
    state = [pick(PLACES), pick(PLACES), random.random() < 0.3]
    # Most who move are registered where they live, and stay so.
    other = [state[0], pick(PLACES), random.random() < 0.3] if random.random() < 0.3 else [pick(PLACES)] * 2 + [False]
    return Crossing._make((pick(CAUSES), *state, *other, *_who(random), pick((1, 1, -1))))


def draw_occurrence(random: Random) -> Occurrence:
    pick = random.choice
    day, sex, born = _who(random)
    order, delay = pick((1, 2, None)), pick((0, 40, None))
    area, registered = pick((*AREAS, None)), pick((*AREAS, None))
    return Occurrence(pick(KINDS), area, day, sex, born, order, delay, registered, pick((1, 1, -1)))


def _who(random: Random) -> tuple[int, str | None, int | None]:
    born = random.choice((*BIRTHS, None))
    return random.choice(DAYS), random.choice(("female", "male", None)), born


def count_in_memory(lines: Iterable[Recorded], known_day: int | None = None) -> CountsInMemory:
    """What was known at the end of a day."""
    cells = list(expand(each.line for each in lines if known_day is None or each.day <= known_day))
    return CountsInMemory(
        [cell for cell in cells if isinstance(cell, Change)],
        [cell for cell in cells if isinstance(cell, Occurrence)],
        [cell for cell in cells if isinstance(cell, Move)],
    )


async def write_lines(connection: asyncpg.Connection, schema: str, lines: Iterable[Recorded], person: int = 1) -> None:
    """As rows of one person."""
    columns = {table.name: table.columns for table in TABLES}
    first = f"00000000-0000-0000-0000-{person:012d}"
    rows: dict[str, list[tuple[object, ...]]] = {CROSSING: [], OCCURRENCE: []}
    for day, line in lines:
        rows[CROSSING if isinstance(line, Crossing) else OCCURRENCE].append((first, day, *line))
    for table, records in rows.items():
        await connection.copy_records_to_table(table, schema_name=schema, columns=columns[table], records=records)


def as_lines(tables: Mapping[str, Counter[tuple[Any, ...]]]) -> list[Recorded]:
    """Rows of both tables as the lines they are."""
    kinds = ((CROSSING, Crossing), (OCCURRENCE, Occurrence))
    return [Recorded(row[1], kind._make(row[2:])) for table, kind in kinds for row in tables[table].elements()]
