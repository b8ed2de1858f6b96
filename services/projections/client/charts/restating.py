"""Figures that a later vintage says otherwise: marked on the earlier line, since such differences are small."""

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes

from services.projections.client.charts import ink
from services.projections.client.charts.model import Line
from services.projections.client.charts.numbers import tell
from services.projections.client.charts.sheet import TICK_PT

_MOST_TOLD = 4


class Restated(NamedTuple):
    """A figure as it was known then, and as it is known by the newest line of the same series."""

    x: float
    then: float
    now: float


def find_restated(lines: Sequence[Line]) -> tuple[Restated, ...]:
    """Every figure of an earlier vintage that differs from the newest one."""
    newest = {line.series: {point.x: point.cell.value for point in line.points} for line in lines if not line.faded}
    found = []
    for line in lines:
        for point in line.points if line.faded else ():
            now = newest.get(line.series, {}).get(point.x)
            if now is not None and point.cell.value is not None and now != point.cell.value:
                found.append(Restated(point.x, point.cell.value, now))
    return tuple(found)


def mark_restated(axes: Axes, lines: Sequence[Line], decimals: int) -> None:
    """An open circle at each; a few are told in numbers as well."""
    found = find_restated(lines)
    for each in found:
        axes.plot(
            [each.x], [each.then], "o", markersize=5.5, markerfacecolor=ink.PAPER, markeredgecolor=ink.SOFT, zorder=50,
            gid="restated",
        )  # fmt: skip
    for each in found if len(found) <= _MOST_TOLD else ():
        above = _is_high(each.x, lines)
        words = f"{tell(each.then, decimals)} \N{RIGHTWARDS ARROW} {tell(each.now, decimals)}"
        axes.annotate(
            words, (each.x, (max if above else min)(each.then, each.now)),
            xytext=(0, 7 if above else -7), textcoords="offset points", ha="center", va="bottom" if above else "top",
            fontsize=TICK_PT - 1, color=ink.SOFT, zorder=51,
            bbox={"facecolor": ink.PAPER, "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
        )  # fmt: skip


def _is_high(x: float, lines: Sequence[Line]) -> bool:
    """Whether the newest line lies lower to both sides of it, taken together: above it there is room to write."""
    known = [(p.x, p.cell.value) for line in lines if not line.faded for p in line.points if p.cell.value is not None]
    here = [value for at, value in known if at == x]
    before = max((point for point in known if point[0] < x), default=None)
    after = min((point for point in known if point[0] > x), default=None)
    beside = [point[1] for point in (before, after) if point is not None]
    return bool(here and beside) and here[0] >= sum(beside) / len(beside)
