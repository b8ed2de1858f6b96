"""Posts about areas to ingest, so that nothing names an area that ingest does not know yet."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.ingest.client.areas import Loaded, wait_for_area
from services.ingest.client.door import Door
from services.ingest.client.sending import ItemRefused, Sender

_BATCH = 2000

Post = dict[str, Any]
Progress = Callable[[int, int], None]
"""Posts settled, and how many there are."""


def split_waves(posts: Sequence[Post]) -> Iterator[list[Post]]:
    """In the same order: a wave ends before a post that needs an area which it establishes."""
    wave: list[Post] = []
    new: set[str] = set()
    for post in posts:
        if not new.isdisjoint(_needs(post)):
            yield wave
            wave, new = [], set()
        wave.append(post)
        if post["type"] in ("AreaEstablished", "AreaMerged"):
            new.add(post["area"])
    if wave:
        yield wave


def send_waves(door: Door, posts: Sequence[Post], sender: Sender, progress: Progress) -> Loaded:
    """Posts wave by wave; between two of them ingest, which follows the log, comes to know the areas of the first."""
    recorded = repeated = done = 0
    refused: list[tuple[str, ItemRefused]] = []
    known = True
    for wave in split_waves(posts):
        bad: set[str] = set()
        for start in range(0, len(wave), _BATCH):
            part = wave[start : start + _BATCH]
            settled = sender.send(b"".join(json.dumps(post).encode() + b"\n" for post in part))
            recorded += settled.recorded
            repeated += settled.repeated
            refused += [(str(part[item.index]["area"]), item) for item in settled.refused]
            bad.update(str(part[item.index]["area"]) for item in settled.refused)
            done += len(part)
            progress(done, len(posts))
        good = [post["area"] for post in wave if post["type"] == "AreaEstablished" and post["area"] not in bad]
        if good:
            known = wait_for_area(door, good[-1])
    return Loaded(recorded, repeated, refused, known)


def _needs(post: Post) -> set[str]:
    """Areas that must be known before this post."""
    if post["type"] == "AreaEstablished":
        return set()
    if post["type"] == "AreaMerged":
        return set(post["merged_areas"])
    return {post["area"]}
