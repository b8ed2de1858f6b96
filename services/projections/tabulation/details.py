"""Questions of the library put to cells one by one: exact for every period and age, as slow as there are cells.

Cells are given as selections in brackets, with the columns that `reading` gives them.
"""

from collections.abc import Mapping
from typing import Final

from services.projections.statistics.indicators.counting import Areas, By
from services.projections.statistics.indicators.spans import YEAR, Span, day_of
from services.projections.tabulation import calendar
from services.projections.tabulation.asking import Asking, Query


def ask_population(changes: str, day: int, by: By, areas: Areas) -> Query:
    """See `Counts.population`."""
    ask = Asking()
    conditions = [f"day <= {ask.pass_in(day)}::int", *ask.within("area", areas)]
    names = [_of_people(name, f"({calendar.rank_of(day)} - {calendar.rank('born_day')})") for name in by]
    return ask.sum("n", f"{changes} AS change", conditions, names)


def ask_person_years(changes: str, span: Span, by: By, areas: Areas) -> Query:
    """See `Counts.person_years`. Cells are cut at the turns of the years and, if ages are asked for, at birthdays."""
    if "age" in by:
        return _ask_years_by_age(changes, span, by, areas)
    ask = Asking()
    conditions = ["day < part_end", *ask.within("area", areas)]
    names = [_of_people(name, "") for name in by]
    what = "n::bigint * (part_end - greatest(day, part_start)) * unit"
    return ask.sum(what, f"{changes} AS change, {_parts(ask, span)}", conditions, names)


def _ask_years_by_age(changes: str, span: Span, by: By, areas: Areas) -> Query:
    """Whoever is there when the period begins is put together first: most of those who ever came are gone."""
    ask = Asking()
    kept = ", ".join([*(name for name in ("area", "elsewhere", "sex") if name in by), "born_day"])
    since = f"greatest(day, {span.start})"
    where = " AND ".join([f"day < {span.end}", *ask.within("area", areas)])
    held = (
        f"SELECT {kept}, {calendar.rank('born_day')} AS born, {since} AS day, sum(n) AS n"
        f" FROM {changes} AS change WHERE {where} GROUP BY {kept}, {since} HAVING sum(n) <> 0"
    )
    source = f"({held}) AS change, {_parts(ask, span)}, LATERAL ({_CUT_AT_BIRTHDAY}) AS cut (lived, age)"
    names = ["age" if name == "age" else _of_people(name, "") for name in by]
    return ask.sum("n::bigint * lived * unit", source, ["day < part_end", "lived > 0"], names)


def ask_occurrences(occurrences: str, kind: str, span: Span, by: By, areas: Areas) -> Query:
    """See `Counts.occurrences`."""
    ask = Asking()
    place = "registered" if "registered" in by else "area"
    conditions = [f"kind = {ask.pass_in(kind)}", *ask.between(span), f"{place} IS NOT NULL", *ask.within(place, areas)]
    return ask.sum("n", f"{occurrences} AS line", conditions, [_OF_OCCURRENCES[name] for name in by])


def ask_moves(moves: str, span: Span, by: By, areas: Areas) -> Query:
    """See `Counts.moves`."""
    ask = Asking()
    conditions = ask.between(span)
    if areas is not None:
        chosen = ask.pass_in(sorted(areas))
        conditions.append(f"(origin = ANY ({chosen}::text[]) OR destination = ANY ({chosen}::text[]))")
    return ask.sum("n", f"{moves} AS move", conditions, [_OF_MOVES[name] for name in by])


def _parts(ask: Asking, span: Span) -> str:
    """Parts of the period by calendar year: its year, whether it is a common one, and a day in parts of a year."""
    parts = list(span.parts())
    columns = (
        [part.year for part in parts],
        [day_of(part.year) for part in parts],
        [part.start for part in parts],
        [part.end for part in parts],
        [YEAR // part.length for part in parts],
    )
    arrays = ", ".join(f"{ask.pass_in(column)}::int[]" for column in columns)
    return f"unnest({arrays}) AS part (part_year, first_day, part_start, part_end, unit)"


_COMMON: Final = f"unit = {YEAR // 365}"
_PLACE: Final = f"born % {calendar.PLACES}"
# Unknown birthdays lie before everything, so all is lived after them; at no known age.
_TURN: Final = f"coalesce(first_day + {_PLACE} - ({_COMMON} AND {_PLACE} >= 60)::int, part_start)"
_AGE: Final = f"part_year - born / {calendar.PLACES}"
_CUT_AT_BIRTHDAY: Final = (
    f"VALUES (least({_TURN}, part_end) - greatest(day, part_start), {_AGE} - 1),"
    f" (part_end - greatest({_TURN}, day, part_start), {_AGE})"
)


def _of_people(name: str, ranks: str) -> str:
    """`ranks`: the rank of the day on which ages are asked for, less that of the birth day."""
    if name == "age":
        return f"({ranks} + {calendar.PLACES * 10_000}) / {calendar.PLACES} - 10000"
    return _OF_PEOPLE[name]


_OF_PEOPLE: Final[Mapping[str, str]] = {
    "area": "area",
    "elsewhere": "elsewhere",
    "sex": "sex",
    "birth-year": calendar.year("born_day"),
}
_OF_OCCURRENCES: Final[Mapping[str, str]] = {
    "area": "area",
    "registered": "registered",
    "sex": "sex",
    "age": calendar.age("born_day", "day"),
    "age-at-year-end": calendar.age_at_year_end("born_day", "day"),
    "order": "birth_order",
    "delay": "delay_days",
    "month": calendar.month("day"),
    "days-lived": "day - born_day",
}
_OF_MOVES: Final[Mapping[str, str]] = {
    "kind": "kind",
    "origin": "origin",
    "destination": "destination",
    "sex": "sex",
    "age": calendar.age("born_day", "day"),
    "age-at-year-end": calendar.age_at_year_end("born_day", "day"),
}
