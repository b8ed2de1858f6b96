"""`domicile geography load`: a region's map from a table of areas."""

import csv
import io
import json
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.ingest.client.door import Door
from services.ingest.client.event_ids import make_row_ids
from services.ingest.client.sending import ItemRefused, Sender
from services.ingest.client.transport import Connection, NoAnswer
from services.kernel.asking import CannotGoOn

_BATCH = 2000
_REQUIRED = ("code", "name", "level", "valid_from")
_COLUMNS = (*_REQUIRED, "parent", "kind", "name_local", "predecessors")
_WAIT_S = 15.0
_DATE_PARTS = 3
_KIND_BY_LEVEL = ("province", "county", "municipality", "township", "community")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of the areas. `known`: whether ingest has been seen to know the last of them."""

    recorded: int
    repeated: int
    refused: list[tuple[str, ItemRefused]]
    known: bool


@dataclass(slots=True)
class Sent:
    """Posts about areas that have been sent so far, and what became of them."""

    recorded: int = 0
    repeated: int = 0
    refused: list[tuple[str, ItemRefused]] = field(default_factory=list)

    def send(
        self, sender: Sender, posts: Sequence[dict[str, Any]], advance: Callable[[int], None] = lambda done: None
    ) -> set[str]:
        """In batches; `advance` is told after each how many it held. The areas about which something was refused."""
        before = len(self.refused)
        for start in range(0, len(posts), _BATCH):
            part = posts[start : start + _BATCH]
            settled = sender.send(b"".join(json.dumps(post).encode() + b"\n" for post in part))
            self.recorded += settled.recorded
            self.repeated += settled.repeated
            self.refused += [(str(part[item.index]["area"]), item) for item in settled.refused]
            advance(len(part))
        return {code for code, _ in self.refused[before:]}

    def end(self, known: bool) -> Loaded:
        return Loaded(self.recorded, self.repeated, self.refused, known)


def read_areas(path: Path, region: str, office: str) -> list[dict[str, Any]]:
    """The posts for the areas in a CSV file, parents first. The same file always gives the same posts.

    Columns: code, name, level, valid_from; and where there is something to say parent, kind (a word of the
    vocabulary area_kind; else the level decides), name_local, predecessors (codes with blanks between).
    """
    table = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))
    header = table.fieldnames or []
    missing = [name for name in _REQUIRED if name not in header]
    if missing:
        raise CannotGoOn(f"{path.name} has no column {', '.join(missing)}.", f"The columns are {', '.join(_COLUMNS)}.")
    posts = [_post(row, number, region, office) for number, row in enumerate(table, 1)]
    return sorted(posts, key=lambda post: (post["level"], post["occurred_on"]))


def load_areas(door: Door, posts: list[dict[str, Any]], say: Callable[[str], None]) -> Loaded:
    """Posts the areas and waits until ingest, which follows the log, knows them."""
    sender = Sender(door, "source=import&outcomes=refused", threading.Event(), say)
    sent = Sent()
    bad = sent.send(sender, posts)
    good = [post["area"] for post in posts if post["area"] not in bad]
    return sent.end(not good or wait_for_area(door, good[-1]))


def _post(row: dict[str, Any], number: int, region: str, office: str) -> dict[str, Any]:
    code, since = (row["code"] or "").strip(), (row["valid_from"] or "").strip()
    level = (row["level"] or "").strip()
    if not code or not since or not level.isdigit():
        raise CannotGoOn(f"Area {number} has no code, no valid_from, or a level that is not a whole number.")
    first_day = "-".join([*since.split("-"), "01", "01"][:_DATE_PARTS])
    post = {
        "type": "AreaEstablished",
        "event_id": make_row_ids(f"area/{region}/{code}/{since}")(0),
        "occurred_on": since,
        # The day itself, so that loading the file once more says exactly the same.
        "registered_at": f"{first_day}T00:00:00Z",
        "office": office,
        "subjects": [],
        "area": code,
        "name": row["name"],
        "level": int(level),
        "area_kind": row.get("kind") or _KIND_BY_LEVEL[min(int(level), len(_KIND_BY_LEVEL) - 1)],
    }
    optional = {
        "parent_area": row.get("parent"),
        "name_local": row.get("name_local"),
        "predecessor_areas": (row.get("predecessors") or "").split(),
    }
    return post | {name: value for name, value in optional.items() if value}


def wait_for_area(door: Door, code: str) -> bool:
    """Whether ingest comes to know an area within a while."""
    connection, until = Connection(door.url), time.monotonic() + _WAIT_S
    try:
        while time.monotonic() < until:
            status = connection.get(f"/v1/areas/{code}", door.token()).status
            if status != 404:
                return status == 200
            time.sleep(0.05)
    except NoAnswer:
        pass
    finally:
        connection.close()
    return False
