"""Which part of a question the sums answer, and which the lines: together each cell exactly once."""

from collections.abc import Iterator
from typing import NamedTuple

from services.projections.statistics.indicators.counting import Areas, By
from services.projections.statistics.indicators.spans import Part, Span, as_date, day_of
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.tabulation import details, sums
from services.projections.tabulation.asking import Query
from services.projections.tabulation.reading import OF_REGION, select_changes, select_moves
from services.projections.tabulation.vintage import Vintage


class Divided(NamedTuple):
    """A period: whole calendar years, if it holds any, and what is left at its ends."""

    years: sums.Years | None
    parts: tuple[Part, ...]

    @property
    def span(self) -> Span:
        """Of the whole years."""
        assert self.years is not None
        return Span(day_of(self.years[0]), day_of(self.years[1]))


def divide(span: Span) -> Divided:
    """Cuts a period at the turns of the years."""
    parts = list(span.parts())
    whole = [part.year for part in parts if part.end - part.start == part.length]
    left = tuple(part for part in parts if part.end - part.start != part.length)
    return Divided((whole[0], whole[-1] + 1) if whole else None, left)


def divide_population(vintage: Vintage, day: int, population: str, by: By, areas: Areas) -> Iterator[Query]:
    """See `Counts.population`."""
    year = as_date(day + 1).year
    turn = day_of(year)
    whole, asked = sums.is_of_region(by, areas), set(by)
    if not vintage.summed or ("age" in by and turn <= day and not whole):
        changes = _select_changes(vintage, population, None, f"day <= {day}", whole)
    elif whole and asked <= {"sex"}:
        changes = _select_changes(vintage, population, f"day <= {day}", None, whole)
        changes += f" UNION ALL {sums.select_by_day(vintage, population, day + 1)}"
    elif "age" in by and turn <= day:
        changes = _select_changes(vintage, population, f"day < {turn}", _of_region(Span(turn, day + 1)), whole)
        changes += f" UNION ALL {sums.select_by_birthday(vintage, population, year)}"
    elif turn > day or not (asked <= {"area"} or whole):
        cut = f"day >= {turn} AND day <= {day}" if turn <= day else None
        changes = _select_changes(vintage, population, f"day < {turn}", cut, whole)
        yield sums.ask_stock(vintage, year, population, by, areas)
    elif whole:
        month = as_date(day + 1).month
        since = day_of(year, month)
        changes = _select_changes(vintage, population, f"day < {since}", _of_region(Span(since, day + 1)), whole)
        yield sums.ask_stock(vintage, year, population, by, areas)
        yield sums.ask_months(vintage, year, range(1, month), population, by)
    else:
        changes = _select_changes(vintage, population, f"day <= {day}", None, whole)
        changes += f" UNION ALL {sums.select_area_days(vintage, population, Span(turn, day + 1))}"
        yield sums.ask_stock(vintage, year, population, by, areas)
    yield details.ask_population(f"({changes})", day, by, areas)


def divide_person_years(vintage: Vintage, span: Span, population: str, by: By, areas: Areas) -> Iterator[Query]:
    """See `Counts.person_years`."""
    whole = sums.is_of_region(by, areas)
    if not vintage.summed:
        changes = _select_changes(vintage, population, None, f"day < {span.end}", whole)
        yield details.ask_person_years(f"({changes})", span, by, areas)
        return
    years, parts = divided = divide(span)
    if years is not None:
        yield sums.ask_years_lived(vintage, years, population, by, areas)
        changes = _select_changes(vintage, population, f"day < {divided.span.end}", None, whole)
        yield details.ask_person_years(f"({changes})", divided.span, by, areas)
    for part in parts:
        yield from _divide_part_lived(vintage, part, population, by, areas)


def _divide_part_lived(vintage: Vintage, part: Part, population: str, by: By, areas: Areas) -> Iterator[Query]:
    whole, asked = sums.is_of_region(by, areas), set(by)
    turn, before, cut = day_of(part.year), f"day < {part.end}", f"day >= {day_of(part.year)} AND day < {part.end}"
    if whole and asked <= {"sex"}:
        changes = _select_changes(vintage, population, before, None, whole)
        changes += f" UNION ALL {sums.select_by_day(vintage, population, part.end)}"
    elif whole and "age" in by:
        changes = _select_changes(vintage, population, f"day < {turn}", _of_region(Span(turn, part.end)), whole)
        changes += f" UNION ALL {sums.select_by_birthday(vintage, population, part.year)}"
    elif "age" in by:
        changes = _select_changes(vintage, population, None, before, whole)
    elif whole:
        yield sums.ask_part_lived(vintage, part, population, by, areas)
        for months, weight in _weigh_months(part):
            yield sums.ask_months(vintage, part.year, months, population, by, weight)
        left = _list_cut_months(part)
        served = " AND ".join([before, *(f"NOT {_between(each)}" for each in left)])
        changes = _select_changes(vintage, population, served, _of_region(*left) if left else None, whole)
    elif asked <= {"area"}:
        yield sums.ask_part_lived(vintage, part, population, by, areas)
        changes = _select_changes(vintage, population, before, None, whole)
        changes += f" UNION ALL {sums.select_area_days(vintage, population, Span(turn, part.end))}"
    else:
        yield sums.ask_part_lived(vintage, part, population, by, areas)
        changes = _select_changes(vintage, population, f"day < {turn}", cut, whole)
    yield details.ask_person_years(f"({changes})", Span(part.start, part.end), by, areas)


def _weigh_months(part: Part) -> Iterator[tuple[range, str]]:
    """Months whose changes are told by sums, and what such a change adds to the part. Whoever came in a month before it
    is there all the time; of a month within it, what is lived until the end of the year, less what is lived after it.
    """
    first, last = _months_within(part)
    if as_date(part.start).month > 1:
        yield range(1, as_date(part.start).month), f"people * {(part.end - part.start) * part.day}"
    if first < last:
        after = day_of(part.year) + part.length - part.end
        yield range(first, last), f"(lived_before + lived_after - people * {after * part.day})"


def _months_within(part: Part) -> tuple[int, int]:
    """The first whole month, and the first that is not whole any more; the first may be the greater one."""
    start, end = as_date(part.start), as_date(part.end - 1)
    first = start.month if start.day == 1 else start.month + 1
    return first, end.month + 1 if as_date(part.end).day == 1 else end.month


def _list_cut_months(part: Part) -> list[Span]:
    """What lies within months that the part cuts, from the first of the month to before its end."""
    first, last = _months_within(part)
    start = day_of(part.year, as_date(part.start).month)
    if first > last:
        return [Span(start, part.end)]
    before = [Span(start, _first_of(part.year, first))] if start < part.start else []
    end = _first_of(part.year, last)
    return [*before, Span(end, part.end)] if end < part.end else before


def _first_of(year: int, month: int) -> int:
    return day_of(year, month) if month <= 12 else day_of(year + 1)


def divide_occurrences(vintage: Vintage, kind: str, span: Span, by: By, areas: Areas) -> Iterator[Query]:
    """See `Counts.occurrences`."""
    divided = divide(span)
    years, by_month = divided.years, areas is None and set(by) <= sums.OF_MONTHS
    asked = sums.ask_vital(vintage, kind, years, by, areas) if years is not None and vintage.summed else None
    served, cut = _within(span, divided, asked is not None)
    if asked is not None:
        yield asked
    months = [each for part in divided.parts for each in _list_whole_months(part)] if vintage.summed else []
    if by_month and months and cut is not None:
        for each in months:
            yield sums.ask_vital_months(vintage, kind, each, by)
        held = " OR ".join(map(_between, months))
        cut = f"({cut} AND NOT ({held}))"
        served = f"({held} OR {served})" if served else f"({held})"
    yield details.ask_occurrences(vintage.select(OCCURRENCE, served, cut), kind, span, by, areas)


def _list_whole_months(part: Part) -> list[Span]:
    first, last = _months_within(part)
    return [Span(_first_of(part.year, first), _first_of(part.year, last))] if first < last else []


def divide_moves(vintage: Vintage, span: Span, track: str, by: By, areas: Areas) -> Iterator[Query]:
    """See `Counts.moves`."""
    divided = divide(span)
    years = divided.years
    asked = sums.ask_flows(vintage, track, years, by, areas) if years is not None and vintage.summed else None
    served, cut = _within(span, divided, asked is not None)
    if vintage.summed and divided.parts and areas is None and set(by) <= sums.OF_DAYS:
        asked, served, cut = sums.ask_flows_by_day(vintage, track, span, by), _between(span), None
    if asked is not None:
        yield asked
    moves = select_moves(vintage.select(CROSSING, served, cut), track, areas=areas)
    yield details.ask_moves(f"({moves})", span, by, areas)


def _within(span: Span, divided: Divided, summed: bool) -> tuple[str | None, str | None]:
    """Conditions on the days that the sums serve, and on those that they do not."""
    if not summed:
        return None, _between(span)
    cut = " OR ".join(_between(Span(part.start, part.end)) for part in divided.parts)
    return _between(divided.span), f"({cut})" if cut else None


def _of_region(*spans: Span) -> str:
    """Crossings within some periods that change a population of the whole region: the index by day holds those only."""
    return f"({OF_REGION} AND ({' OR '.join(map(_between, spans))}))"


def _between(span: Span) -> str:
    return f"(day >= {span.start} AND day < {span.end})"


def _select_changes(vintage: Vintage, population: str, served: str | None, cut: str | None, whole: bool) -> str:
    return select_changes(vintage.select(CROSSING, served, cut), population, whole=whole)
