"""Moves counted by origin and destination on a chosen map, in portions. Waits for the counts, else pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from services.projections.api.statistics.cubes import require_few
from services.projections.api.statistics.lens import UNKNOWN, DayLens, Lens, name_place
from services.projections.api.statistics.study import Study
from services.projections.statistics.cells import FOUND, IN, REGISTERED, USUAL
from services.projections.statistics.disclosure import TOTAL, Rule, flat, make_table, protect_table
from services.projections.statistics.indicators.counting import Areas, Counts, Key, Value
from services.projections.statistics.indicators.spans import Span

ROWS_AT_ONCE: Final = 300_000
"""About so many rows are held at a time; what is more is asked for in portions, by the places touched."""
NOT_STATED: Final = "not stated"
_FIRST: Final = ("kind", "origin", "destination")
_Place = Callable[[Value, int], Value]


class Movements:
    """The moves of one question and period."""

    def __init__(self, study: Study, counts: Counts, span: Span) -> None:
        self.study, self.counts, self.span = study, counts, span
        asked = study.asked
        self.track = REGISTERED if asked.population == REGISTERED else USUAL
        self.age_name = "age-at-year-end" if asked.age_at == "year-end" else "age"
        self.lens = study.lens(span)
        self.by = tuple(self.age_name if name == "age" else name for name in asked.by)

    def portions(self) -> Iterator[Mapping[Key, int]]:
        """Rows by the place of origin, or of destination where the origin is not of this map."""
        size = 1
        if self.by and not self.study.places.within:
            pairs = self.count(())
            # No more rows than moves, and no more than there are cells of sex and age.
            rows = min(sum(pairs.values()), len(pairs) * (300 if self.age_name in self.by else 3))
            size += rows // ROWS_AT_ONCE
        if size == 1:
            yield self.count(self.by)
            return
        places = sorted({_home(key) for key in pairs})
        for number in range(size):
            chosen = frozenset(places[number::size])
            found = self.count(self.by, chosen)
            yield {key: n for key, n in found.items() if _home(key) in chosen}

    def count(self, by: tuple[str, ...], homes: frozenset[str] | None = None) -> Mapping[Key, int]:
        """(kind, origin, destination, by…) → moves among the places of the answer. `homes`: only what touches them.

        Single ages stay numbers, and None is what is not stated.
        """
        find, parts = self._placing()
        grouped = [3 + at for at, name in enumerate(by) if name == self.age_name and self.study.asked.ages.starts]
        found: Counter[Key] = Counter()
        for part in parts:
            day = part.start
            areas = self._areas(day, homes, find or _same)
            rows = self.counts.moves(part, self.track, (*_FIRST, *by), areas)
            if find is None and not grouped:
                return rows
            names: dict[Value, Value] = {}
            for key, n in rows.items():
                told = list(key)
                for at in (1, 2):
                    place = key[at]
                    if place not in names:
                        names[place] = (find or _same)(place, day)
                    told[at] = names[place]
                for at in grouped:
                    told[at] = self._group(key[at])
                found[tuple(told)] += n
        return {key: n for key, n in found.items() if n}

    def _placing(self) -> tuple[_Place | None, Sequence[Span]]:
        """Under which name a place is told, and the parts of the period in which that stays so; None: its own."""
        asked, atlas = self.study.asked, self.study.atlas
        level = asked.level
        if asked.map_day is not None:
            leveled: Lens = DayLens(atlas, asked.map_day, level)
            return lambda place, day: _value(name_place(leveled, place, day)), self.lens.cut(self.span)
        if level is None:
            return None, [self.span]

        def above(place: Value, day: int) -> Value:
            anchor = atlas.find_anchor(place, day) if isinstance(place, str) else None
            return place if anchor is None else atlas.find_above(str(place), level, anchor) or place

        return above, self.lens.cut(self.span)

    def _areas(self, day: int, homes: frozenset[str] | None, find: _Place) -> Areas:
        if homes is None:
            return self._codes(day)
        if UNKNOWN in homes:
            return None  # nobody can list the codes of which no map knows
        return frozenset(area for area in self.study.atlas.by_area if find(area, day) in homes) | homes

    def _codes(self, day: int) -> Areas:
        """The codes on either side of the moves that are asked for."""
        if not self.study.places.within:
            return None
        zones = [self.lens.zone(code) for code in self.study.places.within]
        labels = {label for zone in zones for label in zone.members or ()}
        return self.lens.codes_of(labels.union(self.lens.list_loose(zones)), day)

    def _group(self, age: Value) -> Value:
        ages = self.study.asked.ages
        return ages.label(ages.of(age)) if isinstance(age, int) else age


def protect(movements: Movements, rule: Rule) -> Mapping[Key, int | None]:
    """Held against the sums of every origin, every destination, both sexes and every breakdown.

    Rejected("too-many-figures") for a table that is too large.
    """
    by = tuple(dict.fromkeys(("sex", *movements.by)))
    kinds: dict[tuple[str, str], Key] = {}
    cells: Counter[tuple[str, ...]] = Counter()
    for key, n in movements.count(by).items():
        pair = (FOUND if key[1] is None else str(key[1]), str(key[2]))
        kinds[pair] = key[:3]
        cells[(*pair, *(NOT_STATED if label is None else str(label) for label in key[3:]))] += n
    names = ("origin", "destination", *by)
    labels = {name: tuple(sorted({cell[at] for cell in cells})) for at, name in enumerate(names)}
    require_few({name: len(each) for name, each in labels.items()})
    if not cells:
        return {}
    dimensions = tuple(flat(name, each) for name, each in labels.items())
    shown = protect_table(make_table(dimensions, {cell: max(n, 0) for cell, n in cells.items()}), rule).cells
    found: dict[Key, int | None] = {}
    for cell in cells:
        asked = (v if name in movements.by else TOTAL for name, v in zip(by, cell[2:], strict=True))
        said = (cell[2 + by.index(name)] for name in movements.by)
        found[(*kinds[cell[0], cell[1]], *said)] = shown[(*cell[:2], *asked)]
    return found


def _home(key: Key) -> str:
    """The side on which a row is told: of the origin, where that is an area."""
    kind, origin, destination = key[:3]
    return str(destination if kind in (IN, FOUND) else origin)


def _same(place: Value, day: int) -> Value:
    return place


def _value(place: object) -> Value:
    return place if isinstance(place, str) else None
