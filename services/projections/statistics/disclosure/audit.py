"""Which hidden cells follow from the rest: the sums of a table solved as linear equations, zeros taken as known.

A hidden cell is safe when the other hidden ones can give and take: when some change of positive hidden cells keeps
every sum and changes it. Zeros can only take; so the attacker is granted all of them, and each is looked at by itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from services.projections.statistics.disclosure.tables import Cell, Sum

_PRIME = 2**61 - 1
"""Modulo a large prime, coefficients stay small; that a rank differs there is possible and as good as never true."""
_Row = dict[Cell, int]
Equation = Mapping[Cell, int]
"""Cells with a factor each, of which the sum is known."""


def find_derivable(
    hidden: Collection[Cell], counts: Mapping[Cell, int], sums: Iterable[Sum], more: Iterable[Equation] = ()
) -> set[Cell]:
    """Hidden cells that have one possible value only. `more`: what else is known of them, beside the sums."""
    known = Knowledge(counts, sums, more)
    known.hide(hidden)
    return known.find_derivable()


class Knowledge:
    """What anybody knows of hidden cells. The equations are kept solved, so that hiding one more costs little."""

    def __init__(self, counts: Mapping[Cell, int], sums: Iterable[Sum], more: Iterable[Equation] = ()) -> None:
        self._counts = counts
        self._factors: dict[Cell, list[tuple[int, int]]] = defaultdict(list)
        """Of each cell in the equations as they were at first: number of the equation, and factor there."""
        listed = tuple(sums)
        for number, (whole, parts) in enumerate(listed):
            self._factors[whole].append((number, _PRIME - 1))
            for part in parts:
                self._factors[part].append((number, 1))
        for number, equation in enumerate(more, len(listed)):
            for cell, factor in equation.items():
                self._factors[cell].append((number, factor % _PRIME))
        self._rows: dict[int, _Row] = defaultdict(dict)
        """The equations of hidden cells as they are now, Gauss and Jordan having been at them. Mostly empty."""
        self._holders: dict[Cell, set[int]] = defaultdict(set)
        self._steps: list[tuple[int, int, int]] = []
        """Row, the row that was taken from it, and how often; a row taken from itself was multiplied."""
        self._leads: dict[int, Cell] = {}

    def equations_of(self, cell: Cell) -> list[int]:
        """Numbers of the equations in which a cell stands: of the sums first, in their order."""
        return [number for number, _ in self._factors[cell]]

    def hide(self, cells: Iterable[Cell]) -> None:
        """Cells that were shown until now are not known any more."""
        new = list(cells)
        for number, row in self._brought_up(new).items():
            self._rows[number].update(row)
            for cell in row:
                self._holders[cell].add(number)
        # Cells of few equations first: they leave the others as empty as they are.
        columns = (cell for cell in new if self._counts[cell] > 0)
        for column in sorted(columns, key=lambda cell: (len(self._holders[cell]), cell)):
            self._solve_for(column)

    def find_derivable(self) -> set[Cell]:
        """Hidden cells that have one possible value only."""
        found: set[Cell] = set()
        for number, row in self._rows.items():
            lead = self._leads.get(number)
            if lead is None:
                found.update(row)
            elif not any(cell != lead and self._counts[cell] > 0 for cell in row):
                found.add(lead)
        return found

    def _brought_up(self, cells: Iterable[Cell]) -> dict[int, _Row]:
        """The factors of new cells in the equations as they are now: all steps taken with them too."""
        fresh: dict[int, _Row] = defaultdict(dict)
        for cell in cells:
            for number, factor in self._factors[cell]:
                fresh[number][cell] = factor
        for number, leader, factor in self._steps:
            taken = fresh.get(leader)
            if not taken:
                continue
            if number == leader:
                fresh[number] = {cell: value * factor % _PRIME for cell, value in taken.items()}
            else:
                _subtract(fresh[number], taken, factor)
        return fresh

    def _solve_for(self, column: Cell) -> None:
        """Have the column in one row only, if a row is free for it."""
        free = [number for number in self._holders[column] if number not in self._leads]
        if not free:
            return
        rows = self._rows
        leader = min(free, key=lambda number: (len(rows[number]), number))
        inverse = pow(rows[leader][column], -1, _PRIME)
        if inverse != 1:
            self._steps.append((leader, leader, inverse))
            rows[leader] = {cell: factor * inverse % _PRIME for cell, factor in rows[leader].items()}
        self._leads[leader] = column
        for number in self._holders[column] - {leader}:
            factor = rows[number][column]
            self._steps.append((number, leader, factor))
            came, went = _subtract(rows[number], rows[leader], factor)
            for cell in came:
                self._holders[cell].add(number)
            for cell in went:
                self._holders[cell].discard(number)


def _subtract(row: _Row, leader: _Row, factor: int) -> tuple[list[Cell], list[Cell]]:
    """Take a multiple of a row from another. The cells that came into it, and those that went."""
    came, went = [], []
    for cell, value in leader.items():
        had = row.get(cell)
        if had is None:
            row[cell] = -factor * value % _PRIME
            came.append(cell)
        elif left := (had - factor * value) % _PRIME:
            row[cell] = left
        else:
            del row[cell]
            went.append(cell)
    return came, went
