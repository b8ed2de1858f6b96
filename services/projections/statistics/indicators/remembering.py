"""Counts that are asked once: several indicators of one question ask for the same sums."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeVar

from services.projections.statistics.indicators.counting import Areas, By, Counts, Key
from services.projections.statistics.indicators.spans import Span

N = TypeVar("N", int, Fraction)


class RememberingCounts:
    """For one request over counts that do not change under it; it grows with every question."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._whole: dict[object, Mapping[Key, int]] = {}
        self._years: dict[object, Mapping[Key, Fraction]] = {}

    def population(self, day: int, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        asked = ("population", day, population, by, areas)
        return _once(self._whole, asked, lambda: self._counts.population(day, population, by, areas))

    def person_years(self, span: Span, population: str, by: By, areas: Areas = None) -> Mapping[Key, Fraction]:
        asked = (span, population, by, areas)
        return _once(self._years, asked, lambda: self._counts.person_years(span, population, by, areas))

    def occurrences(self, kind: str, span: Span, by: By, areas: Areas = None) -> Mapping[Key, int]:
        asked = ("occurrences", kind, span, by, areas)
        return _once(self._whole, asked, lambda: self._counts.occurrences(kind, span, by, areas))

    def moves(self, span: Span, track: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        asked = ("moves", span, track, by, areas)
        return _once(self._whole, asked, lambda: self._counts.moves(span, track, by, areas))


def _once(known: dict[object, Mapping[Key, N]], asked: object, ask: Callable[[], Mapping[Key, N]]) -> Mapping[Key, N]:
    if asked not in known:
        known[asked] = ask()
    return known[asked]
