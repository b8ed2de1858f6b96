"""Which records are of one person: the merges that stand, whatever their order and however they contradict."""

from collections.abc import Iterable
from typing import NamedTuple

from services.projections.register.life.course import LifeCourse
from services.projections.register.life.fact import Fact
from services.projections.register.life.findings import MERGE_CONTRADICTION, MERGE_MISSING
from services.projections.register.life.handling import handles
from services.projections.register.life.threads import Doubt, people_in

MERGED, REVERSED = "PersonsMerged", "MergeReversed"


class Groups(NamedTuple):
    """`kept_of`: the record kept, for every id of a group of more than one; `reversed_merges`: merge → reversal."""

    kept_of: dict[bytes, bytes]
    doubts: list[Doubt]
    reversed_merges: dict[bytes, bytes]


@handles(REVERSED)
def reverse(life: LifeCourse, fact: Fact, role: str, merge_event_id: bytes) -> None:
    """Folded by `group`, which asks for the merge that is reversed."""


def group(facts: Iterable[Fact]) -> Groups:
    """Groups from the merges and reversals that stand. A reversal must name somebody of its merge: else it would change
    people whom it does not name.
    """
    facts = sorted(facts, key=lambda each: (each.registered_at, each.event_id))
    merges = {fact.event_id: fact for fact in facts if fact.type == MERGED}
    reversed_merges: dict[bytes, bytes] = {}
    doubts = []
    for fact in facts:
        if fact.type == REVERSED:
            merge = merges.get(fact.values[0])
            if merge is None or _own(merge).isdisjoint(_own(fact)):
                doubts.append(_doubt(MERGE_MISSING, fact))
            else:
                reversed_merges[merge.event_id] = fact.event_id
    parent: dict[bytes, bytes] = {}
    edges = []
    for fact in merges.values():
        kept, merged = _find(fact, "kept"), _find(fact, "merged")
        if fact.event_id in reversed_merges or kept is None or merged is None:
            continue
        if kept == merged:
            doubts.append(_doubt(MERGE_CONTRADICTION, fact))
            continue
        edges.append((kept, merged, fact))
        parent[_root(parent, kept)] = _root(parent, merged)
    kept_of: dict[bytes, bytes] = {}
    components: dict[bytes, list[tuple[bytes, bytes, Fact]]] = {}
    for edge in edges:
        components.setdefault(_root(parent, edge[0]), []).append(edge)
    for component in components.values():
        chosen, contradiction = _choose(component)
        if contradiction is not None:
            doubts.append(_doubt(MERGE_CONTRADICTION, contradiction))
        for kept, merged, _ in component:
            kept_of[kept] = kept_of[merged] = chosen
    return Groups(kept_of, doubts, reversed_merges)


def _choose(edges: list[tuple[bytes, bytes, Fact]]) -> tuple[bytes, Fact | None]:
    """The record kept of one group, edges oldest first: the one that no merge gives up. If there are several or none,
    the merges contradict each other, and the latest decides (the latest that keeps one of several).
    """
    given_up = {merged for _, merged, _ in edges}
    never = {kept for kept, _, _ in edges} - given_up
    if len(never) == 1:
        return next(iter(never)), None
    for kept, _, fact in reversed(edges):
        if not never or kept in never:
            return kept, fact
    raise AssertionError("an edge keeps every record that none gives up")


def _doubt(kind: str, fact: Fact) -> Doubt:
    return Doubt(kind, fact, people_in([fact]))


def _find(fact: Fact, role: str) -> bytes | None:
    region = _region_of(fact)
    return next((each.person_id for each in fact.subjects if each.role == role and each.region == region), None)


def _own(fact: Fact) -> set[bytes]:
    """Whom it names of this region. The record of a partner region is merged with none of ours."""
    region = _region_of(fact)
    return {subject.person_id for subject in fact.subjects if subject.region == region}


def _region_of(fact: Fact) -> str:
    return fact.topic.rpartition(".")[0]


def _root(parent: dict[bytes, bytes], person_id: bytes) -> bytes:
    while (above := parent.setdefault(person_id, person_id)) != person_id:
        parent[person_id] = parent.get(above, above)
        person_id = above
    return person_id
