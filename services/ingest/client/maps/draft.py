"""The posts that follow from a source, and what became of each of its rows. No I/O."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.ingest.client.event_ids import make_row_ids

LOADED, DOUBTFUL, LEFT_OUT = "loaded", "doubtful", "left out"
_NAME_LENGTH_MAX = 200
_DATE_PARTS = 3


class Account(NamedTuple):
    """What became of a row: loaded, doubtful (loaded, and somebody should look), or left out. `row` counts from 1
    without the header, and is 0 for a code that a list has no more; `reason` is empty where there is nothing to say.
    """

    file: str
    row: int
    code: str
    outcome: str
    reason: str


class Kind(NamedTuple):
    """Depth in the map, and the word of the vocabulary area_kind."""

    level: int
    word: str


@dataclass(slots=True)
class Area:
    """An area as the source has it at some point."""

    name: str
    kind: Kind
    parent: str | None


@dataclass(slots=True)
class Draft:
    """Posts in the order in which things happened. The same source always gives the same posts.

    `in_force`: the areas at this point, by code; `former`: names of areas that have ended, by code.
    """

    region: str
    office: str
    posts: list[dict[str, Any]] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    in_force: dict[str, Area] = field(default_factory=dict)
    former: dict[str, str] = field(default_factory=dict)

    def establish(self, on: str, code: str, area: Area, predecessors: Sequence[str] = ()) -> None:
        """`on`: day, month or year, as in a post."""
        self.in_force[code] = area
        what: dict[str, Any] = {"name": clean(area.name), "area_kind": area.kind.word, "level": area.kind.level}
        if area.parent is not None:
            what["parent_area"] = area.parent
        if predecessors:
            what["predecessor_areas"] = sorted(predecessors)
        self._post("AreaEstablished", on, code, what)

    def rename(self, on: str, code: str, name: str) -> None:
        self.in_force[code].name = name
        self._post("AreaRenamed", on, code, {"name": clean(name)})

    def move(self, on: str, code: str, parent: str) -> None:
        self.in_force[code].parent = parent
        self._post("AreaMoved", on, code, {"parent_area": parent})

    def split(self, on: str, code: str, into: Sequence[str], continues: bool) -> None:
        if not continues:
            self._end(code)
        self._post("AreaSplit", on, code, {"into_areas": sorted(into), "area_continues": continues})

    def merge(self, on: str, code: str, parts: Sequence[str]) -> None:
        for part in set(parts) - {code}:
            self._end(part)
        self._post("AreaMerged", on, code, {"merged_areas": sorted(parts)})

    def abolish(self, on: str, code: str, successors: Sequence[str] = ()) -> None:
        self._end(code)
        self._post("AreaAbolished", on, code, {"successor_areas": sorted(successors)} if successors else {})

    def account(self, file: str, row: int, code: str, outcome: str = LOADED, reason: str = "") -> None:
        """Says what became of a row."""
        self.accounts.append(Account(file, row, code, outcome, reason))

    def count(self) -> Counter[tuple[str, str]]:
        """(outcome, reason) → rows."""
        return Counter((each.outcome, each.reason) for each in self.accounts)

    def _end(self, code: str) -> None:
        ended = self.in_force.pop(code, None)
        if ended is not None:
            self.former[code] = ended.name

    def _post(self, event_type: str, on: str, code: str, what: dict[str, Any]) -> None:
        # The day itself, so that importing once more says exactly the same.
        first_day = "-".join([*on.split("-"), "01", "01"][:_DATE_PARTS])
        post = {
            "type": event_type,
            "occurred_on": on,
            "registered_at": f"{first_day}T00:00:00Z",
            "office": self.office,
            "subjects": [],
            "area": code,
        } | what
        identity = f"map/{self.region}/{json.dumps(post, sort_keys=True, ensure_ascii=False)}"
        self.posts.append({"event_id": make_row_ids(identity)(0)} | post)


def clean(name: str) -> str:
    """A name on one line, as long as a name may be."""
    return " ".join(name.split())[:_NAME_LENGTH_MAX]
