"""Counts that are asked once: several indicators of one question ask for the same sums."""

from collections.abc import Callable, Mapping

from services.projections.statistics.indicators.counting import Areas, By, Counts, Key
from services.projections.statistics.indicators.spans import Span

Ask = Callable[[], Mapping[Key, int]]


class RememberingCounts:
    """For one request over counts that do not change under it; it grows with every question."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._known: dict[object, Mapping[Key, int]] = {}

    def population(self, day: int, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        asked = ("population", day, population, by, areas)
        return _once(self._known, asked, lambda: self._counts.population(day, population, by, areas))

    def person_years(self, span: Span, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        asked = ("person-years", span, population, by, areas)
        return _once(self._known, asked, lambda: self._counts.person_years(span, population, by, areas))

    def occurrences(self, kind: str, span: Span, by: By, areas: Areas = None) -> Mapping[Key, int]:
        asked = ("occurrences", kind, span, by, areas)
        return _once(self._known, asked, lambda: self._counts.occurrences(kind, span, by, areas))

    def moves(self, span: Span, track: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        asked = ("moves", span, track, by, areas)
        return _once(self._known, asked, lambda: self._counts.moves(span, track, by, areas))


def _once(known: dict[object, Mapping[Key, int]], asked: object, ask: Ask) -> Mapping[Key, int]:
    if asked not in known:
        known[asked] = ask()
    return known[asked]
