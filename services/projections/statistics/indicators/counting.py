"""What the library of indicators asks of whatever holds the cells: memory here, tables elsewhere."""

from collections.abc import Mapping
from typing import Protocol

from services.projections.statistics.indicators.spans import Span

Value = str | int | None
Key = tuple[Value, ...]
By = tuple[str, ...]
"""Names of dimensions; a key has one value for each, in their order. None: not stated.

| of | dimensions |
|---|---|
| populations, person-years | area, elsewhere, sex, age (completed), birth-year |
| occurrences | area, registered (area), sex, age, age-at-year-end, order, delay, month (yyyy-mm), days-lived |
| moves | kind, origin, destination, sex, age, age-at-year-end |

`age` is in completed years on the day. Of a birth, the ages are the mother's and the sex is the child's.
"""
Areas = frozenset[str] | None
"""Area codes that are asked for; None: all. Cells without an area are in no area. A move counts for either end."""


class Counts(Protocol):
    """Sums of cells on one map, as known at one time."""

    def population(self, day: int, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        """People of a population at the end of `day`: the sum of the changes up to and with it."""
        ...

    def person_years(self, span: Span, population: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        """Years lived in the period, in `spans.YEAR`ths of a year: days times 732, or times 730 in a leap year.

        So every day is divided by the length of its own calendar year, exactly.
        """
        ...

    def occurrences(self, kind: str, span: Span, by: By, areas: Areas = None) -> Mapping[Key, int]:
        """Vital events that happened in the period, at the area, or at the area of registration if `by` names that."""
        ...

    def moves(self, span: Span, track: str, by: By, areas: Areas = None) -> Mapping[Key, int]:
        """Changes of the place of usual residence or of registration in the period."""
        ...
