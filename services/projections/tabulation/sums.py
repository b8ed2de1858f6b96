"""Questions of the library put to sums: whole years, and whatever was before the turn of a year.

A function answers None where the sums hold no answer; then the lines do.
"""

from collections.abc import Iterable, Mapping, Set
from typing import Final

from services.projections.statistics.indicators.counting import Areas, By
from services.projections.statistics.indicators.spans import YEAR, Part, Span, as_date, day_of
from services.projections.tabulation import calendar
from services.projections.tabulation.adding import (
    BIRTHDAYS,
    BOTH,
    DAY,
    DAYS,
    FULL,
    MADE_OF,
    MONTH,
    MOVES,
    PACE,
    PAIR,
    REGION,
    STOCK,
    TOTAL,
    VITAL,
)
from services.projections.tabulation.asking import Asking, Query
from services.projections.tabulation.vintage import Vintage

Years = tuple[int, int]
"""From the first to before the second."""


def is_of_region(by: By, areas: Areas) -> bool:
    """Whether no area plays a part."""
    return areas is None and "area" not in by and "elsewhere" not in by


def ask_stock(vintage: Vintage, year: int, population: str, by: By, areas: Areas, weight: str = "people") -> Query:
    """People at the turn before a year, or `weight` of the rows; of ages those that are reached by then."""
    ask = Asking()
    grain, source = _stock(vintage, by, areas)
    conditions = [*_of_stock(ask, population, grain, areas), f"year < {ask.pass_in(year)}::int{vintage.sums}"]
    names = [f"{year - 1} - born_year" if name == "age" else _of_stock_rows(name, population) for name in by]
    return ask.sum(weight, source, conditions, names)


def ask_years_lived(vintage: Vintage, years: Years, population: str, by: By, areas: Areas) -> Query:
    """Person-years of whole calendar years."""
    first, end = years
    if "age" in by:
        return _ask_years_by_age(vintage, years, population, by, areas)
    whole = f"people * {YEAR} * ({end} - 1 - greatest(year, {first - 1}))"
    within = f"CASE WHEN year >= {first} THEN lived_before + lived_after ELSE 0 END"
    return ask_stock(vintage, end, population, by, areas, f"({whole} + {within})")


def ask_months(vintage: Vintage, year: int, months: range, population: str, by: By, weight: str = "people") -> Query:
    """Changes within some months of a year, of the whole region by sex and year of birth; or `weight` of the rows."""
    ask = Asking()
    conditions = [*_of_stock(ask, population, MONTH, None), f"year = {ask.pass_in(year)}::int{vintage.sums}"]
    conditions += [f"calendar_month >= {months.start}", f"calendar_month < {months.stop}"]
    names = [_of_stock_rows(name, population) for name in by]
    return ask.sum(weight, f'"{vintage.schema}".{STOCK.name}', conditions, names)


def ask_part_lived(vintage: Vintage, part: Part, population: str, by: By, areas: Areas) -> Query:
    """Of who was there at the turn of the year: person-years of a part of it. Not by age."""
    weight = f"people * {(part.end - part.start) * part.day}"
    return ask_stock(vintage, part.year, population, by, areas, weight)


def _ask_years_by_age(vintage: Vintage, years: Years, population: str, by: By, areas: Areas) -> Query:
    """What was before the first year is put together first: then each year has its own changes and all before it."""
    first, end = years
    ask = Asking()
    grain, source = _stock(vintage, by, areas)
    conditions = [*_of_stock(ask, population, grain, areas), f"year < {ask.pass_in(end)}::int{vintage.sums}"]
    others = [name for name in by if name not in ("age", "birth-year")]
    columns = "".join(f"{_of_stock_rows(name, population)} AS {_STOCK_NAMES[name]}, " for name in others)
    groups = ", ".join(map(str, range(1, len(others) + 3)))
    held = (
        f"SELECT {columns}born_year, greatest(year, {first - 1}) AS since, {', '.join(map(_add, STOCK.sums))}"
        f" FROM {source} WHERE {' AND '.join(conditions)} GROUP BY {groups}"
    )
    of_later = (
        f"CASE WHEN {calendar.is_common('y')} THEN turn_common * {YEAR // 365} ELSE turn_leap * {YEAR // 366} END"
    )
    cut = (
        f"VALUES (y - born_year - 1, CASE WHEN y = since THEN lived_before ELSE {of_later} END),"
        f" (y - born_year, CASE WHEN y = since THEN lived_after ELSE people * {YEAR} - ({of_later}) END)"
    )
    years_after = f"JOIN generate_series({first}, {end - 1}) AS y ON y >= since"
    source = f"({held}) AS held {years_after}, LATERAL ({cut}) AS cut (age, lived)"
    return ask.sum("lived", source, [], ["age" if name == "age" else _STOCK_NAMES[name] for name in by])


def select_by_birthday(vintage: Vintage, population: str, year: int) -> str:
    """People of the whole region at the turn before a year as changes on its first day, which birth days have."""
    return _as_changes(vintage, BIRTHDAYS.name, population, "born_day", f"{day_of(year)}", f"year < {year}")


def select_by_day(vintage: Vintage, population: str, end: int) -> str:
    """Changes of the whole region before a day, by sex alone."""
    return _as_changes(vintage, DAYS.name, population, "NULL::int", "day", f"area = '' AND day < {end}")


def select_area_days(vintage: Vintage, population: str, span: Span) -> str:
    """Changes of all areas within a period, of whoever."""
    within = f"area <> '' AND sex IS NULL AND day >= {span.start} AND day < {span.end}"
    return _as_changes(vintage, DAYS.name, population, "NULL::int", "day", within, "area")


def ask_vital(vintage: Vintage, kind: str, years: Years, by: By, areas: Areas) -> Query | None:
    """Occurrences of whole calendar years."""
    if {"area", "registered"} <= set(by):
        return None
    place = "registered" if "registered" in by else "area"
    names = {"area" if name == place else name for name in by}
    grain = _find_grain(names, areas, _VITAL_GRAINS)
    if grain is None:
        return None
    ask = Asking()
    track = "registered" if place == "registered" else "usual"
    conditions = [_one_of("track", (BOTH, track)), f"grain = '{grain}'", f"kind = {ask.pass_in(kind)}"]
    conditions += [f"year >= {years[0]}", f"year < {years[1]}{vintage.sums}", *ask.within("area", areas)]
    source = f'"{vintage.schema}".{VITAL.name}'
    return ask.sum("events", source, conditions, [_VITAL_NAMES[name] for name in by])


def ask_vital_months(vintage: Vintage, kind: str, span: Span, by: By) -> Query:
    """Occurrences of whole months of one calendar year, of the whole region."""
    ask = Asking()
    track = "registered" if "registered" in by else "usual"
    first, last = (as_date(day).isoformat()[:7] for day in (span.start, span.end - 1))
    conditions = [_one_of("track", (BOTH, track)), f"grain = '{MONTH}'", f"kind = {ask.pass_in(kind)}"]
    conditions += [f"year = {as_date(span.start).year}{vintage.sums}"]
    conditions += [f"month >= {ask.pass_in(first)}", f"month <= {ask.pass_in(last)}"]
    return ask.sum("events", f'"{vintage.schema}".{VITAL.name}', conditions, [_VITAL_NAMES[name] for name in by])


def ask_flows_by_day(vintage: Vintage, track: str, span: Span, by: By) -> Query:
    """Moves of the whole region in any period, by kind and sex."""
    ask = Asking()
    conditions = [_one_of("track", (BOTH, track)), f"grain = '{DAY}'", *ask.between(span)]
    conditions += [f"year >= {as_date(span.start).year}", f"year <= {as_date(span.end - 1).year}{vintage.sums}"]
    return ask.sum("moves", f'"{vintage.schema}".{MOVES.name}', conditions, [_MOVE_NAMES[name] for name in by])


def ask_flows(vintage: Vintage, track: str, years: Years, by: By, areas: Areas) -> Query | None:
    """Moves of whole calendar years."""
    grain = _find_grain(set(by), areas, _MOVE_GRAINS)
    if grain is None:
        return None
    ask = Asking()
    conditions = [_one_of("track", (BOTH, track)), f"grain = '{grain}'"]
    conditions += [f"year >= {years[0]}", f"year < {years[1]}{vintage.sums}"]
    if areas is not None:
        chosen = ask.pass_in(sorted(areas))
        conditions.append(f"(origin = ANY ({chosen}::text[]) OR destination = ANY ({chosen}::text[]))")
    return ask.sum("moves", f'"{vintage.schema}".{MOVES.name}', conditions, [_MOVE_NAMES[name] for name in by])


def _stock(vintage: Vintage, by: By, areas: Areas) -> tuple[str, str]:
    source = f'"{vintage.schema}".{STOCK.name}'
    if "elsewhere" not in by and not {"sex", "age", "birth-year"} & set(by):
        return TOTAL, source
    return REGION if is_of_region(by, areas) else FULL, source


def _of_stock_rows(name: str, population: str) -> str:
    """Where else somebody is plays no part in a population that is made of others."""
    return "NULL::text" if name == "elsewhere" and len(MADE_OF[population]) > 1 else _STOCK_NAMES[name]


def _of_stock(ask: Asking, population: str, grain: str, areas: Areas) -> list[str]:
    return [_one_of("population", MADE_OF[population]), f"grain = '{grain}'", *ask.within("area", areas)]


def _one_of(key: str, values: Iterable[str]) -> str:
    return f"{key} IN ({', '.join(repr(value) for value in values)})"


def _add(name: str) -> str:
    return f"sum({name}) AS {name}"


def _as_changes(
    vintage: Vintage, table: str, population: str, born_day: str, day: str, condition: str, area: str = "NULL::text"
) -> str:
    return (
        f"SELECT {area} AS area, NULL::text AS elsewhere, sex, {born_day} AS born_day, {day} AS day, people AS n"
        f' FROM "{vintage.schema}".{table}'
        f" WHERE {_one_of('population', MADE_OF[population])} AND {condition}{vintage.sums}"
    )


def _find_grain(names: Set[str], areas: Areas, grains: Mapping[str, tuple[bool, Set[str]]]) -> str | None:
    """The smallest grain that holds the answer."""
    for grain, (of_areas, held) in grains.items():
        if names <= held and (of_areas or areas is None):
            return grain
    return None


OF_MONTHS: Final[Set[str]] = frozenset({"sex", "age", "age-at-year-end", "order", "month"})
"""By what vital events of the whole region are kept for each month."""
OF_DAYS: Final[Set[str]] = frozenset({"kind", "sex"})
"""And moves for each day."""
_VITAL_GRAINS: Final[Mapping[str, tuple[bool, Set[str]]]] = {
    TOTAL: (True, frozenset({"area", "sex"})),
    REGION: (False, frozenset({"sex", "age", "age-at-year-end", "order"})),
    FULL: (True, frozenset({"area", "sex", "age", "age-at-year-end", "order"})),
    MONTH: (False, OF_MONTHS),
    PACE: (False, frozenset({"month", "delay"})),
}
"""Grain → whether it tells areas apart, and by what it can answer."""
_MOVE_GRAINS: Final[Mapping[str, tuple[bool, Set[str]]]] = {
    REGION: (False, frozenset({"kind", "sex", "age", "age-at-year-end"})),
    PAIR: (True, frozenset({"kind", "origin", "destination"})),
}
_STOCK_NAMES: Final[Mapping[str, str]] = {
    "area": "area",
    "elsewhere": "elsewhere",
    "sex": "sex",
    "birth-year": "born_year",
}
_VITAL_NAMES: Final[Mapping[str, str]] = {
    "area": "area",
    "registered": "area",
    "sex": "sex",
    "age": "age",
    "age-at-year-end": "age_at_year_end",
    "order": "birth_order",
    "delay": "delay_days",
    "month": "month",
}
_MOVE_NAMES: Final[Mapping[str, str]] = {
    "kind": "kind",
    "origin": "origin",
    "destination": "destination",
    "sex": "sex",
    "age": "age",
    "age-at-year-end": "age_at_year_end",
}
