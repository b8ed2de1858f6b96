"""Two sides of one corridor, link by link: what differs, and what a message in flight explains. Pure, and the same on
both sides: each comes to the other's findings without asking.
"""

from collections.abc import Mapping, Set
from typing import NamedTuple

from services.exchange.journal.findings import FindingKind
from services.exchange.reconciliation.digests import Item

UNDER_WAY, ENDED, ASKED, UNHEARD = 1, 2, 4, 8
"""Marks of one side: something is under way or changed too lately; the link is held, as ended; it was asked before; no
notice of that id was ever said or heard here."""
MARKS_MAX = UNDER_WAY | ENDED | ASKED | UNHEARD


class Found(NamedTuple):
    """`we_ask`: whether this side opens the conversation that asks; never both do. `asked`: nobody does, it was."""

    link_id: bytes
    kind: FindingKind
    we_ask: bool
    asked: bool


class Comparison(NamedTuple):
    """`explained`: links that differ and are no finding."""

    found: tuple[Found, ...]
    explained: frozenset[bytes]


def list_differing(ours: Mapping[bytes, Item], theirs: Mapping[bytes, Item]) -> frozenset[bytes]:
    """Links of which the two do not say the same."""
    return frozenset(
        link_id
        for link_id in ours.keys() | theirs.keys()
        if link_id not in ours or link_id not in theirs or not _agree(ours[link_id], theirs[link_id])
    )


def compare(
    ours: Mapping[bytes, Item],
    theirs: Mapping[bytes, Item],
    our_marks: Mapping[bytes, int],
    their_marks: Mapping[bytes, int],
    *,
    we_are_first: bool,
) -> Comparison:
    """`ours`, `theirs`: all links of the parts that differ, as each side told them. `we_are_first`: of the two names in
    their order.
    """
    found: list[Found] = []
    explained: set[bytes] = set()
    links = list_differing(ours, theirs)
    alone = links - (ours.keys() & theirs.keys())
    for link_id in sorted(links):
        marks = our_marks.get(link_id, 0) | their_marks.get(link_id, 0)
        our, their = ours.get(link_id), theirs.get(link_id)
        kinds = _kinds(our, their, our_marks.get(link_id, 0), their_marks.get(link_id, 0), alone)
        if marks & UNDER_WAY or not kinds:
            explained.add(link_id)
            continue
        asked = bool(marks & ASKED)
        we_ask = not asked and _is_ours_to_ask(our, their, we_are_first=we_are_first)
        found += [Found(link_id, kind, we_ask, asked) for kind in kinds]
    return Comparison(tuple(found), frozenset(explained))


def _is_ours_to_ask(our: Item | None, their: Item | None, *, we_are_first: bool) -> bool:
    """Whoever holds the link alone asks: the other may not know who is meant. Else the destination."""
    if our is None or their is None:
        return our is not None
    return we_are_first if our.is_incoming == their.is_incoming else our.is_incoming


def _kinds(
    our: Item | None, their: Item | None, our_marks: int, their_marks: int, alone: Set[bytes]
) -> list[FindingKind]:
    """Nothing where they differ in good faith."""
    if our is None or their is None:
        held, other_marks = (our, their_marks) if our is not None else (their, our_marks)
        assert held is not None
        if other_marks & ENDED:
            return [FindingKind.STATE_DIFFERS]
        # At whoever tells it: who holds an incoming link is the destination.
        return [FindingKind.ONE_SIDED_AT_D if held.is_incoming else FindingKind.ONE_SIDED_AT_O]
    if our.is_incoming == their.is_incoming:
        return [FindingKind.STATE_DIFFERS]
    kinds = []
    if our.day != their.day and not (our.is_tacit or their.is_tacit):
        kinds.append(FindingKind.DATES_DIFFER)
    # Where the other link itself is one-sided or ended there, that is the finding, and this one follows from it.
    if our.group != their.group and not {our.group, their.group} & alone:
        kinds.append(FindingKind.DUPLICATE_PERSON)
    return kinds


def _agree(our: Item, their: Item) -> bool:
    return our.is_incoming != their.is_incoming and our.day == their.day and our.group == their.group
