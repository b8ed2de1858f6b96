"""Somebody who holds the published table, knows the rule, and wants what is hidden. Shares no code with the defence."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from services.projections.statistics.disclosure import PublishedTable, Table
from services.projections.statistics.disclosure.tables import Cell

Bounds = dict[Cell, tuple[int, int]]


def solve(table: Table, published: PublishedTable) -> dict[Cell, Fraction]:
    """Hidden cells that the sums determine, by elimination with fractions."""
    hidden = sorted(cell for cell, n in published.cells.items() if n is None)
    rows: list[list[Fraction]] = []
    for whole, parts in table.sums:
        row = [Fraction(0)] * (len(hidden) + 1)
        for cell, sign in [(whole, -1), *((part, 1) for part in parts)]:
            shown = published.cells[cell]
            if shown is None:
                row[hidden.index(cell)] += sign
            else:
                row[-1] -= sign * shown
        rows.append(row)
    done = 0
    for column in range(len(hidden)):
        lead = next((number for number in range(done, len(rows)) if rows[number][column]), None)
        if lead is None:
            continue
        rows[done], rows[lead] = rows[lead], rows[done]
        rows[done] = [value / rows[done][column] for value in rows[done]]
        for number, row in enumerate(rows):
            if number != done and (factor := row[column]):
                rows[number] = [value - factor * above for value, above in zip(row, rows[done], strict=True)]
        done += 1
    found: dict[Cell, Fraction] = {}
    for row in rows:
        named = [column for column in range(len(hidden)) if row[column]]
        if len(named) == 1:
            found[hidden[named[0]]] = row[-1] / row[named[0]]
    return found


def narrow(table: Table, published: PublishedTable, most: int) -> Bounds:
    """From 0 to `most`, drawn together by every sum until nothing moves: nobody is counted less than never."""
    bounds: Bounds = {cell: (0, most) if n is None else (n, n) for cell, n in published.cells.items()}
    moved = True
    while moved:
        moved = False
        for whole, parts in table.sums:
            low, high = sum(bounds[part][0] for part in parts), sum(bounds[part][1] for part in parts)
            moved |= _tighten(bounds, whole, low, high)
            for part in parts:
                own = bounds[part]
                least = bounds[whole][0] - (high - own[1])
                moved |= _tighten(bounds, part, least, bounds[whole][1] - (low - own[0]))
                low, high = low - own[0] + bounds[part][0], high - own[1] + bounds[part][1]
    return bounds


def _tighten(bounds: Bounds, cell: Cell, low: int, high: int) -> bool:
    before = bounds[cell]
    bounds[cell] = (max(before[0], low), min(before[1], high))
    return bounds[cell] != before


def possible(table: Table, published: PublishedTable, most: int) -> dict[Cell, set[int]]:
    """Every value that each cell has in some table of whole numbers that fits: for small tables only."""
    leaves = [cell for cell in table.counts if all(cell != whole for whole, _ in table.sums)]
    found: dict[Cell, set[int]] = {cell: set() for cell in table.counts}
    for fitting in _fitting(table, published.cells, leaves, narrow(table, published, most)):
        for cell, n in fitting.items():
            found[cell].add(n)
        if all(len(found[cell]) > 1 for cell, n in published.cells.items() if n is None):
            break
    return found


def _fitting(
    table: Table, shown: Mapping[Cell, int | None], leaves: list[Cell], bounds: Bounds
) -> Iterator[dict[Cell, int]]:
    if any(low > high for low, high in bounds.values()):
        return
    open_ = [leaf for leaf in leaves if bounds[leaf][0] < bounds[leaf][1]]
    if not open_:
        if all(low == high for low, high in bounds.values()):
            yield {cell: low for cell, (low, _) in bounds.items()}
        return
    chosen = min(open_, key=lambda cell: bounds[cell][1] - bounds[cell][0])
    for n in range(bounds[chosen][0], bounds[chosen][1] + 1):
        guess = PublishedTable({**shown, chosen: n}, "")
        fixed = {**{cell: low for cell, (low, high) in bounds.items() if low == high}, chosen: n}
        guess = PublishedTable({cell: fixed.get(cell, value) for cell, value in guess.cells.items()}, "")
        yield from _fitting(table, guess.cells, leaves, narrow(table, guess, max(high for _, high in bounds.values())))
