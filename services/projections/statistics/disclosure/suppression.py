"""Which cells of a table are hidden: the small ones, and as many others as keep them from being worked out."""

from collections.abc import Iterable, Iterator, Mapping

from services.projections.statistics.disclosure.audit import Knowledge
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
        self.known = Knowledge(table.counts, table.sums)

    def run(self) -> frozenset[Cell]:
        self._close(range(len(self.sums)))
        self.known.hide(self.hidden)
        while derivable := self.known.find_derivable():
            before = frozenset(self.hidden)
            touched: set[Cell] = set()
            for cell in sorted(derivable):
                if cell not in touched:
                    helped = self._hide_beside(cell)
                    if helped is None:
                        return frozenset(self.hidden)
                    touched.update(self._beside(helped))
            self._close(sorted({number for cell in self.hidden - before for number in self.known.equations_of(cell)}))
            self.known.hide(self.hidden - before)
        return frozenset(self.hidden)

    def _close(self, numbers: Iterable[int]) -> None:
        """Sums first, one at a time: it is quick, and leaves little for the equations. `numbers`: those to look at."""
        ahead = list(numbers)
        while ahead:
            sum_ = self.sums[ahead.pop()]
            while self._is_open(sum_) and (cell := self._smallest(sum_.cells)) is not None:
                self.hidden.add(cell)
                ahead += self.known.equations_of(cell)

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
        chosen = self._smallest(self._beside(cell)) or self._smallest(self.counts)
        if chosen is not None:
            self.hidden.add(chosen)
        return chosen

    def _beside(self, cell: Cell) -> Iterator[Cell]:
        """The cells of all sums with the cell."""
        return (other for number in self.known.equations_of(cell) for other in self.sums[number].cells)
