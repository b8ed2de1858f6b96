"""Counts from the map as at the event to the map of a chosen day.

Where an area went to one other area, or came from one, its counts go with it, exactly. Where it was split (or, on the
way back, where others were merged into it) nobody can say how much went where: such counts are shown beside the others,
with the areas between which they fall. Nothing is shared out by guess, so what is attributed plus what is not is always
the total.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from services.projections.geography.atlas.maps import Atlas

SEVERAL, NO_SUCCESSOR, NO_PREDECESSOR, UNKNOWN = "several-areas", "no-successor", "no-predecessor", "unknown-area"


class Count(NamedTuple):
    """So many in an area on a day. `n` may be negative (a difference of vintages)."""

    area: str
    day: int
    n: int


class Unattributed(NamedTuple):
    """Counts under the code `area` that have no one place on the other map.

    `reason`: several-areas, no-successor, no-predecessor, unknown-area. `candidates`: the areas of the other map
    between which they fall; where some of the territory leads nowhere, there is a reason besides several-areas.
    `within`: the nearest area in which all candidates lie, so that the count is exact for it and all above it; None
    if there is none, or if not all of it can be in the candidates.
    """

    area: str
    reason: str
    candidates: tuple[str, ...]
    within: str | None
    n: int


class Translated(NamedTuple):
    """`attributed`: area of the other map → count. Its sum and that of `unattributed` are the sum of what was given."""

    attributed: dict[str, int]
    unattributed: list[Unattributed]


_Place = frozenset[str | None]
"""Areas of the other map; None: nowhere on it."""
_Steps = Mapping[str, tuple[Sequence[int], Sequence[tuple[str | None, ...]]]]


class Translator:
    """Translates to the map of the day `at`; with `level`, to the areas of that level above."""

    def __init__(self, atlas: Atlas, at: int, level: int | None = None) -> None:
        self._atlas = atlas
        self._at = at
        self._level = level
        self._onward = _steps((each.predecessor, each.day, each.successor) for each in atlas.changes)
        self._backward = _steps((each.successor, each.day, each.predecessor) for each in atlas.changes)
        self._known: dict[tuple[str, bool, int], _Place] = {}

    def translate(self, counts: Iterable[Count]) -> Translated:
        """Every count in its place, or shown as without one."""
        attributed: dict[str, int] = defaultdict(int)
        loose: dict[tuple[str, str, tuple[str, ...], str | None], int] = defaultdict(int)
        for area, day, n in counts:
            anchor = self._atlas.find_anchor(area, day)
            place = frozenset() if anchor is None else self.find_places(area, day)
            (only, *more) = place or (None,)
            if only is not None and not more:
                attributed[only] += n
            else:
                reason = UNKNOWN if anchor is None else self._reason(place, anchor)
                candidates = tuple(sorted(each for each in place if each is not None))
                within = self._find_within(candidates) if None not in place else None
                loose[area, reason, candidates, within] += n
        found = [Unattributed(*key, n) for key, n in loose.items()]
        return Translated(dict(attributed), sorted(found, key=lambda each: (*each[:3], each.within or "")))

    def find_places(self, area: str, day: int) -> frozenset[str | None]:
        """Where the territory of an area of the map of `day` lies on the other map; None in it: nowhere, in part.

        Empty if there never was such an area. A code that is not in force on `day` stands for the area as it was on
        the nearest day on which it was: what happened in an abolished area can still be registered there.
        """
        anchor = self._atlas.find_anchor(area, day)
        if anchor is None:
            return frozenset()
        forward = anchor <= self._at
        days, _ = (self._onward if forward else self._backward).get(area, ((), ()))
        key = (area, forward, bisect_right(days, anchor))
        known = self._known.get(key)
        if known is None:
            places = self._walk(area, anchor, forward)
            known = self._known[key] = frozenset(map(self._lift, places))
        return known

    def _walk(self, area: str, day: int, forward: bool) -> set[str | None]:
        steps = self._onward if forward else self._backward
        places: set[str | None] = set()
        seen = {(area, day)}
        waiting = [(area, day)]
        while waiting:
            code, since = waiting.pop()
            days, targets = steps.get(code, ((), ()))
            place = bisect_right(days, since) - (not forward)
            if not 0 <= place < len(days) or not self._lies_between(days[place], forward):
                places.add(code)
                continue
            on = days[place] if forward else days[place] - 1
            for target in targets[place]:
                if target is None:
                    places.add(None)
                elif (target, on) not in seen:
                    seen.add((target, on))
                    waiting.append((target, on))
        return places

    def _lies_between(self, day: int, forward: bool) -> bool:
        return day <= self._at if forward else day > self._at

    def _lift(self, area: str | None) -> str | None:
        """The area of the wanted level above; where there is none the area itself."""
        if area is None or self._level is None:
            return area
        return self._atlas.find_above(area, self._level, self._at) or area

    def _reason(self, place: _Place, anchor: int) -> str:
        if None not in place:
            return SEVERAL
        return NO_SUCCESSOR if anchor <= self._at else NO_PREDECESSOR

    def _find_within(self, candidates: Sequence[str]) -> str | None:
        lines = [self._atlas.line(each, self._at) for each in candidates]
        if not lines:
            return None
        shared = set(lines[0]).intersection(*lines[1:])
        return next((each for each in lines[0] if each in shared), None)


def translate(atlas: Atlas, counts: Iterable[Count], at: int, level: int | None = None) -> Translated:
    """For one question; who has more of one map keeps a `Translator`."""
    return Translator(atlas, at, level).translate(counts)


def _steps(arrows: Iterable[tuple[str | None, int, str | None]]) -> _Steps:
    """Area → days on which territory of it changed hands, and where it went (or came from) on each."""
    found: dict[str, dict[int, list[str | None]]] = defaultdict(dict)
    for source, day, target in arrows:
        if source is not None:
            found[source].setdefault(day, []).append(target)
    return {area: (sorted(by_day), [tuple(by_day[day]) for day in sorted(by_day)]) for area, by_day in found.items()}
