"""An event about areas as the fold sees it, and which of several copies counts."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

ESTABLISHED, RENAMED, MOVED = "AreaEstablished", "AreaRenamed", "AreaMoved"
SPLIT, MERGED, ABOLISHED = "AreaSplit", "AreaMerged", "AreaAbolished"
CORRECTED, ANNULLED = "EventCorrected", "EventAnnulled"
ACTS = (CORRECTED, ANNULLED)

# In which order what happened on one day is read: what begins first, what ends last.
RANKS: Mapping[str, int] = {
    name: rank for rank, name in enumerate((ESTABLISHED, SPLIT, MERGED, RENAMED, MOVED, ABOLISHED))
}
_OTHERS = {
    ESTABLISHED: "predecessor_areas",
    SPLIT: "into_areas",
    MERGED: "merged_areas",
    ABOLISHED: "successor_areas",
}


class AreaFact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One event. `day` counts from 1970-01-01 and is the first of the month or year where no more is known;
    instants are milliseconds from then; ids are 16 bytes.

    `thread_id`: the event that it speaks of: its own id, or for a correction or an annulment that of its target.
    `recorded_at`, `partition`, `offset`: where it stands on the log. `contested`: another copy says something else.
    `others`: predecessors, areas split off, areas merged or successors, as the type has it. `continues`: of a split.
    """

    event_id: bytes
    thread_id: bytes
    type: str
    day: int
    registered_at: int
    recorded_at: int
    partition: int
    offset: int
    content_tag: bytes
    area: str = ""
    name: str | None = None
    name_local: str | None = None
    kind: str | None = None
    level: int | None = None
    parent: str | None = None
    others: tuple[str, ...] = ()
    continues: bool = False
    replacement: "AreaFact | None" = None
    contested: bool = False


def make_fact(
    event_type: str,
    record: Mapping[str, Any],
    stand: tuple[int, int, int],
    replacement: tuple[str, Mapping[str, Any]] | None = None,
) -> AreaFact:
    """`stand`: recorded_at, partition, offset. `replacement`: type and record of what a correction carries.

    KeyError if the record is not of its type.
    """
    event_id = record["event_id"]
    instead = make_fact(*replacement, stand) if replacement else None
    described = {
        "area": record.get("area", ""),
        "name": record.get("name"),
        "name_local": record.get("name_local"),
        "kind": record.get("area_kind"),
        "level": record.get("level"),
        "parent": record.get("parent_area"),
        "others": tuple(record[_OTHERS[event_type]]) if event_type in _OTHERS else (),
        "continues": bool(record.get("area_continues")),
    }
    thread_id = record["target_event_id"] if event_type in ACTS else event_id
    return AreaFact(
        event_id,
        thread_id,
        event_type,
        record["occurred_on"],
        record["registered_at"],
        *stand,
        record["content_tag"],
        **described,
        replacement=instead,
    )


def merge_copies(one: AreaFact, other: AreaFact) -> AreaFact:
    """What is kept of two copies of one event: the first on the log. The same record twice is one copy."""
    first, second = sorted((one, other), key=_stand)
    contested = first.contested or second.contested or first.content_tag != second.content_tag
    return first if contested == first.contested else msgspec.structs.replace(first, contested=True)


def choose_copies(facts: Iterable[AreaFact]) -> dict[bytes, AreaFact]:
    """One of each event, by its id."""
    chosen: dict[bytes, AreaFact] = {}
    for fact in facts:
        known = chosen.get(fact.event_id)
        chosen[fact.event_id] = fact if known is None else merge_copies(known, fact)
    return chosen


def _stand(fact: AreaFact) -> tuple[int, int, int]:
    return fact.recorded_at, fact.partition, fact.offset
