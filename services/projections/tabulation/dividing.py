"""Which part of a question the sums answer, and which the lines: together each cell exactly once."""

from collections.abc import Iterator
from typing import NamedTuple

from services.projections.statistics.indicators.counting import Areas, By
from services.projections.statistics.indicators.spans import Part, Span, as_date, day_of
from services.projections.statistics.rows import CROSSING, OCCURRENCE
from services.projections.tabulation import details, sums
from services.projections.tabulation.asking import Query
from services.projections.tabulation.reading import select_changes, select_moves
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
    whole = sums.is_of_region(by, areas)
    if not vintage.summed or ("age" in by and turn <= day and not whole):
        changes = _select_changes(vintage, population, None, f"day <= {day}", whole)
        yield details.ask_population(f"({changes})", day, by, areas)
        return
    cut = f"day >= {turn} AND day <= {day}" if turn <= day else None
    if whole and not set(by) - {"sex"}:
        changes = _select_changes(vintage, population, f"day <= {day}", None, whole)
        changes += f" UNION ALL {sums.select_by_day(vintage, population, day + 1)}"
    else:
        changes = _select_changes(vintage, population, f"day < {turn}", cut, whole)
        if whole and "age" in by and cut is not None:
            changes += f" UNION ALL {sums.select_by_birthday(vintage, population, year)}"
        else:
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
    whole = sums.is_of_region(by, areas)
    turn, before, cut = day_of(part.year), f"day < {part.end}", f"day >= {day_of(part.year)} AND day < {part.end}"
    if whole and not set(by) - {"sex"}:
        changes = _select_changes(vintage, population, before, None, whole)
        changes += f" UNION ALL {sums.select_by_day(vintage, population, part.end)}"
    elif whole and "age" in by:
        changes = _select_changes(vintage, population, f"day < {turn}", cut, whole)
        changes += f" UNION ALL {sums.select_by_birthday(vintage, population, part.year)}"
    elif "age" in by:
        changes = _select_changes(vintage, population, None, before, whole)
    else:
        yield sums.ask_part_lived(vintage, part, population, by, areas)
        changes = _select_changes(vintage, population, f"day < {turn}", cut, whole)
    yield details.ask_person_years(f"({changes})", Span(part.start, part.end), by, areas)


def divide_occurrences(vintage: Vintage, kind: str, span: Span, by: By, areas: Areas) -> Iterator[Query]:
    """See `Counts.occurrences`."""
    divided = divide(span)
    years = divided.years
    asked = sums.ask_vital(vintage, kind, years, by, areas) if years is not None and vintage.summed else None
    served, cut = _within(span, divided, asked is not None)
    if asked is not None:
        yield asked
    yield details.ask_occurrences(vintage.select(OCCURRENCE, served, cut), kind, span, by, areas)


def divide_moves(vintage: Vintage, span: Span, track: str, by: By, areas: Areas) -> Iterator[Query]:
    """See `Counts.moves`."""
    divided = divide(span)
    years = divided.years
    asked = sums.ask_flows(vintage, track, years, by, areas) if years is not None and vintage.summed else None
    served, cut = _within(span, divided, asked is not None)
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


def _between(span: Span) -> str:
    return f"(day >= {span.start} AND day < {span.end})"


def _select_changes(vintage: Vintage, population: str, served: str | None, cut: str | None, whole: bool) -> str:
    return select_changes(vintage.select(CROSSING, served, cut), population, whole=whole)
