"""How lines become sums: which keys are kept, at which grain, and the statements that add lines to them.

Sums of *changes* within a calendar year: a stock is the sum of all changes up to a day, so nothing has to be done when
time passes, and a change of nine years ago touches one row for each key. `recorded_year`: when the log knew it.

Years lived, exactly, by age: of the changes within a year the table keeps what they add to the years lived *in that
year*, before the birthday and after it, in `spans.YEAR`ths; of every later year the years lived are those of people
who were there all year, of which the birthday takes a part that is a sum of places of birthdays in the year. All of
that is additive, so that any whole years of any stock are exact by completed age, and no birthday is looked at.
"""

from dataclasses import dataclass
from typing import Final

from services.projections.statistics.cells import INFLOW, OUTFLOW, POPULATIONS, REGISTERED, TEMPORARY, USUAL
from services.projections.statistics.indicators.spans import YEAR
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.tabulation import calendar
from services.projections.tabulation.calendar import PLACES, is_common, month_at, rank
from services.projections.tabulation.reading import SETTLED, select_changes, select_moves

TOTAL: Final = "total"
"""By area alone (of vital events by sex too)."""
FULL: Final = "full"
"""By area and people."""
REGION: Final = "region"
"""By people, of the whole region, whose area is ''."""
MONTH: Final = "month"
"""By people and calendar month, of the whole region."""
DAY: Final = "day"
"""By day, of the whole region."""
PACE: Final = "pace"
"""Vital events of the whole region by month and delay."""
PAIR: Final = "pair"
"""Moves by origin and destination."""
HASHED: Final = "enable_sort = off"
"""There are fewer keys than the planner thinks: sorting all lines to group them costs several times as much."""
_UNIT: Final = {True: YEAR // 365, False: YEAR // 366}


@dataclass(frozen=True, slots=True)
class Sum:
    """A table of sums. `grouped`: selections of all its columns from lines, of which `{lines}` is the table. `derived`:
    further ones, from those, which are `{grouped}`.
    """

    name: str
    lines: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    grouped: tuple[str, ...]
    derived: tuple[str, ...] = ()
    partitioned_by: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.keys, *self.sums)


def fill(of: Sum) -> tuple[str, ...]:
    """Statements that fill an empty table from all lines."""
    table, columns = f"{{schema}}.{of.name}", ", ".join(of.columns)
    selections = [each.replace("{lines}", f"{{schema}}.{of.lines}") for each in of.grouped]
    selections += [each.replace("{grouped}", table) for each in of.derived]
    inserts = (f"INSERT INTO {table} ({columns}) {each}" for each in selections)
    return (f"SET {HASHED}", *inserts, f"RESET {HASHED.partition(' ')[0]}")


def add(of: Sum, lines: str) -> str:
    """CTEs, for a statement in which `lines` names a selection of lines: they add it to the table."""
    columns, new = ", ".join(of.columns), f"new_{of.name}"
    grouped = " UNION ALL ".join(each.replace("{lines}", lines) for each in of.grouped)
    derived = [each.replace("{grouped}", new) for each in of.derived]
    sets = ", ".join(f"{name} = kept.{name} + excluded.{name}" for name in of.sums)
    return (
        f"{new} ({columns}) AS MATERIALIZED ({grouped}),"
        f" added_{of.name} AS (INSERT INTO {{schema}}.{of.name} AS kept ({columns})"
        f" {' UNION ALL '.join([f'SELECT * FROM {new}', *derived])}"
        f" ON CONFLICT ({', '.join(of.keys)}) DO UPDATE SET {sets})"
    )


def _years(day: str) -> str:
    return f"({rank(day)} / {PLACES})::smallint"


def _unless_all_zero(*sums: str) -> str:
    return "HAVING " + " OR ".join(f"{each} <> 0" for each in sums)


_RANKS: Final = f", recorded_day, {rank('day')} AS at, {rank('born_day')} AS born"


STORED: Final = (SETTLED, TEMPORARY, INFLOW, OUTFLOW)
"""Populations that are kept. The two large ones are sums of these, so most changes are kept once, not twice."""
MADE_OF: Final = {
    **{population: (population,) for population in POPULATIONS},
    USUAL: (SETTLED, INFLOW),
    REGISTERED: (SETTLED, OUTFLOW),
}
BOTH: Final = "both"
"""The track of whatever is the same by usual residence and by registration; the others hold the rest."""
TRACKS: Final = (BOTH, USUAL, REGISTERED)


def _select_all_changes(*, whole: bool) -> str:
    return " UNION ALL ".join(
        f"SELECT '{population}' AS population, * FROM"
        f" ({select_changes('{lines}', population, _RANKS, whole=whole)}) AS change"
        for population in STORED
    )


# Days of the year from 0: the day of the change, and the birthday; where none is known, all is lived after it.
_PLACED: Final = f"""
SELECT population, area, elsewhere, sex, (born / {PLACES})::smallint AS born_year, year::smallint,
       {month_at("place")}::smallint AS calendar_month, {_years("recorded_day")} AS recorded_year, n, unit,
       {YEAR} / unit AS days, place - (common AND place >= 60)::int AS gone,
       coalesce(born_place - (common AND born_place >= 60)::int, 0) AS turn,
       coalesce(born_place - (born_place >= 60)::int, 0) AS turn_common, coalesce(born_place, 0) AS turn_leap
FROM (
    SELECT *, CASE WHEN common THEN {_UNIT[True]} ELSE {_UNIT[False]} END AS unit FROM (
        SELECT *, at / {PLACES} AS year, at % {PLACES} AS place, born % {PLACES} AS born_place,
               {is_common(f"(at / {PLACES})")} AS common
        FROM ({_select_all_changes(whole=False)}) AS change OFFSET 0
    ) AS placed
) AS placed OFFSET 0
"""
_STOCK_SUMS: Final = ("people", "lived_before", "lived_after", "turn_common", "turn_leap")
_NEW_STOCK: Final = (
    "sum(n)::bigint",
    "sum(n * greatest(turn - gone, 0) * unit)::bigint",
    "sum(n * (days - greatest(turn, gone)) * unit)::bigint",
    "sum(n * turn_common)::bigint",
    "sum(n * turn_leap)::bigint",
)
_STOCK_KEYS: Final = (
    *("population", "grain", "area", "elsewhere", "sex", "born_year", "year", "calendar_month", "recorded_year"),
)
_KEPT_STOCK: Final = tuple(f"sum({name})::bigint" for name in _STOCK_SUMS)
STOCK: Final = Sum(
    "stock_sum",
    CROSSING,
    _STOCK_KEYS,
    _STOCK_SUMS,
    (
        f"SELECT population, CASE WHEN grouping(area) = 0 THEN '{FULL}' ELSE '{MONTH}' END,"
        " CASE WHEN grouping(area) = 0 THEN area ELSE '' END, elsewhere, sex, born_year, year, calendar_month,"
        f" recorded_year, {', '.join(_NEW_STOCK)} FROM ({_PLACED}) AS change"
        " GROUP BY population, sex, born_year, year, recorded_year, GROUPING SETS ((area, elsewhere), (calendar_month))"
        f" {_unless_all_zero(*_NEW_STOCK)}",
    ),
    (
        f"SELECT population, '{TOTAL}', area, NULL::text, NULL::text, NULL::smallint, year, NULL::smallint,"
        f" recorded_year, {', '.join(_KEPT_STOCK)} FROM {{grouped}} WHERE grain = '{FULL}'"
        f" GROUP BY 1, 3, 7, 9 {_unless_all_zero(*_KEPT_STOCK)}",
        f"SELECT population, '{REGION}', '', NULL::text, sex, born_year, year, NULL::smallint,"
        f" recorded_year, {', '.join(_KEPT_STOCK)} FROM {{grouped}} WHERE grain = '{MONTH}'"
        f" GROUP BY 1, 5, 6, 7, 9 {_unless_all_zero(*_KEPT_STOCK)}",
    ),
    "population",
)
_NET: Final = "HAVING sum(n) <> 0"
BIRTHDAYS: Final = Sum(
    "birthday_sum",
    CROSSING,
    ("population", "sex", "born_day", "year", "recorded_year"),
    ("people",),
    (
        f"SELECT population, sex, born_day, (at / {PLACES})::smallint, {_years('recorded_day')}, sum(n)::bigint"
        f" FROM ({_select_all_changes(whole=True)}) AS change GROUP BY 1, 2, 3, 4, 5 {_NET}",
    ),
)
DAYS: Final = Sum(
    "day_sum",
    CROSSING,
    ("population", "area", "sex", "day", "recorded_year"),
    ("people",),
    (
        "SELECT population, CASE WHEN grouping(area) = 0 THEN area ELSE '' END, sex, day,"
        f" {_years('recorded_day')} AS recorded_year, sum(n)::bigint"
        f" FROM ({_select_all_changes(whole=False)}) AS change"
        f" GROUP BY population, day, 5, GROUPING SETS ((area), (sex)) {_NET}",
    ),
)
_EVENTS: Final = " UNION ALL ".join(
    f"SELECT '{track}' AS track, kind, {area} AS area, sex, {rank('day')} AS at, {rank('born_day')} AS born,"
    f" birth_order, delay_days, day, recorded_day, n"
    f" FROM {{lines}} AS line WHERE {area} IS NOT NULL AND area IS {alike} DISTINCT FROM registered"
    for track, area, alike in ((BOTH, "area", "NOT"), (USUAL, "area", ""), (REGISTERED, "registered", ""))
)
_VITAL_KEYS: Final = (
    *("track", "grain", "kind", "area", "sex", "age", "age_at_year_end", "birth_order", "month", "delay_days"),
    *("year", "recorded_year"),
)
_AGES: Final = (
    f"((at - born + {PLACES * 10_000}) / {PLACES} - 10000)::smallint AS age,"
    f" (at / {PLACES} - born / {PLACES})::smallint AS age_at_year_end"
)
_DATED_EVENTS: Final = (
    f"(SELECT *, {_AGES}, (at / {PLACES})::smallint AS year, {calendar.month('day')} AS month,"
    f" {_years('recorded_day')} AS recorded_year FROM ({_EVENTS}) AS event OFFSET 0) AS event"
)
_NO_AGES: Final = "NULL::smallint, NULL::smallint"
VITAL: Final = Sum(
    "vital_sum",
    OCCURRENCE,
    _VITAL_KEYS,
    ("events",),
    (
        f"SELECT track, CASE WHEN grouping(area) = 0 THEN '{FULL}' WHEN grouping(sex) = 0 THEN '{MONTH}'"
        f" ELSE '{PACE}' END, kind, CASE WHEN grouping(area) = 0 THEN area ELSE '' END, sex, age, age_at_year_end,"
        " birth_order, month, delay_days, year, recorded_year, sum(n)::bigint"
        f" FROM {_DATED_EVENTS} GROUP BY track, kind, year, recorded_year, GROUPING SETS ("
        "(area, sex, age, age_at_year_end, birth_order), (month, sex, age, age_at_year_end, birth_order),"
        f" (month, delay_days)) {_NET}",
    ),
    (
        f"SELECT track, '{TOTAL}', kind, area, sex, {_NO_AGES}, NULL::integer, NULL::text, NULL::integer, year,"
        f" recorded_year, sum(events)::bigint FROM {{grouped}} WHERE grain = '{FULL}'"
        " GROUP BY 1, 3, 4, 5, 11, 12 HAVING sum(events) <> 0",
        f"SELECT track, '{REGION}', kind, '', sex, age, age_at_year_end, birth_order, NULL::text, NULL::integer, year,"
        f" recorded_year, sum(events)::bigint FROM {{grouped}} WHERE grain = '{MONTH}'"
        " GROUP BY 1, 3, 5, 6, 7, 8, 11, 12 HAVING sum(events) <> 0",
    ),
)
_ALIKE: Final = "(from_lives IS NOT DISTINCT FROM from_registered AND lives IS NOT DISTINCT FROM registered)"
_ALL_MOVES: Final = " UNION ALL ".join(
    f"SELECT '{track}' AS track, * FROM"
    f" ({select_moves(f'(SELECT * FROM {{lines}} AS line WHERE {which})', of, _RANKS)}) AS move"
    for track, of, which in (
        (BOTH, USUAL, _ALIKE),
        (USUAL, USUAL, f"NOT {_ALIKE}"),
        (REGISTERED, REGISTERED, f"NOT {_ALIKE}"),
    )
)
_DATED_MOVES: Final = (
    f"(SELECT *, {_AGES}, (at / {PLACES})::smallint AS year, {_years('recorded_day')} AS recorded_year"
    f" FROM ({_ALL_MOVES}) AS move OFFSET 0) AS move"
)
MOVES: Final = Sum(
    "move_sum",
    CROSSING,
    (
        *("track", "grain", "origin", "destination", "kind", "sex", "age", "age_at_year_end", "year", "day"),
        "recorded_year",
    ),
    ("moves",),
    (
        f"SELECT track, CASE WHEN grouping(origin) = 0 THEN '{PAIR}' WHEN grouping(age) = 0 THEN '{REGION}'"
        f" ELSE '{DAY}' END, origin, destination, kind, sex, age, age_at_year_end, year, day, recorded_year,"
        " sum(n)::bigint"
        f" FROM {_DATED_MOVES} GROUP BY track, kind, year, recorded_year,"
        f" GROUPING SETS ((origin, destination), (sex, age, age_at_year_end), (sex, day)) {_NET}",
    ),
    partitioned_by="track",
)
ALL: Final = (STOCK, BIRTHDAYS, DAYS, VITAL, MOVES)
