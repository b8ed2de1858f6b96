"""Which cells of a table are hidden: the small ones, and as many others as keep them from being worked out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from services.projections.statistics.disclosure.audit import find_derivable
from services.projections.statistics.disclosure.rules import Rule
from services.projections.statistics.disclosure.tables import Cell, Sum, Table


def choose_hidden(table: Table, rule: Rule, also: Iterable[Cell] = ()) -> frozenset[Cell]:
    """`also` are cells to hide whatever their count. Nothing in the answer tells why a cell is hidden.

    In every sum the hidden parts come to the threshold at least, and no hidden cell follows from all sums together.
    """
    return _Hiding(table, rule, also).run()


class _Hiding:
    def __init__(self, table: Table, rule: Rule, also: Iterable[Cell]) -> None:
        self.counts: Mapping[Cell, int] = table.counts
        self.sums = table.sums
        self.rule = rule
        self.hidden = {cell for cell, n in table.counts.items() if rule.is_small(n)} | set(also)
        self.of_cell: dict[Cell, list[Sum]] = defaultdict(list)
        for sum_ in table.sums:
            for cell in sum_.cells:
                self.of_cell[cell].append(sum_)

    def run(self) -> frozenset[Cell]:
        while True:
            self._close_sums()
            derivable = find_derivable(self.hidden, self.counts, self.sums)
            if not derivable:
                return frozenset(self.hidden)
            touched: set[Cell] = set()
            for cell in sorted(derivable):
                if cell not in touched:
                    helped = self._hide_beside(cell)
                    if helped is None:
                        return frozenset(self.hidden)
                    touched.update(other for sum_ in self.of_cell[helped] for other in sum_.cells)

    def _close_sums(self) -> None:
        """Sums first, one at a time: it is quick, and leaves little for the equations."""
        ahead = list(self.sums)
        while ahead:
            sum_ = ahead.pop()
            while self._is_open(sum_) and (cell := self._smallest(sum_.cells)) is not None:
                self.hidden.add(cell)
                ahead += self.of_cell[cell]

    def _is_open(self, sum_: Sum) -> bool:
        parts = [part for part in sum_.parts if part in self.hidden]
        if sum_.whole in self.hidden:
            return not parts
        return len(parts) == 1 or (bool(parts) and sum(self.counts[part] for part in parts) < self.rule.threshold)

    def _smallest(self, cells: Iterable[Cell]) -> Cell | None:
        """A zero would not help; a total is never smaller than its parts, and so goes last."""
        shown = [cell for cell in cells if cell not in self.hidden and self.counts[cell] > 0]
        return min(shown, key=lambda cell: (self.counts[cell], cell), default=None)

    def _hide_beside(self, cell: Cell) -> Cell | None:
        """In a sum with the cell, else anywhere; None when everything that is not zero is hidden."""
        beside = [other for sum_ in self.of_cell[cell] for other in sum_.cells]
        chosen = self._smallest(beside) or self._smallest(self.counts)
        if chosen is not None:
            self.hidden.add(chosen)
        return chosen
