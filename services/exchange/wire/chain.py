"""The chain: every letter from one region to another names its position and the hash of the letter before.

Positions count from 1. The hash of a letter is SHA-256 over its signed bytes. A recipient that has letters 1 and 3
knows that one is missing: a gap, which closes when the letter comes, or a dead letter is brought by hand. Two letters
for one position, or a letter that names another one before it, is a fork: no repeat and no loss makes one.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

GENESIS = "0" * 64
"""What the first letter names as the one before it."""


class ChainLink(NamedTuple):
    """Where a letter stands among all letters from its sender to its recipient."""

    position: int
    previous_hash: str


class Linked(NamedTuple):
    """A letter as the chain sees it. `hash`: SHA-256 of its signed bytes, hexadecimal."""

    position: int
    previous_hash: str
    hash: str


class Break(StrEnum):
    """What is wrong with a chain at a position."""

    GAP = "GAP"
    """Nothing has come; later letters have."""
    FORK = "FORK"
    """Two letters, or the next one names another."""


class Finding(NamedTuple):
    """`last`: to which position a gap reaches; that of the fork itself."""

    what: Break
    position: int
    last: int


def next_link(head: ChainLink | None, head_hash: str = GENESIS) -> ChainLink:
    """The link of the letter after `head`, whose signed bytes have the hash `head_hash`."""
    return ChainLink(1, GENESIS) if head is None else ChainLink(head.position + 1, head_hash)


def find_breaks(links: Iterable[Linked]) -> Iterator[Finding]:
    """Gaps and forks among all letters that came from one sender, in the order of positions."""
    by_position: dict[int, set[tuple[str, str]]] = {}
    for each in links:
        by_position.setdefault(each.position, set()).add((each.hash, each.previous_hash))
    expected = 1
    for position in sorted(by_position):
        if position > expected:
            yield Finding(Break.GAP, expected, position - 1)
        expected = position + 1
        if _is_forked(by_position, position):
            yield Finding(Break.FORK, position, position)


def _is_forked(by_position: Mapping[int, set[tuple[str, str]]], position: int) -> bool:
    here = by_position[position]
    before = {GENESIS} if position == 1 else {each for each, _ in by_position.get(position - 1, ())}
    named = {previous for _, previous in here}
    return len(here) > 1 or (bool(before) and not named <= before)
