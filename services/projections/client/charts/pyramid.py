"""A population pyramid: men to the left, women to the right, ages in the middle, another day as an outline."""

from collections.abc import Sequence
from math import nan

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from services.projections.client.charts import ink
from services.projections.client.charts.model import Cell, Pyramid
from services.projections.client.charts.numbers import decimals_of_step, tell
from services.projections.client.charts.sheet import LABEL_PT, MARGIN_IN, TICK_PT, WIDTH_IN, Sheet

_GUTTER_IN = 0.62
_STUB = 0.03
_HATCH = "/////"


def draw_pyramid(chart: Pyramid) -> Figure:
    """Both sides have one scale; a hidden cell is a short hatched stub, which says nothing of how many there are."""
    sheet = Sheet(chart.caption, 5.0, _notes(chart))
    half_in = (WIDTH_IN - 2 * MARGIN_IN - _GUTTER_IN) / 2
    left = sheet.axes(0.0, half_in + _GUTTER_IN, top_in=0.3)
    right = sheet.axes(half_in + _GUTTER_IN, 0.0, top_in=0.3)
    most = _most(chart)
    outlines = chart.outline or (None, None)
    _side(left, chart.men, outlines[0], ink.MEN_LIGHT, most)
    _side(right, chart.women, outlines[1], ink.WOMEN_LIGHT, most)
    left.invert_xaxis()
    _ages(left, right, chart.ages)
    _heading(left, "Men", chart.men, ink.MEN, 1.0, "right")
    _heading(right, "Women", chart.women, ink.WOMEN, 0.0, "left")
    right.set_xlabel(chart.unit, fontsize=TICK_PT, color=ink.SOFT, loc="right", labelpad=2)
    if chart.outline:
        _tell_outline(right, chart)
    return sheet.figure


def _side(axes: Axes, cells: Sequence[Cell], outline: Sequence[Cell] | None, colour: str, most: float) -> None:
    rows = range(len(cells))
    axes.barh(rows, [cell.value or 0 for cell in cells], height=_thickness(len(cells)), color=colour, linewidth=0)
    gone = [row for row, cell in zip(rows, cells, strict=True) if cell.state == "hidden"]
    if gone:
        stub = axes.barh(gone, [most * _STUB] * len(gone), height=_thickness(len(cells)), color=ink.PAPER)
        for bar in stub:
            bar.set(hatch=_HATCH, edgecolor=ink.FAINT, linewidth=0.5, gid="hidden")
    if outline is not None:
        # A hidden figure is a gap: an outline at 0 would be a number.
        values = [nan if cell.state == "hidden" else cell.value or 0 for cell in outline]
        axes.stairs(
            values, [row - 0.5 for row in range(len(values) + 1)],
            orientation="horizontal", color=ink.TEXT, linewidth=1.1, baseline=None, gid="outline",
        )  # fmt: skip
    axes.set_xlim(0, most * 1.06)
    axes.set_ylim(-0.7, len(cells) - 0.3)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    step = axes.get_xticks()[1] - axes.get_xticks()[0]
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tell(value, decimals_of_step(step))))
    axes.grid(axis="x", color=ink.RULE, linewidth=0.8)
    axes.set_yticks([])


def _ages(left: Axes, right: Axes, ages: tuple[str, ...]) -> None:
    """In the gutter; every fifth or tenth of single years."""
    every = 1 if len(ages) <= 24 else 10 if len(ages) > 60 else 5
    for row, age in enumerate(ages):
        last = row == len(ages) - 1 and row % every > every / 2
        if row % every == 0 or last:
            centre = -_GUTTER_IN / 2 / (right.get_position().width * WIDTH_IN)
            place = right.get_yaxis_transform()
            right.text(centre, row, age, transform=place, ha="center", va="center", fontsize=TICK_PT, color=ink.SOFT)
    left.spines["right"].set(visible=True, color=ink.FAINT, linewidth=0.8)
    right.spines["left"].set(visible=True, color=ink.FAINT, linewidth=0.8)


def _heading(axes: Axes, word: str, cells: Sequence[Cell], colour: str, x: float, side: str) -> None:
    total = sum(cell.value or 0 for cell in cells)
    some = any(cell.state == "hidden" for cell in cells)
    told = f"{word}  {tell(total, 0)}" + (" and those hidden" if some else "")
    axes.text(
        x, 1.012, told, transform=axes.transAxes, ha=side, va="bottom",
        fontsize=LABEL_PT + 1, fontweight="bold", color=colour,
    )  # fmt: skip


def _tell_outline(axes: Axes, chart: Pyramid) -> None:
    """A key of two words at the top, where pyramids are narrow."""
    axes.plot([0.80, 0.845], [0.945, 0.945], transform=axes.transAxes, color=ink.TEXT, linewidth=1.1)
    axes.text(0.86, 0.945, chart.outline_day, transform=axes.transAxes, va="center", fontsize=TICK_PT)
    axes.plot(
        [0.80, 0.845], [0.89, 0.89], transform=axes.transAxes, color=ink.WOMEN_LIGHT, linewidth=6, solid_capstyle="butt"
    )
    axes.text(0.86, 0.89, chart.day, transform=axes.transAxes, va="center", fontsize=TICK_PT)


def _most(chart: Pyramid) -> float:
    sides = (chart.men, chart.women, *(chart.outline or ()))
    return max((cell.value for side in sides for cell in side if cell.value is not None), default=1.0) or 1.0


def _thickness(rows: int) -> float:
    return 0.84 if rows <= 40 else 1.0


def _notes(chart: Pyramid) -> tuple[str, ...]:
    hidden = sum(cell.state == "hidden" for side in (chart.men, chart.women) for cell in side)
    return (
        (f"Hatched: hidden by disclosure control ({hidden} of the figures); the length says nothing.",)
        if hidden
        else ()
    )
