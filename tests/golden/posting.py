"""Published facts, posted to a real region as an importer does, and counted by its projections."""

import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from deploy.local.stack import Region
from services.ingest.client.door import Door
from services.ingest.client.importing import Import, Order, Summary
from services.ingest.client.maps.waves import send_waves
from services.ingest.client.marks import State
from services.ingest.client.sending import Sender
from services.kernel.log.reader import LogReader
from services.kernel.log.topics import get_topic

Post = Mapping[str, Any]
_PATIENCE_S = 7200.0
_FOLLOWED = {"register": ("registration", "migration"), "geography": ("geography",)}
_CODE = re.compile(rb'"(\d{4})(-1)?"')
_PERSON = b'"DEMO-'


@dataclass(frozen=True)
class Silent:
    """A progress that nobody watches."""

    def advance(self, done: int, total: int, state: State) -> None: ...

    def say(self, sentence: str) -> None: ...


def post_map(region: Region, posts: Iterable[Post]) -> None:
    """Areas and what became of them, as `domicile geography import` does; returns when ingest knows them."""
    door = open_door(region, "geographer")
    sender = Sender(door, "source=import&outcomes=refused", threading.Event(), lambda text: None)
    loaded = send_waves(door, [dict(post) for post in posts], sender, lambda done, total: None)
    assert loaded.refused == [], loaded.refused[:3]
    assert loaded.known


def post_file(region: Region, path: Path) -> Summary:
    """As `domicile import` does; whatever is refused fails the test."""
    summary = Import(open_door(region, "importer"), Order(path), Silent(), threading.Event()).run()
    assert summary.refused == 0, summary.rejected_file.read_text()[:400] if summary.rejected_file else ""
    return summary


def open_door(region: Region, role: str) -> Door:
    assert region.ingest is not None
    return Door(region.name, region.ingest, lambda: region.token(role))


def write_posts(path: Path, posts: Iterable[Post]) -> None:
    """One a line."""
    encode = msgspec.json.Encoder().encode
    with path.open("wb", buffering=1 << 20) as file:
        file.writelines(encode(post) + b"\n" for post in posts)


def rename(source: Path, target: Path, mark: str, people: str) -> Path:
    """The exploder's posts with areas and people of their own, so that a region can hold several tables.

    Municipality 0980 becomes `<mark>0980`, and the person DEMO-17 becomes DEMO-<people>17.
    """
    with source.open("rb", buffering=1 << 20) as posts, target.open("wb", buffering=1 << 20) as file:
        for line in posts:
            renamed = _CODE.sub(rb'"' + mark.encode() + rb'\1\2"', line)
            file.write(renamed.replace(_PERSON, _PERSON + people.encode()))
    return target


def wait_until_counted(region: Region) -> None:
    """Until the register and the map hold all that is on the region's log now."""
    assert region.read is not None
    ends = _find_ends(region)
    headers = {"authorization": f"Bearer {region.token('operator', purpose='quality-assurance')}"}
    until = time.monotonic() + _PATIENCE_S
    with httpx.Client(base_url=region.read, headers=headers, timeout=60) as http:
        while _is_behind(http.get("/v1/projections"), ends):
            assert time.monotonic() < until
            time.sleep(0.1)


def _find_ends(region: Region) -> dict[str, dict[tuple[str, int], int]]:
    """Projection → partition → where its log ends now; empty partitions are left out."""
    reader = LogReader(region.settings["DOMICILE_KAFKA"])
    try:
        found = {}
        for projection, contexts in _FOLLOWED.items():
            ranges = reader.ranges(reader.partitions([get_topic(region.name, each) for each in contexts]))
            found[projection] = {
                (at.topic, at.number): each.next_offset for at, each in ranges.items() if each.next_offset
            }
        return found
    finally:
        reader.close()


def _is_behind(answer: httpx.Response, ends: Mapping[str, Mapping[tuple[str, int], int]]) -> bool:
    assert answer.status_code == 200, answer.text
    told = {each["projection"]: each for each in answer.json()["projections"]}
    for projection, partitions in ends.items():
        assert not told[projection]["halted"], told[projection]
        reached = {(each["topic"], each["partition"]): each["next_offset"] for each in told[projection]["partitions"]}
        if any(reached.get(at, 0) < end for at, end in partitions.items()):
            return True
    return False
