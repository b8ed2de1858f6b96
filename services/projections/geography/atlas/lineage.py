"""Which area of the map before a day became which of the map after it."""

from collections import Counter
from collections.abc import Container
from typing import NamedTuple

from services.projections.geography.atlas.findings import NO_SUCH_PREDECESSOR, NO_SUCH_SUCCESSOR

NEW, ENDED, KEPT, RECODED, SPLIT_INTO, MERGED_INTO = "new", "ended", "kept", "recoded", "split", "merged"


class Change(NamedTuple):
    """On `day` territory went from one area to another. All lines of a predecessor on one day say where it all went,
    all lines of a successor where it all came from.

    `kind`: recoded (all of it, and nothing else), merged (all of it, together with others), split (part of it),
    kept (the area itself, of which a part went or to which one came), new (no predecessor is known),
    ended (no successor is known).
    """

    day: int
    predecessor: str | None
    successor: str | None
    kind: str


class Day:
    """Which areas the facts of a day name, and the arrows that they draw between them."""

    def __init__(self, before: dict[str, bool]) -> None:
        self.before = before
        self.arrows: dict[str, dict[str, None]] = {}

    def draw(self, source: str, target: str) -> None:
        """Territory went from `source` to `target`."""
        self.arrows.setdefault(source, {})[target] = None


LooseEnd = tuple[str, str, str]
"""Kind of finding, area, other area."""


def resolve_day(day: int, touched: Day, after: Container[str]) -> tuple[list[Change], list[LooseEnd]]:
    """The changes of a day, and the arrows that begin or end nowhere."""
    pairs: set[tuple[str | None, str | None]] = set()
    for area, was in touched.before.items():
        if not was:
            continue
        found = _reach(area, touched, after)
        if area in after:
            found.add(area)
        pairs.update((area, each) for each in found) if found else pairs.add((area, None))
    fed = {successor for _, successor in pairs}
    for area, was in touched.before.items():
        if not was and area in after and area not in fed:
            pairs.add((None, area))
    return _name_kinds(day, pairs), _find_loose(touched, after)


def _find_loose(touched: Day, after: Container[str]) -> list[LooseEnd]:
    loose: list[LooseEnd] = []
    reached = {target for targets in touched.arrows.values() for target in targets}
    for source, targets in touched.arrows.items():
        for target in targets:
            if target not in after and not touched.arrows.get(target):
                loose.append((NO_SUCH_SUCCESSOR, source, target))
        if not touched.before[source] and (source in after or source not in reached):
            loose += [(NO_SUCH_PREDECESSOR, target, source) for target in targets]
    return loose


def _reach(area: str, touched: Day, after: Container[str]) -> set[str | None]:
    """Where arrows lead from an area; through areas that are not on the map after the day they lead on."""
    found: set[str | None] = set()
    seen = {area}
    waiting = list(touched.arrows.get(area, ()))
    while waiting:
        at = waiting.pop()
        if at in after:
            found.add(at)
        elif at not in seen:
            seen.add(at)
            waiting += touched.arrows.get(at, ())
    return found


def _name_kinds(day: int, pairs: set[tuple[str | None, str | None]]) -> list[Change]:
    went = Counter(predecessor for predecessor, _ in pairs)
    came = Counter(successor for _, successor in pairs)
    changes = []
    for predecessor, successor in sorted(pairs, key=lambda pair: (pair[0] or "", pair[1] or "")):
        if predecessor == successor:
            if went[predecessor] == came[successor] == 1:
                continue  # its territory is what it was
            kind = KEPT
        elif predecessor is None:
            kind = NEW
        elif successor is None:
            kind = ENDED
        elif went[predecessor] > 1:
            kind = SPLIT_INTO
        else:
            kind = MERGED_INTO if came[successor] > 1 else RECODED
        changes.append(Change(day, predecessor, successor, kind))
    return changes
