"""Cells added up by what they are about."""

from collections import Counter
from collections.abc import Iterable

from services.projections.statistics.cells import Cell


def add_up(cells: Iterable[Cell]) -> Counter[tuple[object, ...]]:
    """How much each key has; keys that cancel are left out."""
    sums: Counter[tuple[object, ...]] = Counter()
    for cell in cells:
        sums[(type(cell).__name__, *cell[:-1])] += cell.n
    return Counter({key: n for key, n in sums.items() if n})
