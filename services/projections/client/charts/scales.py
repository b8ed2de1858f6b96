"""The scales of lines: years, months or ages along, figures up."""

from collections.abc import Sequence
from datetime import date

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from services.projections.client.charts import ink
from services.projections.client.charts.model import Lines, year_of
from services.projections.client.charts.numbers import decimals_of_step, tell
from services.projections.client.charts.sheet import TICK_PT

_MOST_TICKS = 9
_NEAR_ZERO = 0.45
"""A scale begins at 0 where the lowest value is less than this share of the highest: cutting it gains nothing."""


def set_scales(axes: Axes, chart: Lines, step: float) -> None:
    """Both axes of a chart of lines, with a grid to read values by; `step`: between two points, along the axis."""
    values = [point.cell.value for line in chart.lines for point in line.points if point.cell.value is not None]
    places = [point.x for line in chart.lines for point in line.points] or [0.0]
    pad = max((max(places) - min(places)) * 0.012, step / 2 if len(set(places)) == 1 else 0.0)
    axes.set_xlim(min(places) - pad, max(places) + pad)
    if chart.axis == "time" and any(not place.is_integer() for place in places):
        ticks = list_months(min(places), max(places))
        axes.set_xticks([at for at, _ in ticks], [words for _, words in ticks])
    else:
        axes.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    if chart.logarithmic and values and min(values) > 0:
        axes.set_yscale("log")
        axes.set_ylim(min(values) * 0.8, max(values) * 1.25)
        axes.yaxis.set_major_locator(LogLocator(10, subs=(1.0,), numticks=12))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        _linear(axes, values)
    axes.grid(axis="y", color=ink.RULE, linewidth=0.8)
    axes.spines["bottom"].set(visible=True, color=ink.FAINT, linewidth=0.8)
    if chart.axis == "age":
        axes.set_xlabel("Age in completed years", fontsize=TICK_PT, color=ink.SOFT, loc="right", labelpad=1)


def _linear(axes: Axes, values: Sequence[float]) -> None:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if 0 <= low <= high * _NEAR_ZERO:
        low = 0.0
    room = (high - low) * 0.08 or max(abs(high) * 0.1, 0.5)
    axes.set_ylim(0 if low == 0 else low - room, high + room)
    whole = all(value.is_integer() for value in map(float, values))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10], integer=whole))
    ticks = axes.get_yticks()
    decimals = decimals_of_step(round(float(ticks[1] - ticks[0]), 9))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tell(value, decimals)))
    if axes.get_ylim()[0] < 0 < axes.get_ylim()[1]:
        axes.axhline(0, color=ink.FAINT, linewidth=0.8, zorder=1)


def list_months(first: float, last: float) -> list[tuple[float, str]]:
    """Where months begin, between two points of time, as many as there is room for; a January has its year below it."""
    for every in (1, 2, 3, 6, 12):
        months = [date(year, month, 1) for year in range(int(first), int(last) + 1) for month in range(1, 13, every)]
        found = [(year_of(day), day) for day in months if first - 0.01 <= year_of(day) <= last + 0.01]
        if len(found) <= _MOST_TICKS:
            break
    every_year = max(1, len(found) // _MOST_TICKS) if every == 12 else 1
    return [
        (at, f"{day:%b}\n{day.year}" if day.month == 1 or not place else f"{day:%b}")
        for place, (at, day) in enumerate(found)
        if not place % every_year
    ]
