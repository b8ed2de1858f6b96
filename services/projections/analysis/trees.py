"""The areas of one day as a tree: the map of that day, and besides it the areas to which something is still counted."""

from collections.abc import Iterable, Mapping
from typing import Final

from services.projections.analysis.protecting import Tree
from services.projections.geography.atlas import Atlas

REGION: Final = "region"
"""The whole region, above all areas of the map."""


def make_tree(atlas: Atlas, day: int, counted: Iterable[str]) -> Tree:
    """`counted`: areas with counts. One that is not on the map of the day lies where it lay last, or will first."""
    parents: dict[str, str] = {}
    ahead = sorted({*counted, *atlas.areas_at(day)})
    while ahead:
        area = ahead.pop()
        if area in parents:
            continue
        parents[area] = _find_parent(atlas, area, day) or REGION
        if parents[area] != REGION:
            ahead.append(parents[area])
    _cut_circles(parents)
    parts: dict[str, list[str]] = {}
    for area, parent in sorted(parents.items()):
        parts.setdefault(parent, []).append(area)
    return Tree(REGION, {area: tuple(found) for area, found in parts.items()})


def find_line(tree: Tree) -> Mapping[str, tuple[str, ...]]:
    """Area → itself and everything that it lies in, up to the region."""
    lines: dict[str, tuple[str, ...]] = {tree.root: (tree.root,)}
    for area in tree.walk():
        for part in tree.parts.get(area, ()):
            lines[part] = (part, *lines[area])
    return lines


def cut_across(tree: Tree, most: int) -> dict[str, str]:
    """The finest level with at most so many areas: every area below it → the one of the level that it lies in.

    Areas above the level are in none of it. Empty if the first level has more areas already.
    """
    found: dict[str, str] = {}
    level = tree.parts.get(tree.root, ())
    while level and len(level) <= most:
        found = {inner: area for area in level for inner in Tree(area, tree.parts).walk()}
        finer = tuple(part for area in level for part in tree.parts.get(area, (area,)))
        if finer == level:
            break
        level = finer
    return found


def _find_parent(atlas: Atlas, area: str, day: int) -> str | None:
    line = atlas.line(area, day)
    if line:
        return line[1] if len(line) > 1 else None
    own = atlas.by_area.get(area, ())
    if not own:
        return None
    former = [version for version in own if version.valid_from <= day]
    return (former[-1] if former else own[0]).parent


def _cut_circles(parents: dict[str, str]) -> None:
    """Areas of different days may lie in one another; the first met twice then lies in the region."""
    for area in sorted(parents):
        seen, at = {area}, parents[area]
        while at != REGION:
            if at in seen:
                parents[area] = REGION
                break
            seen.add(at)
            at = parents.get(at, REGION)
