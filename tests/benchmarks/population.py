"""Tables of a made-up population, written by the database itself: nobody's life is consistent, but the numbers, the
places, the days and what was recorded when lie as they would after 30 years of a register of so many people.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from services.projections.engine.builds import make_indexes, make_tables
from services.projections.register.tables import TABLES
from services.projections.statistics.indicators.spans import day_of
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.statistics.rows import TABLES as LINES

AREAS, FIRST, YEARS = 290, 1996, 30
SCHEMA = "measured"
_TABLES = [table for table in TABLES if table.name.startswith((CROSSING, OCCURRENCE)) or not table.compared]
# Per year and inhabitant.
BIRTHS, DEATHS, MOVES, ARRIVALS, DEPARTURES = 0.011, 0.0095, 0.055, 0.010, 0.005
CORRECTED = 0.003


@dataclass
class Made:
    """Seconds by step; rows of lines."""

    seconds: dict[str, float]
    rows: int


def area(number: int) -> str:
    """Counties are by the first three digits: 29 of ten municipalities each."""
    return str(1000 + number)


def county(number: int) -> frozenset[str]:
    return frozenset(area(number * 10 + each) for each in range(10))


async def make(connection: asyncpg.Connection, people: int, say: Callable[[str], None]) -> Made:
    """Everything that a rebuild makes for counting, in a schema of its own."""
    seconds: dict[str, float] = {}

    async def step(name: str, *statements: str) -> None:
        say(f"indicators: {name}")
        begun = time.monotonic()
        for statement in statements:
            await connection.execute(statement)
        seconds[name] = seconds.get(name, 0.0) + time.monotonic() - begun

    await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; SET synchronous_commit = off")
    await make_tables(connection, SCHEMA, _TABLES, await connection.fetchval("SELECT current_user"))
    await step("lines", *_write_lines(people))
    await connection.execute("SET maintenance_work_mem = '128MB'; SET work_mem = '128MB'; SET jit = off")
    for table in _TABLES:
        begun = time.monotonic()
        await make_indexes(connection, SCHEMA, [table])
        await connection.execute(f"ANALYZE {SCHEMA}.{table.name}")
        seconds[f"index or fill {table.name}"] = time.monotonic() - begun
    rows = await connection.fetchval(
        f"SELECT (SELECT count(*) FROM {SCHEMA}.crossing) + (SELECT count(*) FROM {SCHEMA}.occurrence)"
    )
    return Made(seconds, rows)


# Large and small municipalities, spread over the counties.
_SOMEWHERE = f"(1000 + 97 * floor({AREAS} * random() ^ 2.2)::int % {AREAS})::text"
_SEX = "(ARRAY['female', 'male'])[1 + floor(random() * 2)::int]"
_OLDER = "day - floor(365.25 * 82 * random() ^ 0.8)::int"
_ADULT = "day - 6600 - floor(365.25 * 40 * random() * random())::int"
_OLD = "day - 365 * 99 + floor(365.25 * 95 * random() ^ 2.5)::int"
# Most within weeks, some after years.
_KNOWN = "day + floor(-12 * ln(1 - random()) + CASE WHEN random() < 0.02 THEN 1000 * random() ELSE 0 END)::int"


def _write_lines(people: int) -> list[str]:
    days, first = YEARS * 365, day_of(FIRST)
    some_day = f"{first} + floor(random() * {days})::int"
    usual = {"cause": "'other'", "before": "NULL, NULL, false", "after": "place, registered, away", "born": _ADULT}
    kinds = (
        ("found", people, f"{first}", {"before": "'unknown', 'unknown', false", "born": _OLDER}),
        ("births", people * BIRTHS * YEARS, some_day, {"cause": "'birth'", "born": "day"}),
        (
            "deaths",
            people * DEATHS * YEARS,
            some_day,
            {"cause": "'death'", "before": "place, registered, away", "after": "NULL, NULL, false", "born": _OLD},
        ),
        ("moves", people * MOVES * YEARS, some_day, {"before": "other, other, false"}),
        (
            "in",
            people * ARRIVALS * YEARS,
            some_day,
            {"cause": "'arrival'", "before": "'country:FI', 'country:FI', false"},
        ),
        (
            "out",
            people * DEPARTURES * YEARS,
            some_day,
            {"before": "place, registered, away", "after": "'country:FI', 'country:FI', false"},
        ),
    )
    statements = [_write_crossings(int(count), day, {**usual, **said}) for _, count, day, said in kinds]
    statements += [
        _write_occurrences(
            "birth", int(people * BIRTHS * YEARS), some_day, "day - 5800 - floor(365.25 * 28 * random())::int"
        ),
        _write_occurrences("death", int(people * DEATHS * YEARS), some_day, _OLD),
        _write_occurrences("marriage", int(people * 0.005 * YEARS), some_day, "NULL::int"),
        *(_correct(table) for table in (CROSSING, OCCURRENCE)),
    ]
    return statements


def _write_crossings(count: int, day: str, said: dict[str, str]) -> str:
    return f"""
    INSERT INTO {SCHEMA}.crossing ({", ".join(LINES[CROSSING])})
    SELECT gen_random_uuid(), {_KNOWN}, {said["cause"]}, {said["before"]}, {said["after"]}, day, sex, {said["born"]}, 1
    FROM (
        SELECT *, CASE WHEN away THEN other ELSE place END AS registered FROM (
            SELECT {day} AS day, {_SEX} AS sex, {_SOMEWHERE} AS place, {_SOMEWHERE} AS other, random() < 0.02 AS away
            FROM generate_series(1, {count}) OFFSET 0
        ) AS drawn OFFSET 0
    ) AS drawn WHERE place <> other
    """


def _write_occurrences(kind: str, count: int, day: str, born: str) -> str:
    return f"""
    INSERT INTO {SCHEMA}.occurrence ({", ".join(LINES[OCCURRENCE])})
    SELECT gen_random_uuid(), known, '{kind}', place, day, sex, {born}, 1 + floor(3 * random() * random())::int,
           known - day, place, 1
    FROM (
        SELECT *, {_KNOWN} AS known FROM (
            SELECT {day} AS day, {_SEX} AS sex, {_SOMEWHERE} AS place
            FROM generate_series(1, {count}) OFFSET 0
        ) AS drawn OFFSET 0
    ) AS drawn
    """


def _correct(table: str) -> str:
    """Some are taken back years later, and said anew."""
    columns = LINES[table]
    signed = ", ".join(
        "recorded_day + 200 + (random() * 2000)::int" if column == "recorded_day" else "-n" if column == "n" else column
        for column in columns
    )
    return (
        f"INSERT INTO {SCHEMA}.{table} ({', '.join(columns)})"
        f" SELECT {signed} FROM {SCHEMA}.{table} TABLESAMPLE SYSTEM ({CORRECTED * 100})"
    )
