"""What is kept of events, and whom they concern: a function of the set of records, in any order and any batching."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from services.projections.register.life.fact import Fact
from services.projections.register.life.handling import MERGES

Pair = tuple[bytes, bytes]


class Evidence(NamedTuple):
    """One event as it is kept: the first of its copies on the log, and its framed record."""

    fact: Fact
    value: bytes


def join(one: Evidence, other: Evidence) -> Evidence:
    """What is kept of two copies of one event. The same record twice is one copy."""
    first, second = (one, other) if _stand(one.fact) <= _stand(other.fact) else (other, one)
    contested = first.fact.contested or second.fact.contested or first.fact.content_tag != second.fact.content_tag
    if contested == first.fact.contested:
        return first
    return Evidence(first.fact._replace(contested=contested), first.value)


def collapse(copies: Iterable[Evidence]) -> dict[bytes, Evidence]:
    """One of each event, by its id."""
    kept: dict[bytes, Evidence] = {}
    for copy in copies:
        event_id = copy.fact.event_id
        known = kept.get(event_id)
        kept[event_id] = copy if known is None else join(known, copy)
    return kept


def people_of(fact: Fact) -> set[bytes]:
    """Whom an event or its replacement names: people of this region only. Others have no life here."""
    region = _region_of(fact.topic)
    named = {subject.person_id for subject in fact.subjects if subject.region == region}
    return named if fact.replacement is None else named | people_of(fact.replacement)


def threads_of(fact: Fact) -> tuple[bytes, ...]:
    """What it speaks of: itself, and a correction or an annulment of its target too."""
    return (fact.event_id,) if fact.thread_id == fact.event_id else (fact.event_id, fact.thread_id)


def timeline_of(fact: Fact) -> list[Pair]:
    """Rows of the timeline: (person, thread). Every copy of an event has its own."""
    threads = threads_of(fact)
    return [(person, thread) for person in people_of(fact) for thread in threads]


def edges_of(fact: Fact) -> Iterator[Pair]:
    """Who is named together in a merge or its reversal, both ways. Whether it stands is for the fold to say."""
    if fact.type in MERGES:
        yield from permutations(people_of(fact), 2)
    if fact.replacement is not None:
        yield from edges_of(fact.replacement)


def find_roots(edges: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The smallest id of each group that hangs together."""
    parent: dict[bytes, bytes] = {}

    def find(one: bytes) -> bytes:
        while (above := parent.setdefault(one, one)) != one:
            parent[one] = parent[above]
            one = above
        return one

    for one, other in edges:
        low, high = sorted((find(one), find(other)))
        parent[high] = low
    return {one: find(one) for one in parent}


@lru_cache(maxsize=64)
def _region_of(topic: str) -> str:
    return topic.rpartition(".")[0]


def _stand(fact: Fact) -> tuple[int, str, int, int]:
    return fact[2:6]
