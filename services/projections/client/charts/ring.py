"""Where everything of a chord diagram stands on its ring: angles only, nothing is drawn here."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from services.projections.client.charts.model import Cell, Flow

FULL = 360.0
MOST_PLACES = 20
_GAPS = 0.13
"""Of the ring, so much is left free between the places."""


class Sector(NamedTuple):
    """A place's part of the ring, in degrees counter-clockwise, with what came and went."""

    name: str
    start: float
    end: float
    came: float
    went: float


class Ribbon(NamedTuple):
    """One flow: from a stretch of the ring to another, in degrees."""

    origin: str
    destination: str
    value: float
    leaves: tuple[float, float]
    enters: tuple[float, float]


def gather_small(flows: Sequence[Flow], most: int = MOST_PLACES) -> tuple[tuple[Flow, ...], tuple[str, ...]]:
    """Places beyond `most`, those with the fewest moves, become one; second: their names. Moves among these go."""
    size: dict[str, float] = defaultdict(float)
    for flow in flows:
        size[flow.origin] += flow.cell.value or 0
        size[flow.destination] += flow.cell.value or 0
    if len(size) <= most:
        return tuple(flows), ()
    small = sorted(size, key=lambda name: (-size[name], name))[most - 1 :]
    other = f"{len(small)} other places"
    found: dict[tuple[str, str], float] = defaultdict(float)
    for flow in flows:
        origin = other if flow.origin in small else flow.origin
        destination = other if flow.destination in small else flow.destination
        if origin != destination:
            found[origin, destination] += flow.cell.value or 0
    return tuple(Flow(*ends, Cell(n)) for ends, n in found.items()), tuple(small)


def lay_out(flows: Sequence[Flow]) -> tuple[tuple[Sector, ...], tuple[Ribbon, ...]]:
    """Places in the order in which they come; ribbons leave and enter next to where the other end is."""
    went: dict[tuple[str, str], float] = {
        (flow.origin, flow.destination): flow.cell.value for flow in flows if flow.cell.value
    }
    names = list(dict.fromkeys(name for flow in flows for name in (flow.origin, flow.destination)))
    names = [name for name in names if any(name in ends for ends in went)]
    total = 2 * sum(went.values())
    gap = FULL * _GAPS / max(len(names), 1)
    degree = FULL * (1 - _GAPS) / total if total else 0.0
    sectors: list[Sector] = []
    leaves: dict[tuple[str, str], tuple[float, float]] = {}
    enters: dict[tuple[str, str], tuple[float, float]] = {}
    at = 90.0 + gap / 2
    for index, name in enumerate(names):
        start = at
        # Round the ring from the neighbour behind to the one before: so ribbons cross as little as they can.
        for other in [*reversed(names[:index]), *reversed(names[index + 1 :])]:
            for book, ends in ((leaves, (name, other)), (enters, (other, name))):
                if ends in went:
                    book[ends] = (at, at + went[ends] * degree)
                    at += went[ends] * degree
        came = sum(n for (_, end), n in went.items() if end == name)
        sectors.append(Sector(name, start, at, came, sum(n for (origin, _), n in went.items() if origin == name)))
        at += gap
    ribbons = [Ribbon(*ends, n, leaves[ends], enters[ends]) for ends, n in went.items()]
    return tuple(sectors), tuple(ribbons)
