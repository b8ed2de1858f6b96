"""Moves between areas of one level, and what goes into the balance of each: in from outside it, and out of it."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from services.projections.analysis.breakdowns import round_to
from services.projections.analysis.protecting import Tree
from services.projections.analysis.sums import Move
from services.projections.analysis.trees import REGION, cut_across
from services.projections.statistics.cells import FOUND, is_area
from services.projections.statistics.disclosure.audit import Equation, find_derivable
from services.projections.statistics.disclosure.rules import Rule
from services.projections.statistics.disclosure.suppression import choose_hidden
from services.projections.statistics.disclosure.tables import TOTAL, Cell, Table, flat, make_table

OUTSIDE: Final = "outside"
"""Everywhere else than this region, and where nobody knows."""
OTHER: Final = "other"
"""Areas of the region that are in none of the level."""
AREAS_MAX: Final = 40
"""Of a level that is published pair by pair; with more, the level above is. The equations grow with the square."""

_NET: Final = "net"
IN, OUT = "moved_in", "moved_out"
Balance = Mapping[str, int | None]
FindBalance = Callable[[str], Balance]
"""Area → the other parts of its balancing equation, by name; None: held back."""


class Flows(NamedTuple):
    """(origin, destination) → moves; area → moves in and out. None: held back."""

    pairs: dict[tuple[str, str], int | None]
    margins: dict[str, dict[str, int | None]]


def publish_flows(tree: Tree, moves: Iterable[Move], find_balance: FindBalance, rule: Rule | None) -> Flows:
    """Pairs that nobody could go between (an area and itself) are left out."""
    level = cut_across(tree, AREAS_MAX)
    names = (*sorted(set(level.values())), OTHER, OUTSIDE)
    table = make_table((flat("origin", names), flat("destination", names)), _count(moves, level))
    cells = {area: {IN: (TOTAL, area), OUT: (area, TOTAL)} for area in names[:-2]}
    cells[REGION] = {IN: (OUTSIDE, TOTAL), OUT: (TOTAL, OUTSIDE)}
    hidden: Container[Cell] = ()
    if rule is not None:
        hidden = _hide(table, *_find_equations(tree, level, names, find_balance), rule=rule)

    def shown(cell: Cell) -> int | None:
        return None if cell in hidden else round_to(table.counts[cell], rule)

    pairs = {(a, b): shown((a, b)) for a in names for b in names if a != b}
    return Flows(pairs, {area: {name: shown(cell) for name, cell in own.items()} for area, own in cells.items()})


def _count(moves: Iterable[Move], level: Mapping[str, str]) -> dict[Cell, int]:
    found: dict[Cell, int] = defaultdict(int)
    for kind, origin, destination, _, n in moves:
        pair = _name(origin, level), _name(destination, level)
        if kind != FOUND and pair[0] != pair[1]:
            found[pair] += n
    return found


def _name(place: str | None, level: Mapping[str, str]) -> str:
    if not is_area(place):
        return OUTSIDE
    return level.get(place or "", OTHER)


def _find_equations(
    tree: Tree, level: Mapping[str, str], names: Sequence[str], find_balance: FindBalance
) -> tuple[list[Equation], set[Cell]]:
    """In less out of every area of the level or above it follows where all else of its balance is published; where
    something else of it is held back, in less out is a cell to be kept unknown too, for it would tell that.
    """
    found: list[Equation] = []
    nets: set[Cell] = set()
    for area in tree.walk():
        own = {level[inner] for inner in Tree(area, tree.parts).walk() if inner in level}
        if not own or level.get(area, area) != area:
            continue
        known = all(n is not None for n in find_balance(area).values())
        # What lies in an area above the level and in none of the level may be in it or not: both is held against it.
        for inside in (own, own | {OTHER}) if area not in level else (own,):
            equation: dict[Cell, int] = {(a, b): 1 for a in names if a not in inside for b in inside}
            equation.update({(b, a): -1 for a, b in list(equation)})
            if not known:
                nets.add(net := (_NET, area, *sorted(inside)))
                equation[net] = -1
            found.append(equation)
    return found, nets


def _hide(table: Table, equations: Sequence[Equation], nets: set[Cell], *, rule: Rule) -> Container[Cell]:
    """Until neither the sums of the table nor balances tell a cell that is hidden; if they would always, all."""
    also: set[Cell] = set()
    counts = {**table.counts, **dict.fromkeys(nets, 1)}
    while True:
        hidden = choose_hidden(table, rule, also)
        told = find_derivable(hidden | nets, counts, table.sums, equations)
        if not told:
            return hidden
        shown = [cell for cell, n in table.counts.items() if n > 0 and cell not in hidden]
        if not shown:
            return table.counts.keys()
        near = [cell for cell in shown if any(set(cell) & set(each) - {TOTAL} for each in told)]
        also = set(hidden) | {min(near or shown, key=lambda cell: (table.counts[cell], cell))}
