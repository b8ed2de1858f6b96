"""Events about areas, said in a line each."""

from typing import Any

from services.projections.geography.atlas import AreaFact
from services.projections.geography.atlas.fact import (
    ABOLISHED,
    ANNULLED,
    CORRECTED,
    ESTABLISHED,
    MERGED,
    MOVED,
    RENAMED,
    SPLIT,
)

_number = 0


def say(event_type: str, day: int, area: str, **more: Any) -> AreaFact:
    """An event under an id that grows with the number of events said."""
    global _number
    _number += 1
    event_id = _number.to_bytes(16, "big")
    stand = {"recorded_at": _number, "partition": 0, "offset": _number, "content_tag": event_id}
    given = {"event_id": event_id, "thread_id": event_id, "registered_at": _number} | stand | more
    return AreaFact(type=event_type, day=day, area=area, **given)


def established(day: int, area: str, parent: str | None = None, *predecessors: str, **more: Any) -> AreaFact:
    given = {"name": f"Area {area}", "kind": "county", "level": 2 if parent else 1} | more
    return say(ESTABLISHED, day, area, parent=parent, others=predecessors, **given)


def renamed(day: int, area: str, name: str) -> AreaFact:
    return say(RENAMED, day, area, name=name)


def moved(day: int, area: str, parent: str, level: int | None = None) -> AreaFact:
    return say(MOVED, day, area, parent=parent, level=level)


def split(day: int, area: str, *into: str, continues: bool = False) -> AreaFact:
    return say(SPLIT, day, area, others=into, continues=continues)


def merged(day: int, area: str, *parts: str) -> AreaFact:
    return say(MERGED, day, area, others=parts)


def abolished(day: int, area: str, *successors: str) -> AreaFact:
    return say(ABOLISHED, day, area, others=successors)


def corrected(target: AreaFact, instead: AreaFact, **more: Any) -> AreaFact:
    return say(CORRECTED, instead.day, "", thread_id=target.event_id, replacement=instead, **more)


def annulled(target: AreaFact, **more: Any) -> AreaFact:
    return say(ANNULLED, target.day, "", thread_id=target.event_id, **more)
