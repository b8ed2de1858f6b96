"""From events about areas to the tree of areas. Pure.

An area that was established once stays known: what happened there still can be registered after it was split,
merged or abolished. Only its place on the map follows the events, in the order of the log.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any

PLACING = frozenset({"AreaEstablished", "AreaMoved"})
MERGED = "AreaMerged"

Parents = MutableMapping[str, str | None]


def apply(parents: Parents, event_type: str, record: Mapping[str, Any]) -> None:
    """Change `parents` (code -> code above) as one event says. Types that place no area change nothing."""
    if event_type in PLACING:
        parents[record["area"]] = record.get("parent_area")
    elif event_type == MERGED and record["area"] not in parents:
        # What areas were merged into may be new; it lies where they lay, until an event of its own says more.
        first = next(iter(record["merged_areas"]), None)
        parents[record["area"]] = parents.get(first) if first else None
