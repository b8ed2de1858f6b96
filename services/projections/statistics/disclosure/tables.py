"""Tables with their margins, as sums that anybody who holds the table can do."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

Cell = tuple[str, ...]
TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Dimension:
    """Categories, and which of them are put together: parent → children. Areas nest as deep as they like."""

    name: str
    parts: Mapping[str, tuple[str, ...]]

    @property
    def leaves(self) -> frozenset[str]:
        return frozenset(child for children in self.parts.values() for child in children) - self.parts.keys()

    def above(self, leaf: str) -> Iterator[str]:
        """The category itself and everything that it is part of. A category may be part of several."""
        seen, ahead = {leaf}, [leaf]
        while ahead:
            category = ahead.pop()
            yield category
            for parent, children in self.parts.items():
                if category in children and parent not in seen:
                    seen.add(parent)
                    ahead.append(parent)


def flat(name: str, categories: tuple[str, ...]) -> Dimension:
    """One level, and its total."""
    return Dimension(name, {TOTAL: categories})


class Sum(NamedTuple):
    """`whole` is the sum of `parts`."""

    whole: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        return (self.whole, *self.parts)


@dataclass(frozen=True, slots=True)
class Table:
    """Every cell of every combination of categories, margins included, and the sums that bind them."""

    dimensions: tuple[Dimension, ...]
    counts: Mapping[Cell, int]
    sums: tuple[Sum, ...]


def make_table(dimensions: tuple[Dimension, ...], counts: Mapping[Cell, int]) -> Table:
    """From the innermost cells; those that are not named are 0. Raises KeyError on a category that is not declared."""
    found: dict[Cell, int] = defaultdict(int)
    above = [{leaf: tuple(dimension.above(leaf)) for leaf in dimension.leaves} for dimension in dimensions]
    for cell, n in counts.items():
        lines = []
        for dimension, known, category in zip(dimensions, above, cell, strict=True):
            if category not in known:
                raise KeyError(f"{category} is no category of {dimension.name}")
            lines.append(known[category])
        for place in product(*lines):
            found[place] += n
    everything = [sorted(dimension.leaves | dimension.parts.keys()) for dimension in dimensions]
    whole = {cell: found.get(cell, 0) for cell in product(*everything)}
    return Table(dimensions, whole, tuple(_sums(dimensions, everything)))


def _sums(dimensions: tuple[Dimension, ...], everything: list[list[str]]) -> Iterator[Sum]:
    for at, dimension in enumerate(dimensions):
        others = [categories for index, categories in enumerate(everything) if index != at]
        for rest in product(*others):
            for parent, children in dimension.parts.items():
                parts = tuple((*rest[:at], child, *rest[at:]) for child in children)
                yield Sum((*rest[:at], parent, *rest[at:]), parts)
