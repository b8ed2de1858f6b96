"""The cells of the statistics: what a life adds 1 to. Sums of cells are all that indicators are computed from.

Days are counted from 1970-01-01, areas are codes, sex is male, female, other, unknown or None, as in the register.
Births, deaths and moves are read off the same episodes of residence as the changes of the population, so that the
balancing equation holds by construction. `n` may be negative where cells are differences.
"""

from typing import NamedTuple


class Change(NamedTuple):
    """A population grows or shrinks at the start of `day`: present from that day on +1, gone from that day on -1."""

    population: str
    """usual, registered, temporary, inflow (lives here, registered elsewhere) or outflow (the other way)."""
    area: str
    elsewhere: str | None
    """The other place of inflow and outflow, a region or a country; else None."""
    sex: str | None
    born: int | None
    day: int
    n: int


class Occurrence(NamedTuple):
    """Vital events, each counted once."""

    kind: str
    """birth, stillbirth, death, marriage or divorce."""
    area: str | None
    day: int
    sex: str | None
    """Of a birth: the child's."""
    born: int | None
    """Of a birth: the mother's birth day; of a death: the deceased's; of a marriage or divorce: None."""
    order: int | None
    """Of a birth: the mother's how manieth."""
    delay: int | None
    """Days from the occurrence to its registration."""
    n: int


class Move(NamedTuple):
    """Changes of place, each counted once."""

    kind: str
    """internal (between areas of this region), in (from elsewhere) or out (to elsewhere)."""
    track: str
    """usual or registered: which of the two places changed."""
    origin: str | None
    destination: str | None
    """Area codes; elsewhere is `region:x`, `country:y` or `unknown`."""
    day: int
    sex: str | None
    born: int | None
    n: int
