"""Figures over time or over ages: a line each, named at its end, with gaps where there is no figure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from services.projections.client.charts import ink
from services.projections.client.charts.model import Line, Lines, Point
from services.projections.client.charts.naming import name_lines
from services.projections.client.charts.numbers import decimals_for, tell
from services.projections.client.charts.restating import find_restated, mark_restated
from services.projections.client.charts.scales import set_scales
from services.projections.client.charts.sheet import LABEL_PT, TICK_PT, Sheet

_BODY_IN = 3.9
_WIDEST_NAME_IN = 2.9
_MOST_RINGS = 8
_MOST_DECIMALS = 4


def draw_lines(chart: Lines) -> Figure:
    """Earlier vintages and comparisons are grey and dashed; the newest line is on top, in colour."""
    sheet = Sheet(chart.caption, _BODY_IN, _notes(chart))
    labels = tuple(sheet.shorten(_label(line, chart), _WIDEST_NAME_IN, LABEL_PT, "bold") for line in chart.lines)
    axes = sheet.axes(0.5, sheet.widest(labels, LABEL_PT, "bold") + 0.14, top_in=0.24)
    colours = _colours(chart.lines)
    set_scales(axes, chart, _step(chart))
    for place, (line, colour) in enumerate(zip(chart.lines, colours, strict=True)):
        _line(axes, line, colour, 10 + (0 if line.faded else 20) - place, chart.axis == "time")
    _gaps(axes, chart, colours)
    name_lines(axes, chart, labels, colours, axes.get_position().height * sheet.height_in)
    mark_restated(axes, chart.lines, _decimals(chart))
    axes.text(
        0, 1.02, _unit(chart), transform=axes.transAxes, ha="left", va="bottom", fontsize=TICK_PT, color=ink.SOFT,
        gid="unit",
    )  # fmt: skip
    return sheet.figure


def _line(axes: Axes, line: Line, colour: str, above: int, dots: bool) -> None:
    for run in _runs(line.points):
        x, y = [point.x for point in run], [point.cell.value or 0.0 for point in run]
        dashes = (0, (4, 2)) if line.faded else "-"
        # A white seam keeps lines apart where they cross.
        axes.plot(x, y, color=ink.PAPER, linewidth=2.8, zorder=above - 0.5)
        axes.plot(x, y, color=colour, linewidth=1.4 if line.faded else 2.0, linestyle=dashes, zorder=above)
        if len(run) == 1 or (dots and len(line.points) <= 12):
            axes.plot(x, y, "o", color=colour, markersize=4, zorder=above)


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Stretches with a figure at every point: a line over a gap would tell what nobody knows."""
    run: list[Point] = []
    for point in points:
        if point.cell.value is not None:
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _gaps(axes: Axes, chart: Lines, colours: Sequence[str]) -> None:
    """A hatched stripe where a figure is hidden, an open ring on the axis where there is none.

    Of several lines, one may be hidden where others are not: there it is a square on the axis in the line's colour.
    """
    if len(chart.lines) == 1:
        half = _step(chart) / 2
        for x in sorted({point.x for point in chart.lines[0].points if point.cell.state == "hidden"}):
            stripe = axes.axvspan(x - half, x + half, facecolor="none", edgecolor=ink.RULE, hatch="////", linewidth=0)
            stripe.set_gid("hidden")
    else:
        for line, colour in zip(chart.lines, colours, strict=True):
            _on_axis(axes, [point.x for point in line.points if point.cell.state == "hidden"], "s", colour, "hidden")
    undefined = sorted({point.x for line in chart.lines for point in line.points if point.cell.state == "undefined"})
    if len(undefined) <= _MOST_RINGS:
        _on_axis(axes, undefined, "o", ink.FAINT, "undefined")


def _on_axis(axes: Axes, places: Sequence[float], marker: str, colour: str, kind: str) -> None:
    if places:
        axes.plot(
            places, [0.0] * len(places), marker, transform=axes.get_xaxis_transform(), clip_on=False, zorder=70,
            markerfacecolor=ink.PAPER, markeredgecolor=colour, markersize=5, gid=kind,
        )  # fmt: skip


def _label(line: Line, chart: Lines) -> str:
    """The name, with its last value where time runs: that is what most people look for."""
    last = next((point.cell.value for point in reversed(line.points) if point.cell.value is not None), None)
    if last is None or chart.axis == "age":
        return line.name
    return f"{line.name}  {tell(last, _decimals(chart))}".strip()


def _decimals(chart: Lines) -> int:
    """As the figures need, and as many more as tell the ends of two lines, and what was restated, apart."""
    values = [[p.cell.value for p in line.points if p.cell.value is not None] for line in chart.lines]
    decimals = decimals_for([value for known in values for value in known])
    pairs = [(known[-1], other[-1]) for known in values for other in values if known and other]
    pairs += [(restated.then, restated.now) for restated in find_restated(chart.lines)]
    while decimals < _MOST_DECIMALS and any(
        one != other and tell(one, decimals) == tell(other, decimals) for one, other in pairs
    ):
        decimals += 1
    return decimals


def _colours(lines: Sequence[Line]) -> list[str]:
    found, strong, faded = [], 0, 0
    for line in lines:
        found.append(ink.OLDER[min(faded, len(ink.OLDER) - 1)] if line.faded else ink.colour_of(strong, line.name))
        faded, strong = faded + line.faded, strong + (not line.faded)
    return found


def _step(chart: Lines) -> float:
    places = sorted({point.x for line in chart.lines for point in line.points})
    return min((after - before for before, after in pairwise(places)), default=1.0)


def _unit(chart: Lines) -> str:
    return f"{chart.unit}, logarithmic scale" if chart.logarithmic else chart.unit


def _notes(chart: Lines) -> tuple[str, ...]:
    cells = [point.cell for line in chart.lines for point in line.points]
    hidden = sum(cell.state == "hidden" for cell in cells)
    whys = dict.fromkeys(cell.why for cell in cells if cell.state == "undefined")
    mark = "Hatched" if len(chart.lines) == 1 else "Square on the axis"
    notes = [f"{mark}: hidden by disclosure control ({hidden} of the figures)."] if hidden else []
    restated = len(find_restated(chart.lines))
    notes += [f"Open circles: figures of an earlier vintage that were restated since ({restated})."] if restated else []
    notes += [f"Ring on the axis, or a gap: no figure. {' '.join(whys)}".strip()] if whys else []
    return tuple(notes)
