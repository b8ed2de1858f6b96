"""Counts over cells held in memory: for tests, for regions of a few million cells, and to hold other counts to."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from services.projections.statistics.cells import Change, Move, Occurrence
from services.projections.statistics.indicators.counting import Areas, By, Key, Value
from services.projections.statistics.indicators.spans import Span, age_on, as_date, birthday, elapsed


class CountsInMemory:
    """Holds the cells as they are and adds them up for each question."""

    def __init__(self, changes: Iterable[Change], occurrences: Iterable[Occurrence], moves: Iterable[Move]) -> None:
        self._changes: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            self._changes[change.population].append(change)
        self._occurrences: dict[str, list[Occurrence]] = defaultdict(list)
        for occurrence in occurrences:
            self._occurrences[occurrence.kind].append(occurrence)
        self._moves = list(moves)

    def population(self, day: int, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        found: Counter[Key] = Counter()
        for stock, people in self._stock(day, population, areas).items():
            found[tuple(_of_people(stock, name, day) for name in by)] += people
        return _without_zeros(found)

    def person_years(self, span: Span, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        """Changes before the period are put together first: they are most of all changes."""
        found: Counter[Key] = Counter()
        rows = [(cell, span.start, n) for cell, n in self._stock(span.start, population, areas).items() if n]
        for change in self._changes[population]:
            if span.start < change.day < span.end and (areas is None or change.area in areas):
                rows.append(((change.area, change.elsewhere, change.sex, change.born), change.day, change.n))
        for cell, start, n in rows:
            for day, end in _ages_of(cell[3], start, span.end) if "age" in by else ((start, span.end),):
                found[tuple([_of_people(cell, name, day) for name in by])] += n * (elapsed(end) - elapsed(day))
        return _without_zeros(found)

    def occurrences(self, kind: str, span: Span, by: By, areas: Areas = None) -> Mapping[Key, int]:
        found: Counter[Key] = Counter()
        getters = [_OF_OCCURRENCES[name] for name in by]
        place = _OF_OCCURRENCES["registered" if "registered" in by else "area"]
        for cell in self._occurrences[kind]:
            area = place(cell)
            if span.start <= cell.day < span.end and area is not None and (areas is None or area in areas):
                found[tuple(get(cell) for get in getters)] += cell.n
        return _without_zeros(found)

    def moves(self, span: Span, track: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        found: Counter[Key] = Counter()
        getters = [_OF_MOVES[name] for name in by]
        for cell in self._moves:
            if cell.track == track and span.start <= cell.day < span.end and _touches(cell, areas):
                found[tuple(get(cell) for get in getters)] += cell.n
        return _without_zeros(found)

    def _stock(self, day: int, population: str, areas: Areas) -> Mapping["_Cell", int]:
        found: Counter[_Cell] = Counter()
        for change in self._changes[population]:
            if change.day <= day and (areas is None or change.area in areas):
                found[change.area, change.elsewhere, change.sex, change.born] += change.n
        return found


_Cell = tuple[str, str | None, str | None, int | None]


def _of_people(cell: _Cell, name: str, day: int) -> Value:
    area, elsewhere, sex, born = cell
    if name == "area":
        return area
    if name == "elsewhere":
        return elsewhere
    if name == "sex":
        return sex
    if name == "age":
        return None if born is None else age_on(born, day)
    if name == "birth-year":
        return None if born is None else as_date(born).year
    raise KeyError(name)


def _ages_of(born: int | None, start: int, end: int) -> Iterator[tuple[int, int]]:
    """First day and end of each age within [start, end)."""
    while born is not None and (turn := birthday(born, age_on(born, start) + 1)) < end:
        yield start, turn
        start = turn
    yield start, end


def _touches(cell: Move, areas: Areas) -> bool:
    return areas is None or cell.origin in areas or cell.destination in areas


def _age(cell: Occurrence | Move) -> Value:
    return None if cell.born is None else age_on(cell.born, cell.day)


def _age_at_year_end(cell: Occurrence | Move) -> Value:
    return None if cell.born is None else as_date(cell.day).year - as_date(cell.born).year


_OF_OCCURRENCES: Mapping[str, Callable[[Occurrence], Value]] = {
    "area": lambda cell: cell.area,
    "registered": lambda cell: cell.registered,
    "sex": lambda cell: cell.sex,
    "age": _age,
    "age-at-year-end": _age_at_year_end,
    "order": lambda cell: cell.order,
    "delay": lambda cell: cell.delay,
    "month": lambda cell: as_date(cell.day).isoformat()[:7],
    "days-lived": lambda cell: None if cell.born is None else cell.day - cell.born,
}
_OF_MOVES: Mapping[str, Callable[[Move], Value]] = {
    "kind": lambda cell: cell.kind,
    "origin": lambda cell: cell.origin,
    "destination": lambda cell: cell.destination,
    "sex": lambda cell: cell.sex,
    "age": _age,
    "age-at-year-end": _age_at_year_end,
}


def _without_zeros(found: Counter[Key]) -> dict[Key, int]:
    return {key: n for key, n in found.items() if n}
