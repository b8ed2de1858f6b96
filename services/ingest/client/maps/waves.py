"""Posts about areas to ingest, so that nothing names an area that ingest does not know yet."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.ingest.client.areas import Loaded, Sent, wait_for_area
from services.ingest.client.door import Door
from services.ingest.client.sending import Sender

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
    sent, done, known = Sent(), 0, True

    def advance(settled: int) -> None:
        nonlocal done
        done += settled
        progress(done, len(posts))

    for wave in split_waves(posts):
        bad = sent.send(sender, wave, advance)
        good = [post["area"] for post in wave if post["type"] == "AreaEstablished" and post["area"] not in bad]
        if good:
            known = wait_for_area(door, good[-1])
    return sent.end(known)


def _needs(post: Post) -> set[str]:
    """Areas that must be known before this post."""
    if post["type"] == "AreaEstablished":
        return set()
    if post["type"] == "AreaMerged":
        return set(post["merged_areas"])
    return {post["area"]}
