"""Which cells of an indicator are hidden under a rule: decided once for its whole cube, whatever part of it is asked.

The cube holds the places of the answer with all that add up with them, by sex and age (groups of five and single years)
and by whatever else is asked. So an answer by age, one by sex and their total are cuts of one protected table. Pure.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import prod

from services.kernel.errors import Rejected
from services.projections.api.statistics.families import Family
from services.projections.statistics.disclosure import TOTAL, Dimension, Rule, flat, make_table
from services.projections.statistics.disclosure.publishing import count_of
from services.projections.statistics.disclosure.suppression import choose_hidden
from services.projections.statistics.indicators import FIVE_YEARS, Indicator
from services.projections.statistics.indicators.figure import Figure

CELLS_MAX = 60_000
"""Cells that are held against each other at once: the solver takes a second or two for so many."""
ALWAYS = ("sex", "age")
_LABELS = {"sex": 4, "age": 135}
_LABELS_OF_OTHERS = 20
"""About so many labels, margins and groups among them."""

Hidden = Callable[[Figure], bool]


def breakdowns_of(indicator: Indicator, asked: Collection[str], places: int) -> tuple[str, ...]:
    """The dimensions of an indicator's cube: what is asked for, and sex and age unless places are too many for them."""
    chosen = {name for name in indicator.by if name in asked}
    for name in ALWAYS:
        if name in indicator.by and _size(chosen | {name}, places) <= CELLS_MAX:
            chosen.add(name)
    return tuple(name for name in indicator.by if name in chosen)


def _size(names: Iterable[str], places: int) -> int:
    return places * prod(_LABELS.get(name, _LABELS_OF_OTHERS) for name in names)


def hide(figures: Iterable[Figure], by: Sequence[str], family: Family, rule: Rule) -> Hidden:
    """`figures`: of one period, of all places of the family, by `by` and single years.

    Rejected("too-many-figures") for a cube that is too large.
    """
    counts: dict[tuple[str, ...], int] = {}
    for figure in figures:
        n = count_of(figure.numerator)
        if n is not None:
            counts[figure.place, *(figure.by.get(name, TOTAL) for name in by)] = n
    names = [sorted({cell[at + 1] for cell in counts}) for at in range(len(by))]
    dimensions = [_dimension(name, labels) for name, labels in zip(by, names, strict=True)]
    hidden: set[tuple[str, ...]] = set()
    for places in _trees(family):
        leaves = places.leaves
        _require_small([places, *dimensions])
        table = make_table((places, *dimensions), {cell: n for cell, n in counts.items() if cell[0] in leaves})
        hidden |= choose_hidden(table, rule)
    return lambda figure: (figure.place, *(figure.by.get(name, TOTAL) for name in by)) in hidden


def _dimension(name: str, labels: Sequence[str]) -> Dimension:
    """Ages in groups of five; a label that is no age stands beside the groups."""
    if name != "age":
        return flat(name, tuple(labels))
    groups: dict[str, list[str]] = {}
    for label in labels:
        if label.isdigit():
            groups.setdefault(FIVE_YEARS.label(FIVE_YEARS.of(int(label))), []).append(label)
    others = tuple(label for label in labels if not label.isdigit())
    nested = {group: tuple(ages) for group, ages in groups.items()}
    return Dimension(name, {TOTAL: (*groups, *others), **nested})


def _trees(family: Family) -> list[Dimension]:
    """The places that add up, in one dimension; each that adds up with nothing by itself."""
    bound = {part for parts in family.nested.values() for part in parts} | family.nested.keys()
    alone = [zone.code for zone in family.zones if zone.code not in bound]
    trees = [Dimension("place", {f"only {code}": (code,)}) for code in alone]
    return [Dimension("place", dict(family.nested)), *trees] if family.nested else trees


def _require_small(dimensions: Sequence[Dimension]) -> None:
    if prod(len(each.leaves | each.parts.keys()) for each in dimensions) > CELLS_MAX:
        raise Rejected("too-many-figures")


def require_few(parts: Mapping[str, int]) -> None:
    """Return if a table of so many categories by dimension, margins beside, is not too large."""
    if prod(many + 1 for many in parts.values()) > CELLS_MAX:
        raise Rejected("too-many-figures")
