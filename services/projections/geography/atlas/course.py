"""What became of areas: the facts of each day make the map after it from the map before it.

The map of a day is the map after all that happened on it.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from services.projections.geography.atlas.fact import (
    ABOLISHED,
    ESTABLISHED,
    MERGED,
    MOVED,
    RENAMED,
    SPLIT,
    AreaFact,
)
from services.projections.geography.atlas.findings import (
    CODE_USED_AGAIN,
    ESTABLISHED_TWICE,
    MERGED_INTO_NOTHING,
    NOT_IN_FORCE,
    Finding,
)
from services.projections.geography.atlas.lineage import Change, Day, resolve_day


class Version(NamedTuple):
    """An area from `valid_from` until the day before `valid_to` (None: until further notice). `event_id`: what began
    it. Name, kind and level are None only of an area that nobody established.
    """

    area: str
    valid_from: int
    valid_to: int | None
    name: str | None
    name_local: str | None
    kind: str | None
    level: int | None
    parent: str | None
    event_id: bytes


class _State(NamedTuple):
    name: str | None
    name_local: str | None
    kind: str | None
    level: int | None
    parent: str | None


class AreaCourse:
    """Folds facts, given in the order in which they happened."""

    def __init__(self) -> None:
        self.versions: list[Version] = []
        self.changes: list[Change] = []
        self.findings: list[Finding] = []
        self._alive: dict[str, _State] = {}
        self._open: dict[str, tuple[int, _State, bytes]] = {}
        self._former_names: dict[str, str | None] = {}

    def fold(self, facts: Iterable[AreaFact]) -> None:
        """Everything at once."""
        for day, happened in groupby(facts, key=lambda fact: fact.day):
            self._live_through(day, list(happened))
        for area, (since, state, event_id) in self._open.items():
            self.versions.append(Version(area, since, None, *state, event_id))
        self.versions.sort(key=lambda version: version[:2])

    def _live_through(self, day: int, facts: Sequence[AreaFact]) -> None:
        touched = Day({})
        by: dict[str, bytes] = {}
        for fact in facts:
            for area in (fact.area, *fact.others):
                touched.before.setdefault(area, area in self._alive)
        before = {area: self._alive[area] for area, was in touched.before.items() if was}
        for fact in facts:
            self._take(fact, before, touched)
            by[fact.area] = fact.event_id
            if fact.type == MERGED:
                by.update(dict.fromkeys(fact.others, fact.event_id))
        changes, loose = resolve_day(day, touched, self._alive)
        self.changes += changes
        for kind, area, other in loose:
            self.findings.append(Finding(kind, area, day, by.get(area), other))
        for area in touched.before:
            self._turn(area, day, by.get(area, b""))

    def _take(self, fact: AreaFact, before: dict[str, _State], day: Day) -> None:
        area, alive = fact.area, self._alive
        if fact.type == ESTABLISHED:
            self._establish(fact)
            for other in fact.others:
                day.draw(other, area)
            return
        if fact.type == MERGED:
            self._merge(fact, before, day)
            return
        if area not in alive and area not in before:
            self._find(NOT_IN_FORCE, fact)
            return
        if fact.type in (SPLIT, ABOLISHED):
            for other in fact.others:
                day.draw(area, other)
            if not fact.continues:
                alive.pop(area, None)
        elif area in alive:
            state = alive[area]
            if fact.type == RENAMED:
                alive[area] = state._replace(name=fact.name, name_local=fact.name_local)
            elif fact.type == MOVED:
                level = state.level if fact.level is None else fact.level
                alive[area] = state._replace(parent=fact.parent, level=level)

    def _establish(self, fact: AreaFact) -> None:
        area = fact.area
        if area in self._alive:
            self._find(ESTABLISHED_TWICE, fact)
        elif area in self._former_names and self._former_names[area] != fact.name:
            self._find(CODE_USED_AGAIN, fact)
        self._alive[area] = _State(fact.name, fact.name_local, fact.kind, fact.level, fact.parent)

    def _merge(self, fact: AreaFact, before: dict[str, _State], day: Day) -> None:
        area, alive = fact.area, self._alive
        for part in fact.others:
            if part not in alive and part not in before:
                self._find(NOT_IN_FORCE, fact, part)
            day.draw(part, area)
        if area not in alive:
            self._find(MERGED_INTO_NOTHING, fact)
            # It lies where its first part lay, as ingest has it too, until an event of its own says more.
            first = next((before[part] for part in fact.others if part in before), None)
            parent, level = (first.parent, first.level) if first else (None, None)
            alive[area] = _State(None, None, first.kind if first else None, level, parent)
        for part in fact.others:
            if part != area:
                alive.pop(part, None)

    def _turn(self, area: str, day: int, event_id: bytes) -> None:
        """Ends the version of an area that is another one from `day`."""
        state, known = self._alive.get(area), self._open.get(area)
        if known is not None and known[1] == state:
            return
        if known is not None:
            since, old, began = self._open.pop(area)
            self.versions.append(Version(area, since, day, *old, began))
            self._former_names[area] = old.name
        if state is not None:
            self._open[area] = (day, state, event_id)

    def _find(self, kind: str, fact: AreaFact, area: str | None = None) -> None:
        other = None if area is None else fact.area
        self.findings.append(Finding(kind, area or fact.area, fact.day, fact.event_id, other))
