"""What is counted. A cell is a key, all fields but the last, and `n`, how much it adds to it; cells of one key add up.

Days are counted from 1970-01-01. Inexact days stand at the middle of their period, as lives have them. `born` is a
birth day. A place is the code of an area of this region, or `region:…`, `country:…` or `unknown`.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple, TypeVar

USUAL: Final = "usual"
"""Everybody who lives in the area: the population of record."""
REGISTERED: Final = "registered"
"""Everybody who is registered in the area, wherever they live."""
TEMPORARY: Final = "temporary"
"""Those of the usual residents whose residence is temporary."""
INFLOW: Final = "inflow"
"""Those of the usual residents who are registered elsewhere: another area, region or country, or nobody knows where."""
OUTFLOW: Final = "outflow"
"""Those registered in the area who live elsewhere, or nobody knows where."""
POPULATIONS: Final = (USUAL, REGISTERED, TEMPORARY, INFLOW, OUTFLOW)

BIRTH, STILLBIRTH, DEATH = "birth", "stillbirth", "death"
MARRIAGE, DIVORCE = "marriage", "divorce"
PARTNERSHIP, DISSOLUTION = "partnership", "dissolution"
"""A registered partnership and its end: counted apart from marriages and divorces."""

INTERNAL, IN, OUT = "internal", "in", "out"
FOUND: Final = "found"
"""Somebody was taken into the register who lived there before (an enumeration, a confirmation): nobody moved."""

ARRIVAL, OTHER = "arrival", "other"
"""Causes of a crossing, beside birth and death."""

UNKNOWN_PLACE: Final = "unknown"


def is_area(place: str | None) -> bool:
    """Whether a place is an area of this region."""
    return place is not None and place != UNKNOWN_PLACE and ":" not in place


class Change(NamedTuple):
    """A population changes at the start of `day`: who is there from that day on adds 1, who is gone from it takes 1.

    `elsewhere`: of inflow where they are registered, of outflow where they live. In every area, at every day, usual
    less inflow is registered less outflow.
    """

    population: str
    area: str
    elsewhere: str | None
    sex: str | None
    born: int | None
    day: int
    n: int


class Crossing(NamedTuple):
    """Somebody passed from one state into another at the start of `day`: all that a boundary of a life's episodes says
    of populations and moves. Changes and moves are read off it (`expanding`); tables keep it.

    A state is where somebody lives, where they are registered, and whether they live there for a time only; both
    places are null before a birth and after a death. `cause`: birth, death, arrival or other.
    """

    cause: str
    from_lives: str | None
    from_registered: str | None
    from_temporary: bool
    lives: str | None
    registered: str | None
    temporary: bool
    day: int
    sex: str | None
    born: int | None
    n: int


class Occurrence(NamedTuple):
    """A vital event, counted once.

    `area`: of a birth where the mother lives, of a death where the deceased lived, of a union where its first person
    did; null if that is not in this region or not known. `registered`: the area where the child or the deceased is
    registered. Of births, `sex` is the child's, `born` the mother's birth day, `order` which child of hers it is; of
    deaths `sex` and `born` are those of the deceased. `delay`: days from the event to its registration, in UTC; null
    if its day is not known.
    """

    kind: str
    area: str | None
    day: int
    sex: str | None
    born: int | None
    order: int | None
    delay: int | None
    registered: str | None
    n: int


class Move(NamedTuple):
    """Somebody moved, on one of the tracks: `usual` (where people live) or `registered`.

    `internal`: between two areas; `in`, `out`: from or to elsewhere; `found`: see `FOUND`, the origin is null.
    """

    kind: str
    track: str
    origin: str | None
    destination: str | None
    day: int
    sex: str | None
    born: int | None
    n: int


Cell = Change | Occurrence | Move
Line = Crossing | Occurrence
"""What lives are kept as for counting: a crossing says what several cells do."""


Countable = TypeVar("Countable", Cell, Line)


def add_up(cells: Iterable[Countable]) -> Counter[Countable]:
    """How much there is of each, which stands with `n` 1. What cancels is left out."""
    sums: Counter[Countable] = Counter()
    for cell in cells:
        n = cell.n
        sums[cell if n == 1 else cell._replace(n=1)] += n
    return Counter({cell: n for cell, n in sums.items() if n})
