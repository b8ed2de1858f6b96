"""From events about areas to the map. Pure.

An area that was established once stays known: what happened there still can be registered after it was split,
merged or abolished. Only its place on the map follows the events, in the order of the log; of several copies of one
event the first counts.

A correction or annulment acts on the event that it names, wherever on the log either stands: of several acts on one
event the latest counts, by `registered_at`, then by event id. A replacement takes the place of what it replaces, an
annulled event did nothing. So an area stays unknown if nothing but annulled events established it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

ESTABLISHED, MOVED, MERGED = "AreaEstablished", "AreaMoved", "AreaMerged"
CORRECTED, ANNULLED = "EventCorrected", "EventAnnulled"

Record = Mapping[str, Any]
Parents = dict[str, str | None]


class Placing(NamedTuple):
    """What one event says about the place of an area. `above`: the area above; of a merger, its first part."""

    kind: str
    area: str
    above: str | None


class Act(NamedTuple):
    """A correction of one event (`instead`: what its replacement says) or its annulment (None)."""

    registered_at: int
    event_id: bytes
    instead: Placing | None


class AreaFold:
    """The map so far. `parents`: code -> code of the area above, of every known area."""

    def __init__(self) -> None:
        self.parents: Parents = {}
        self._placings: dict[bytes, Placing] = {}
        self._acts: dict[bytes, Act] = {}

    def take(self, event_type: str, record: Record, replacement: tuple[str, Record] | None = None) -> None:
        """Take one event in. `replacement`: type and record of what an EventCorrected carries.

        Types that place no area change nothing. KeyError if a record is not of its type.
        """
        if event_type in (CORRECTED, ANNULLED):
            self._act(record, _read(*replacement) if replacement else None)
            return
        event_id = record["event_id"]
        placing = _read(event_type, record)
        if placing is None or event_id in self._placings:
            return
        self._placings[event_id] = placing
        if event_id in self._acts:
            self._replay()
        else:
            _apply(self.parents, placing)

    def _act(self, record: Record, instead: Placing | None) -> None:
        target, act = record["target_event_id"], Act(record["registered_at"], record["event_id"], instead)
        known = self._acts.get(target)
        if known is not None and (act.registered_at, act.event_id) <= (known.registered_at, known.event_id):
            return
        self._acts[target] = act
        if target in self._placings:
            self._replay()

    def _replay(self) -> None:
        """Acts are rare, so the whole map is made anew."""
        self.parents = {}
        for event_id, placing in self._placings.items():
            act = self._acts.get(event_id)
            counted = placing if act is None else act.instead
            if counted is not None:
                _apply(self.parents, counted)


def _read(event_type: str, record: Record) -> Placing | None:
    if event_type in (ESTABLISHED, MOVED):
        return Placing(event_type, record["area"], record.get("parent_area"))
    if event_type == MERGED:
        return Placing(event_type, record["area"], next(iter(record["merged_areas"]), None))
    return None


def _apply(parents: Parents, placing: Placing) -> None:
    kind, area, above = placing
    if kind == ESTABLISHED or (kind == MOVED and area in parents):
        parents[area] = above
    elif kind == MERGED and area not in parents:
        # What areas were merged into may be new; it lies where they lay, until an event of its own says more.
        parents[area] = parents.get(above) if above else None
