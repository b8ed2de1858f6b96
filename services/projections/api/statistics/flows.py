"""Moves by origin and destination: which may be asked for, and how they are told. Waits for the counts, else pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from services.kernel.errors import Rejected
from services.kernel.http.parameters import suggest
from services.projections.api.statistics.asking import Asked
from services.projections.api.statistics.lens import BETWEEN
from services.projections.api.statistics.movements import NOT_STATED, Movements, protect
from services.projections.api.statistics.places import tell_candidates
from services.projections.api.statistics.records import Block, Kind, Line
from services.projections.api.statistics.study import Study
from services.projections.statistics.cells import REGISTERED, USUAL
from services.projections.statistics.disclosure.publishing import HIDDEN
from services.projections.statistics.indicators.counting import Counts, Key, Value
from services.projections.statistics.indicators.spans import Span, as_date

DEFINITION: Final = "moves/1"
TABLE: Final = "flows"
BY: Final = ("sex", "age")


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
            rule = f"Moves are broken down by {', '.join(BY)}.{suggest(name, BY)}"
            raise Rejected("wrong-parameter", "?by", rule=rule)
    if asked.population not in (USUAL, REGISTERED):
        raise Rejected("wrong-parameter", "?population", rule="Moves are of the usual or the registered residence.")


def list_flows(study: Study, counts: Counts, span: Span) -> Iterator[Block]:
    """All moves of one period, in portions; under a rule in one. No row stands in two of them."""
    movements = Movements(study, counts, span)
    if study.rule is not None:
        yield FlowBlock(study, span, protect(movements, study.rule))
        return
    for portion in movements.portions():
        yield FlowBlock(study, span, portion)


class FlowBlock:
    """Implements `Block`. `cells`: (kind, origin, destination, by…) → moves; None: hidden."""

    def __init__(self, study: Study, span: Span, cells: Mapping[Key, int | None]) -> None:
        self._study, self._span, self._cells = study, span, cells
        self._track = REGISTERED if study.asked.population == REGISTERED else USUAL

    def lines(self) -> Iterable[Line]:
        names, between = _Known(self._name), _Known(self._candidates)
        by, period = self._study.asked.by, str(self._span)
        for (kind, origin, destination, *labels), n in self._cells.items():
            words = [_word(label) for label in labels]
            record: dict[str, Any] = {"origin": origin, "origin_name": names[origin], "destination": destination}
            record |= {"destination_name": names[destination], "kind": kind, "period": period}
            record |= dict(zip(by, words, strict=True))
            record |= {"moves": n, "reason": HIDDEN._asdict() if n is None else None}
            record["candidates"] = sorted({*(between[origin] or ()), *(between[destination] or ())}) or None
            yield Line((str(origin or ""), str(destination), str(kind), *words), record)

    def columns(self) -> Sequence[Sequence[Any]]:
        if not self._cells:
            return []
        study, rows = self._study, len(self._cells)
        kinds, origins, destinations, *labels = zip(*self._cells, strict=True)
        names, between, words = _Known(self._name), _Known(self._candidates), _Known(_word)
        loose: list[str | None] = [None] * rows
        if any(between[place] for place in {*origins, *destinations}):
            pairs = zip(origins, destinations, strict=True)
            loose = [_joined(between[origin], between[destination]) for origin, destination in pairs]
        edges = [[as_date(day)] * rows for day in self._span]
        said = (DEFINITION, self._track, study.asked.map, study.vintage, study.rule_version)
        moves = list(self._cells.values())
        return [
            origins,
            [names[place] for place in origins],
            destinations,
            [names[place] for place in destinations],
            kinds,
            loose,
            *edges,
            *([words[label] for label in column] for column in labels),
            moves,
            [None if n is not None else HIDDEN.code for n in moves],
            *([word] * rows for word in said),
        ]

    def _name(self, place: Value) -> str | None:
        return None if place is None else self._study.name_of(str(place))

    def _candidates(self, place: Value) -> list[str] | None:
        return tell_candidates(str(place))


class _Known(dict[Value, Any]):
    """Each place and label is looked up once."""

    def __init__(self, find: Any) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, value: Value) -> Any:
        found = self[value] = self._find(value)
        return found


def _word(label: Value) -> str:
    return NOT_STATED if label is None else str(label)


def _joined(*between: list[str] | None) -> str | None:
    found = sorted({each for some in between for each in some or ()})
    return BETWEEN.join(found) if found else None
