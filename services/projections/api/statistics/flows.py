"""Moves by origin and destination as rows. Waits for the counts, else pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from services.kernel.errors import Rejected
from services.kernel.http.parameters import suggest
from services.projections.api.statistics.asking import Asked
from services.projections.api.statistics.cubes import require_few
from services.projections.api.statistics.lens import BETWEEN, DayLens, Lens, name_place
from services.projections.api.statistics.places import tell_candidates
from services.projections.api.statistics.records import Block, Kind, Line
from services.projections.api.statistics.study import Study
from services.projections.statistics.cells import FOUND, REGISTERED, USUAL
from services.projections.statistics.disclosure import TOTAL, Rule, flat, make_table, protect_table
from services.projections.statistics.disclosure.publishing import HIDDEN
from services.projections.statistics.indicators.counting import Areas, Counts, Key, Value
from services.projections.statistics.indicators.spans import Span, as_date

DEFINITION: Final = "moves/1"
TABLE: Final = "flows"
BY: Final = ("sex", "age")
ROWS_AT_ONCE: Final = 200_000
"""About so many rows are held at a time; what is more is asked for in portions, by the places touched."""
_FIRST: Final = ("kind", "origin", "destination")
NOT_STATED: Final = "not stated"


def columns_of(by: tuple[str, ...]) -> Mapping[str, Kind]:
    """`period_end` is the first day after it."""
    names = ("origin", "origin_name", "destination", "destination_name", "kind", "candidates")
    after: Mapping[str, Kind] = {"moves": "count", "reason": "text", "definition": "text", "track": "text"}
    last: Mapping[str, Kind] = {"map": "text", "vintage": "text", "rule": "text"}
    when: Mapping[str, Kind] = {"period_start": "date", "period_end": "date"}
    return {**dict.fromkeys(names, "text"), **when, **dict.fromkeys(by, "text"), **after, **last}


def require_by(asked: Asked) -> None:
    """Return if moves are broken down so. Rejected("wrong-parameter", "?by")."""
    for name in asked.by:
        if name not in BY:
            raise Rejected(
                "wrong-parameter", "?by", rule=f"Moves are broken down by {', '.join(BY)}.{suggest(name, BY)}"
            )
    if asked.population not in (USUAL, REGISTERED):
        raise Rejected("wrong-parameter", "?population", rule="Moves are of the usual or the registered residence.")


def list_flows(study: Study, counts: Counts, span: Span) -> Iterator[Block]:
    """All moves of one period, in portions; under a rule in one. No row stands in two of them."""
    asking = _Flows(study, counts, span)
    if study.rule is not None:
        yield asking.protected(study.rule)
        return
    for portion in asking.portions():
        yield asking.lines(portion)


class _Flows:
    def __init__(self, study: Study, counts: Counts, span: Span) -> None:
        self.study, self.counts, self.span = study, counts, span
        asked = study.asked
        self.track = REGISTERED if asked.population == REGISTERED else USUAL
        self.age_name = "age-at-year-end" if asked.age_at == "year-end" else "age"
        self.lens = study.lens(span)
        self.by = tuple(self.age_name if name == "age" else name for name in asked.by)

    def portions(self) -> Iterator[Counter[Key]]:
        """Rows by the place of origin, or of destination where the origin is not of this map."""
        pairs = self.count((), None)
        size = 1 + len(pairs) * (200 if "age" in self.study.asked.by else 2) // ROWS_AT_ONCE
        if size == 1 or self.study.asked.areas:
            yield self.count(self.by, None)
            return
        places = sorted({_home(key) for key in pairs})
        for number in range(size):
            chosen = frozenset(places[number::size])
            found = self.count(self.by, chosen)
            yield Counter({key: n for key, n in found.items() if _home(key) in chosen})

    def count(self, by: tuple[str, ...], homes: frozenset[str] | None) -> Counter[Key]:
        """(kind, origin, destination, by…) → moves among the places of the answer. `homes`: only what touches them."""
        found: Counter[Key] = Counter()
        find, cut = self.placing()
        for part in cut:
            day = part.start
            names: dict[Value, Value] = {}
            for key, n in self.counts.moves(part, self.track, (*_FIRST, *by), self.areas(day, homes, find)).items():
                for place in key[1:3]:
                    if place not in names:
                        names[place] = find(place, day)
                rest = (self.label(name, value) for name, value in zip(by, key[3:], strict=True))
                found[key[0], names[key[1]], names[key[2]], *rest] += n
        return Counter({key: n for key, n in found.items() if n})

    def placing(self) -> tuple[Callable[[Value, int], Value], Sequence[Span]]:
        """Under which name a place is told, and the parts of the period in which that stays so."""
        asked, atlas = self.study.asked, self.study.atlas
        level, lens = asked.level, self.lens
        if asked.map_day is not None:
            leveled: Lens = DayLens(atlas, asked.map_day, level)
            return lambda place, day: _value(name_place(leveled, place, day)), lens.cut(self.span)
        if level is None:
            return lambda place, day: place, [self.span]

        def above(place: Value, day: int) -> Value:
            anchor = atlas.find_anchor(place, day) if isinstance(place, str) else None
            return place if anchor is None else atlas.find_above(str(place), level, anchor) or place

        return above, lens.cut(self.span)

    def areas(self, day: int, homes: frozenset[str] | None, find: Callable[[Value, int], Value]) -> Areas:
        codes = self.codes(day)
        if homes is None:
            return codes
        return frozenset(area for area in self.study.atlas.by_area if find(area, day) in homes) | homes

    def codes(self, day: int) -> Areas:
        """The codes on either side of the moves that are asked for."""
        if not self.study.asked.areas:
            return None
        zones = [self.lens.zone(code) for code in self.study.asked.areas]
        labels = {label for zone in zones for label in zone.members or ()}
        return self.lens.codes_of(labels.union(self.lens.list_loose(zones)), day)

    def label(self, name: str, value: Value) -> Value:
        if value is None:
            return NOT_STATED
        ages = self.study.asked.ages
        return ages.label(ages.of(value)) if name == self.age_name and isinstance(value, int) else str(value)

    def lines(self, cells: Mapping[Key, int]) -> Block:
        return [self.line(key, n, False) for key, n in cells.items()]

    def line(self, key: Key, n: int | None, hidden: bool) -> Line:
        study, (kind, origin, destination, *labels) = self.study, key
        words = [str(label) for label in labels]
        between = (
            sorted({each for place in (origin, destination) for each in tell_candidates(str(place)) or ()}) or None
        )
        names = [None if place is None else study.name_of(str(place)) for place in (origin, destination)]
        by = dict(zip(study.asked.by, words, strict=True))
        record: dict[str, Any] = {"origin": origin, "origin_name": names[0], "destination": destination}
        record |= {"destination_name": names[1], "kind": kind, "period": str(self.span), **by, "moves": n}
        record |= {"reason": HIDDEN._asdict() if hidden else None, "candidates": between}
        joined = BETWEEN.join(between) if between else None
        when = (as_date(self.span.start), as_date(self.span.end))
        said = (DEFINITION, self.track, study.asked.map, study.vintage, study.rule_version)
        flat = [origin, names[0], destination, names[1], kind, joined, *when, *words, n]
        flat += [HIDDEN.code if hidden else None, *said]
        return Line((str(origin or ""), str(destination), str(kind), *words), record, flat)

    def protected(self, rule: Rule) -> Block:
        """Held against the sums of every origin, every destination, both sexes and every breakdown."""
        by = tuple(dict.fromkeys(("sex", *self.by)))
        kinds: dict[tuple[str, str], Key] = {}
        cells: Counter[tuple[str, ...]] = Counter()
        for key, n in self.count(by, None).items():
            pair = (FOUND if key[1] is None else str(key[1]), str(key[2]))
            kinds[pair] = key[:3]
            cells[(*pair, *map(str, key[3:]))] += n
        names = ["origin", "destination", *by]
        labels = {name: tuple(sorted({cell[at] for cell in cells})) for at, name in enumerate(names)}
        require_few({name: len(each) for name, each in labels.items()})
        if not cells:
            return []
        dimensions = tuple(flat(name, each) for name, each in labels.items())
        table = make_table(dimensions, {cell: max(n, 0) for cell, n in cells.items()})
        shown = protect_table(table, rule).cells
        found: dict[tuple[str, ...], Line] = {}
        for cell in cells:
            asked = tuple(v if n in self.by else TOTAL for n, v in zip(by, cell[2:], strict=True))
            told = shown[(*cell[:2], *asked)]
            said = tuple(cell[2 + by.index(name)] for name in self.by)
            found[(*cell[:2], *asked)] = self.line((*kinds[cell[0], cell[1]], *said), told, told is None)
        return list(found.values())


def _home(key: Key) -> str:
    """The side on which a row is told: of the origin, where that is an area."""
    kind, origin, destination = key[:3]
    return str(destination if kind in ("in", FOUND) else origin)


def _value(place: object) -> Value:
    return place if isinstance(place, str) else None
