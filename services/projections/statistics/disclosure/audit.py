"""Which hidden cells follow from the rest: the sums of a table solved as linear equations, zeros taken as known.

A hidden cell is safe when the other hidden ones can give and take: when some change of positive hidden cells keeps
every sum and changes it. Zeros can only take; so the attacker is granted all of them, and each is looked at by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from services.projections.statistics.disclosure.tables import Cell, Sum

_PRIME = 2**61 - 1
"""Modulo a large prime, coefficients stay small; that a rank differs there is possible and as good as never true."""
_Row = dict[Cell, int]
Equation = Mapping[Cell, int]
"""Cells with a factor each, of which the sum is known."""


def find_derivable(
    hidden: Iterable[Cell], counts: Mapping[Cell, int], sums: Iterable[Sum], more: Iterable[Equation] = ()
) -> set[Cell]:
    """Hidden cells that have one possible value only. `more`: what else is known of them, beside the sums."""
    wanted = set(hidden)
    rows = [row for sum_ in sums if (row := _row(sum_, wanted))]
    rows += [row for each in more if (row := {cell: sign % _PRIME for cell, sign in each.items() if cell in wanted})]
    positive = sorted(cell for cell in wanted if counts[cell] > 0)
    rows, pivots = _reduce(rows, positive)
    found = {
        pivot for pivot, row in pivots.items() if not any(cell != pivot and counts[cell] > 0 for cell in rows[row])
    }
    used = set(pivots.values())
    for number, row in enumerate(rows):
        if number not in used:
            found.update(row)
    return found


def _row(sum_: Sum, hidden: set[Cell]) -> _Row:
    row = {part: 1 for part in sum_.parts if part in hidden}
    if sum_.whole in hidden:
        row[sum_.whole] = _PRIME - 1
    return row


def _reduce(rows: list[_Row], columns: list[Cell]) -> tuple[list[_Row], dict[Cell, int]]:
    """Gauss and Jordan over the given columns; column → the row that it leads. Rows and columns are mostly empty."""
    holders: dict[Cell, set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for cell in row:
            holders[cell].add(number)
    pivots: dict[Cell, int] = {}
    used: set[int] = set()
    for column in columns:
        free = holders[column] - used
        if not free:
            continue
        leader = min(free, key=lambda number: (len(rows[number]), number))
        inverse = pow(rows[leader][column], -1, _PRIME)
        rows[leader] = {cell: factor * inverse % _PRIME for cell, factor in rows[leader].items()}
        pivots[column] = leader
        used.add(leader)
        for number in holders[column] - {leader}:
            _subtract(rows[number], rows[leader], rows[number][column], number, holders)
    return rows, pivots


def _subtract(row: _Row, leader: _Row, factor: int, number: int, holders: dict[Cell, set[int]]) -> None:
    for cell, value in leader.items():
        left = (row.get(cell, 0) - factor * value) % _PRIME
        if left:
            row[cell] = left
            holders[cell].add(number)
        elif cell in row:
            del row[cell]
            holders[cell].discard(number)
