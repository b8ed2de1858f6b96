"""Which breakdowns of which areas are published, so that no sum of published figures tells a small count.

The rule is per breakdown and area, not per cell: a breakdown of an area is published whole or not at all. It is
published when each of its cells is 0 or comes to the threshold, when the breakdowns that are sums of it are published
there, and when that of the area above is. Of what then lies between an area and those of its parts that are published,
the rest, every cell must be 0 or come to the threshold too; until it does, the smallest part is held back with it.

Why it holds: from sums and differences of published figures nobody gets more than the rests and the innermost
published areas, of which all published areas are sums; each of their cells is 0 or large enough. Where an area shows a
coarse breakdown and only its rest a fine one, the fine one of the area lies between bounds of a table with two margins
(Fréchet); these meet only where a cell is 0 or equals a margin, which is large enough. Rounding takes more away.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.projections.statistics.disclosure.rules import Rule

Vector = Sequence[int]
"""One breakdown of one area: a count for each category, always all of them."""


@dataclass(frozen=True, slots=True)
class Tree:
    """Areas in areas. Counts of an area hold those of all that lies in it; some may lie in none of its parts."""

    root: str
    parts: Mapping[str, tuple[str, ...]]

    def walk(self) -> Iterator[str]:
        """Every area after the one that it lies in."""
        ahead = [self.root]
        while ahead:
            area = ahead.pop()
            yield area
            ahead.extend(reversed(self.parts.get(area, ())))


def choose_shown(
    tree: Tree, cells: Mapping[str, Vector], rule: Rule | None, allowed: Collection[str] | None = None
) -> frozenset[str]:
    """The areas whose breakdown is published. `cells`: of every area of the tree. `allowed`: where the breakdowns that
    are sums of this one are all published; None: this is the coarsest. Without a rule everything is.
    """
    if rule is None:
        return frozenset(tree.walk())
    if not _may(tree.root, cells, rule, allowed):
        return frozenset()
    shown = {tree.root}
    for area in tree.walk():
        if area in shown:
            shown.update(_choose_parts(area, tree.parts.get(area, ()), cells, rule, allowed))
    return frozenset(shown)


def _choose_parts(
    area: str, parts: Sequence[str], cells: Mapping[str, Vector], rule: Rule, allowed: Collection[str] | None
) -> list[str]:
    """Of the parts of a published area those that are published; the rest of the area is large enough then."""
    chosen = sorted((p for p in parts if _may(p, cells, rule, allowed)), key=lambda p: (-sum(cells[p]), p))
    rest = list(cells[area])
    for part in chosen:
        rest = [left - n for left, n in zip(rest, cells[part], strict=True)]
    while chosen and not passes(rest, rule):
        rest = [left + n for left, n in zip(rest, cells[chosen.pop()], strict=True)]
    return chosen


def _may(area: str, cells: Mapping[str, Vector], rule: Rule, allowed: Collection[str] | None) -> bool:
    return (allowed is None or area in allowed) and passes(cells[area], rule)


def passes(cells: Vector, rule: Rule) -> bool:
    """Whether nobody or enough are in each. A negative count is a contradiction, and held back."""
    nobody = rule.zeros == "shown"
    return all(n >= rule.threshold or (n == 0 and nobody) for n in cells)
