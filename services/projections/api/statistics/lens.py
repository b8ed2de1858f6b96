"""Areas seen on a map: under which label a code is counted on a day, and which labels make up a place.

On the map as at the event a code is counted in whatever it lay in on the day. On the map of a chosen day it is counted
where its territory lies there; where nobody can say, under a label of its own, which names the areas between which it
falls and is part of whatever holds them all. Pure.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Protocol

from services.projections.geography.atlas import Atlas, Translator
from services.projections.statistics.cells import is_area
from services.projections.statistics.indicators.counting import Areas
from services.projections.statistics.indicators.question import Zone
from services.projections.statistics.indicators.spans import Span

NOWHERE, UNKNOWN = "nowhere", "unknown-area"
"""Candidates: territory without a known successor (or predecessor); a code of which no map says anything."""
BETWEEN = "|"


class Lens(Protocol):
    """A map for one period."""

    def cut(self, span: Span) -> Sequence[Span]:
        """Parts of a period in each of which nothing on the map changes that matters here."""
        ...

    def label(self, area: str, day: int) -> str:
        """What a code is counted as on a day."""
        ...

    def codes_of(self, labels: Collection[str], day: int) -> Areas:
        """The codes that are counted as one of the labels on a day; None if nobody can list them."""
        ...

    def zone(self, code: str) -> Zone:
        """An area with all that lies in it."""
        ...

    def list_loose(self, zones: Iterable[Zone]) -> list[str]:
        """Labels of counts that fall partly into the zones and wholly into none of them, in order."""
        ...


class EventLens:
    """The map as at the event, in a period."""

    def __init__(self, atlas: Atlas, span: Span) -> None:
        self._atlas = atlas
        self._last = span.end - 1
        self._turns = [day for day in atlas.turns if span.start < day < span.end]
        self._starts = [span.start, *self._turns]

    @cached_property
    def _moved(self) -> frozenset[str]:
        """Codes that do not lie in the same areas during the whole period."""
        atlas, starts = self._atlas, self._starts
        return frozenset(a for a in atlas.by_area if len({atlas.standing_line(a, day) for day in starts}) > 1)

    def cut(self, span: Span) -> Sequence[Span]:
        return _cut(span, self._turns)

    def label(self, area: str, day: int) -> str:
        if not self._turns or area not in self._moved:
            return area
        return f"{area}@{bisect_right(self._turns, day)}"

    def codes_of(self, labels: Collection[str], day: int) -> Areas:
        codes = {*labels, *(label.rpartition("@")[0] for label in labels)}
        return frozenset(code for code in codes if self.label(code, day) in labels)

    def zone(self, code: str) -> Zone:
        atlas = self._atlas
        members = {self.label(code, day) for day in self._starts}
        for each in atlas.ever_inside(code):
            members |= {self.label(each, day) for day in self._starts if code in atlas.standing_line(each, day)}
        leaves = (each for each in atlas.subtree(code, self._last) if len(atlas.subtree(each, self._last)) == 1)
        return Zone(code, frozenset(members), frozenset(self.label(each, self._last) for each in leaves))

    def list_loose(self, zones: Iterable[Zone]) -> list[str]:
        return []


class DayLens:
    """The map of a chosen day. With `level`: labels are those of areas of that level."""

    def __init__(self, atlas: Atlas, at: int, level: int | None = None) -> None:
        self._atlas = atlas
        self._at = at
        self._translator = Translator(atlas, at, level)
        self._changes = sorted({change.day for change in atlas.changes})
        self._labels: dict[int, dict[str, str]] = {}

    def cut(self, span: Span) -> Sequence[Span]:
        return _cut(span, self._changes)

    def label(self, area: str, day: int) -> str:
        places = self._translator.find_places(area, day)
        if not places:
            return UNKNOWN
        return BETWEEN.join(sorted(NOWHERE if each is None else each for each in places))

    def codes_of(self, labels: Collection[str], day: int) -> Areas:
        if UNKNOWN in labels:
            return None
        number = bisect_right(self._changes, day)
        if number not in self._labels:
            self._labels[number] = {area: self.label(area, day) for area in self._atlas.by_area}
        return frozenset(area for area, label in self._labels[number].items() if label in labels)

    def zone(self, code: str) -> Zone:
        inside = frozenset(self._atlas.subtree(code, self._at))
        leaves = frozenset(each for each in inside if len(self._atlas.subtree(each, self._at)) == 1)
        within = {label for label in self._between if inside.issuperset(candidates(label))}
        return Zone(code, inside | within, leaves)

    def list_loose(self, zones: Iterable[Zone]) -> list[str]:
        held = frozenset().union(*(zone.members or () for zone in zones))
        return sorted(label for label in self._between if label not in held and not held.isdisjoint(candidates(label)))

    @cached_property
    def _between(self) -> frozenset[str]:
        """Labels of everything that has no one place on this map, whenever it was."""
        found = set()
        starts = [self._changes[0] - 1, *self._changes] if self._changes else []
        changed = {each for change in self._atlas.changes for each in change[1:3] if each is not None}
        for area in changed:
            found |= {label for day in starts if BETWEEN in (label := self.label(area, day)) or label == NOWHERE}
        return frozenset(found)


def candidates(label: str) -> tuple[str, ...]:
    """The areas between which a count falls; one for a count that has its place."""
    return tuple(label.split(BETWEEN))


def is_loose(label: str) -> bool:
    """Whether a label stands for no one place."""
    return BETWEEN in label or label in (NOWHERE, UNKNOWN)


def name_place(lens: Lens, place: object, day: int) -> object:
    """A place as it is called on the map; places elsewhere, and none, stay what they are."""
    return lens.label(place, day) if isinstance(place, str) and is_area(place) else place


def _cut(span: Span, turns: Sequence[int]) -> Sequence[Span]:
    edges = [span.start, *(day for day in turns if span.start < day < span.end), span.end]
    return [Span(first, after) for first, after in pairwise(edges)]
