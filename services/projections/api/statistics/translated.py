"""Counts on a chosen map: implements `Counts` over counts by the codes that events carried."""

from collections import Counter
from collections.abc import Callable, Mapping

from services.projections.api.statistics.lens import Lens, name_place
from services.projections.statistics.indicators.counting import Areas, By, Counts, Key
from services.projections.statistics.indicators.spans import Span

PLACES = frozenset({"area", "registered", "elsewhere", "origin", "destination"})
"""Dimensions whose values are areas."""


class TranslatedCounts:
    """Asks for each part of a period in which the map stands still, and puts codes under the labels of the lens."""

    def __init__(self, counts: Counts, lens: Lens) -> None:
        self._counts = counts
        self._lens = lens

    def population(self, day: int, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        """Whoever is there at the end of a day is where the code lies by the map of that day."""
        found = self._counts.population(day, population, by, self._codes(areas, day))
        return self._labelled(found, by, day)

    def person_years(self, span: Span, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        return self._add_up(span, by, areas, lambda part, codes: self._counts.person_years(part, population, by, codes))

    def occurrences(self, kind: str, span: Span, by: By, areas: Areas = None) -> Mapping[Key, int]:
        return self._add_up(span, by, areas, lambda part, codes: self._counts.occurrences(kind, part, by, codes))

    def moves(self, span: Span, track: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        return self._add_up(span, by, areas, lambda part, codes: self._counts.moves(part, track, by, codes))

    def _add_up(
        self, span: Span, by: By, areas: Areas, ask: Callable[[Span, Areas], Mapping[Key, int]]
    ) -> Mapping[Key, int]:
        parts = [span] if areas is None and PLACES.isdisjoint(by) else self._lens.cut(span)
        if len(parts) == 1:
            return self._labelled(ask(span, self._codes(areas, span.start)), by, span.start)
        found: Counter[Key] = Counter()
        for part in parts:
            rows = ask(part, self._codes(areas, part.start))
            for key, n in self._labelled(rows, by, part.start).items():
                found[key] += n
        return {key: n for key, n in found.items() if n}

    def _codes(self, areas: Areas, day: int) -> Areas:
        return None if areas is None else self._lens.codes_of(areas, day)

    def _labelled(self, rows: Mapping[Key, int], by: By, day: int) -> Mapping[Key, int]:
        where = [at for at, name in enumerate(by) if name in PLACES]
        if not where:
            return rows
        found: Counter[Key] = Counter()
        names: dict[object, object] = {}
        for key, n in rows.items():
            parts = list(key)
            for at in where:
                place = key[at]
                if place not in names:
                    names[place] = name_place(self._lens, place, day)
                parts[at] = names[place]  # type: ignore[call-overload]
            found[tuple(parts)] += n
        return {key: n for key, n in found.items() if n}
