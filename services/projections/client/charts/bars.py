"""Places compared, from the highest: bars for one figure each, dots on a row for several."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from services.projections.client.charts import ink
from services.projections.client.charts.model import Bar, Bars, Cell
from services.projections.client.charts.numbers import decimals_for, decimals_of_step, tell
from services.projections.client.charts.sheet import LABEL_PT, TICK_PT, WIDTH_IN, Sheet

_ROW_IN = 0.255
_WIDEST_NAME_IN = 2.9
_STUB = 0.035


def draw_bars(chart: Bars) -> Figure:
    """Bars begin at 0, always; dots need not. Places without a figure stand below, and say why."""
    rows = sorted(chart.bars, key=_rank)
    several = len(chart.groups) > 1
    sheet = Sheet(chart.caption, max(len(rows), 3) * _ROW_IN + (0.85 if several else 0.5), _notes(chart))
    names = tuple(sheet.shorten(bar.name, _WIDEST_NAME_IN, LABEL_PT) for bar in rows)
    values = [cell.value for bar in rows for cell in bar.cells if cell.value is not None]
    decimals = decimals_for(values) if values else 0
    right_in = 0.15 if several else 0.55
    axes = sheet.axes(sheet.widest(names, LABEL_PT) + 0.14, right_in, top_in=0.55 if several else 0.2)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), names, fontsize=LABEL_PT, color=ink.TEXT)
    _scale(axes, values, several)
    if several:
        _dots(axes, sheet, chart, rows)
    else:
        _plain(axes, [bar.cells[0] for bar in rows], decimals)
    axes.text(
        0, 1, chart.unit, transform=axes.transAxes, ha="left", va="bottom", fontsize=TICK_PT, color=ink.SOFT, gid="unit"
    )
    return sheet.figure


def _plain(axes: Axes, cells: Sequence[Cell], decimals: int) -> None:
    axes.axvline(0, color=ink.FAINT, linewidth=0.8)
    low, high = axes.get_xlim()
    for row, cell in enumerate(cells):
        if cell.state == "hidden":
            axes.barh(
                row, (high - low) * _STUB, height=0.7, color=ink.PAPER, hatch="/////", edgecolor=ink.FAINT,
                linewidth=0.5, gid="hidden",
            )  # fmt: skip
            _say(axes, row, (high - low) * _STUB, "hidden", ink.FAINT)
        elif cell.value is None:
            _say(axes, row, 0.0, f"no figure: {cell.why}" if cell.why else "no figure", ink.FAINT)
        else:
            axes.barh(row, cell.value, height=0.7, color=ink.SERIES[0] if cell.value >= 0 else ink.SERIES[1])
            _say(axes, row, cell.value, tell(cell.value, decimals), ink.TEXT)


def _say(axes: Axes, row: int, x: float, text: str, colour: str) -> None:
    """Beside the end of a bar, on the side to which it grows."""
    side = -1 if x < 0 else 1
    axes.annotate(
        text, (x, row), xytext=(4 * side, 0), textcoords="offset points", va="center", color=colour,
        ha="right" if side < 0 else "left", fontsize=TICK_PT, annotation_clip=False,
        bbox={"facecolor": ink.PAPER, "edgecolor": "none", "pad": 0.6},
    )  # fmt: skip


def _dots(axes: Axes, sheet: Sheet, chart: Bars, rows: Sequence[Bar]) -> None:
    colours = _colours(chart.groups)
    for row, bar in enumerate(rows):
        known = [cell.value for cell in bar.cells if cell.value is not None]
        if known:
            axes.plot([min(known), max(known)], [row, row], color=ink.RULE, linewidth=2.2, zorder=2)
        for cell, colour in zip(bar.cells, colours, strict=True):
            if cell.value is not None:
                axes.plot([cell.value], [row], "o", color=colour, markersize=7, zorder=3)
        missing = [
            f"{group}: {'hidden' if cell.state == 'hidden' else 'no figure'}"
            for group, cell in zip(chart.groups, bar.cells, strict=True) if cell.value is None
        ]  # fmt: skip
        if missing:
            x = max(known, default=axes.get_xlim()[0])
            _say(axes, row, x, "   " + ", ".join(missing), ink.FAINT)
    _key(axes, sheet, chart.groups, colours)


def _key(axes: Axes, sheet: Sheet, groups: Sequence[str], colours: Sequence[str]) -> None:
    """Above the dots, right-aligned: a dot and its name each."""
    dots_in = axes.get_position().width * WIDTH_IN
    tall_in = axes.get_position().height * sheet.height_in
    x_in, y = dots_in, 1 + 0.33 / tall_in
    for group, colour in reversed(list(zip(groups, colours, strict=True))):
        axes.text(
            x_in / dots_in, y, group, transform=axes.transAxes, ha="right", va="center", color=colour,
            fontsize=LABEL_PT, fontweight="bold",
        )  # fmt: skip
        x_in -= sheet.measure(group, LABEL_PT, "bold") + 0.12
        axes.plot([x_in / dots_in], [y], "o", color=colour, markersize=7, transform=axes.transAxes, clip_on=False)
        x_in -= 0.22


def _scale(axes: Axes, values: Sequence[float], several: bool) -> None:
    low, high = min(values, default=0.0), max(values, default=1.0)
    if not several:
        low, high = min(low, 0.0), max(high, 0.0)
    room = (high - low) * 0.05 or max(abs(high) * 0.1, 1.0)
    # A negative bar has its number on the left of it.
    axes.set_xlim(low - (room * 2 if low < 0 else room if several else 0), high + room)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    ticks = axes.get_xticks()
    decimals = decimals_of_step(round(float(ticks[1] - ticks[0]), 9))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: tell(value, decimals)))
    axes.grid(axis="x", color=ink.RULE, linewidth=0.8)
    axes.tick_params(axis="y", pad=6)
    axes.spines["left"].set_visible(False)


def _colours(groups: Sequence[str]) -> list[str]:
    return [ink.colour_of(index, group) for index, group in enumerate(groups)]


def _rank(bar: Bar) -> tuple[bool, float, str]:
    known = [cell.value for cell in bar.cells if cell.value is not None]
    return not known, -sum(known) / len(known) if known else 0.0, bar.name


def _notes(chart: Bars) -> tuple[str, ...]:
    hidden = sum(cell.state == "hidden" for bar in chart.bars for cell in bar.cells)
    return (f"Hidden by disclosure control: {hidden}. A hatched stub says nothing of size.",) if hidden else ()
