"""Questions of the library put to lines one by one: exact for every period and age, as slow as there are lines."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from services.projections.statistics.indicators.counting import Areas, By
from services.projections.statistics.indicators.spans import YEAR, Span, day_of
from services.projections.tabulation import calendar
from services.projections.tabulation.reading import select_changes, select_moves


class Query(NamedTuple):
    """A statement whose rows are a key in the order of `by`, and a whole number."""

    text: str
    arguments: tuple[Any, ...]


class Lines(NamedTuple):
    """Tables with the columns of crossings and of occurrences, or selections from them in brackets."""

    crossings: str
    occurrences: str


def ask_population(lines: Lines, day: int, population: str, by: By, areas: Areas) -> Query:
    """See `Counts.population`."""
    ask = _Asking()
    conditions = [f"day <= {ask.pass_in(day)}::int", *ask.within("area", areas)]
    names = [_of_people(name, f"({calendar.rank_of(day)} - {calendar.rank('born_day')})") for name in by]
    return ask.sum("n", f"({select_changes(lines.crossings, population)}) AS change", conditions, names)


def ask_person_years(lines: Lines, span: Span, population: str, by: By, areas: Areas) -> Query:
    """See `Counts.person_years`. Lines are cut at the turns of the years and, if ages are asked for, at birthdays."""
    ask = _Asking()
    conditions = ["day < part_end", *ask.within("area", areas)]
    source = f"({select_changes(lines.crossings, population)}) AS change, {_parts(ask, span)}"
    if "age" not in by:
        names = [_of_people(name, "") for name in by]
        return ask.sum("n::bigint * (part_end - greatest(day, part_start)) * unit", source, conditions, names)
    source += f", LATERAL ({_CUT_AT_BIRTHDAY}) AS cut (lived, age)"
    names = ["age" if name == "age" else _of_people(name, "") for name in by]
    return ask.sum("n::bigint * lived * unit", source, [*conditions, "lived > 0"], names)


def ask_occurrences(lines: Lines, kind: str, span: Span, by: By, areas: Areas) -> Query:
    """See `Counts.occurrences`."""
    ask = _Asking()
    place = "registered" if "registered" in by else "area"
    conditions = [f"kind = {ask.pass_in(kind)}", *ask.between(span), f"{place} IS NOT NULL", *ask.within(place, areas)]
    return ask.sum("n", f"{lines.occurrences} AS line", conditions, [OF_OCCURRENCES[name] for name in by])


def ask_moves(lines: Lines, span: Span, track: str, by: By, areas: Areas) -> Query:
    """See `Counts.moves`."""
    ask = _Asking()
    conditions = ask.between(span)
    if areas is not None:
        chosen = ask.pass_in(sorted(areas))
        conditions.append(f"(origin = ANY ({chosen}::text[]) OR destination = ANY ({chosen}::text[]))")
    return ask.sum(
        "n", f"({select_moves(lines.crossings, track)}) AS move", conditions, [OF_MOVES[name] for name in by]
    )


class _Asking:
    """Builds one statement with its arguments."""

    def __init__(self) -> None:
        self._arguments: list[Any] = []

    def pass_in(self, value: Any) -> str:
        self._arguments.append(value)
        return f"${len(self._arguments)}"

    def within(self, place: str, areas: Areas) -> list[str]:
        return [] if areas is None else [f"{place} = ANY ({self.pass_in(sorted(areas))}::text[])"]

    def between(self, span: Span) -> list[str]:
        return [f"day >= {self.pass_in(span.start)}::int", f"day < {self.pass_in(span.end)}::int"]

    def sum(self, what: str, source: str, conditions: list[str], names: list[str]) -> Query:
        columns = "".join(f"{name}, " for name in names)
        groups = f" GROUP BY {', '.join(map(str, range(1, len(names) + 1)))}" if names else ""
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        text = f"SELECT {columns}sum({what})::bigint FROM {source}{where}{groups} HAVING sum({what}) <> 0"  # noqa: S608
        return Query(text, tuple(self._arguments))


def _parts(ask: _Asking, span: Span) -> str:
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
_PLACE: Final = f"{calendar.rank('born_day')} % {calendar.PLACES}"
# Unknown birthdays lie before everything, so all is lived after them; at no known age.
_TURN: Final = f"coalesce(first_day + {_PLACE} - ({_COMMON} AND {_PLACE} >= 60)::int, part_start)"
_AGE: Final = f"part_year - {calendar.year('born_day')}"
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
OF_OCCURRENCES: Final[Mapping[str, str]] = {
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
OF_MOVES: Final[Mapping[str, str]] = {
    "kind": "kind",
    "origin": "origin",
    "destination": "destination",
    "sex": "sex",
    "age": calendar.age("born_day", "day"),
    "age-at-year-end": calendar.age_at_year_end("born_day", "day"),
}
Ask = Callable[[Lines], Query]
