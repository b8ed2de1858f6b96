"""Trees of hashes (RFC 9162, section 2.1): one root proves many letters, and a short path proves one of them.

The first leaf of each tree is the root before it, so that the latest root stands for everything ever said.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """The hash beside, and whether it stands on the left."""

    hash: bytes
    is_left: bool


def leaf_hash(leaf: bytes) -> bytes:
    """As in RFC 9162: a leaf cannot be taken for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """ValueError for no leaves."""
    level = _hash_all(leaves)
    while len(level) > 1:
        level = _next_level(level)
    return level[0]


def find_path(leaves: Sequence[bytes], place: int) -> list[Step]:
    """From the leaf at a place up to the root."""
    level = _hash_all(leaves)
    path = []
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(Step(level[beside], beside < place))
        level, place = _next_level(level), place // 2
    return path


def is_included(leaf: bytes, path: Sequence[Step], root: bytes) -> bool:
    """Whether the path leads from the leaf to the root."""
    node = leaf_hash(leaf)
    for step in path:
        node = _node(step.hash, node) if step.is_left else _node(node, step.hash)
    return node == root


def _hash_all(leaves: Sequence[bytes]) -> list[bytes]:
    if not leaves:
        raise ValueError("a tree has leaves")
    return [leaf_hash(leaf) for leaf in leaves]


def _next_level(level: Sequence[bytes]) -> list[bytes]:
    """Pairs from the left; who is left over goes up as it is."""
    pairs = [_node(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
    return pairs if len(level) % 2 == 0 else [*pairs, level[-1]]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
