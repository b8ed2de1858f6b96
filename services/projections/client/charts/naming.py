"""Names of lines, written beside them: nobody has to match colours with a legend."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes

from services.projections.client.charts.model import Line, Lines, Point
from services.projections.client.charts.sheet import LABEL_PT
from services.projections.client.charts.spreading import spread

_ROOM_IN = 0.17
_EDGE = 0.1
_TOGETHER = 0.12
"""Lines whose ends lie within this share of the height of one another are named where they are farthest apart."""


def name_lines(axes: Axes, chart: Lines, labels: Sequence[str], colours: Sequence[str], tall_in: float) -> None:
    """At their ends; two curves over ages that end together, as rates of births do, where they are farthest apart."""
    known = [(index, points) for index, line in enumerate(chart.lines) if (points := _known(line))]
    ends = [_height(axes, points[-1]) for _, points in known]
    if chart.axis == "age" and len(known) == 2 and abs(ends[0] - ends[1]) < _TOGETHER:
        (one, _), (other, _) = known
        at = _farthest(axes, chart.lines[one], chart.lines[other])
        if at is not None:
            for index, point, above in _apart(one, other, *at):
                _beside(axes, point, labels[index], colours[index], above, _rises(chart.lines[index], point.x))
            return
    places = spread([end * tall_in for end in ends], _ROOM_IN, 0.02, tall_in - 0.02)
    for (index, points), y_in in zip(known, places, strict=True):
        _lead(axes, points[-1], colours[index])
        _write(axes, labels[index], y_in / tall_in, colours[index], chart.lines[index].faded)


def _write(axes: Axes, label: str, y: float, colour: str, faded: bool) -> None:
    axes.annotate(
        label, (1.0, y), xycoords="axes fraction", xytext=(5, 0), textcoords="offset points", va="center", ha="left",
        color=colour, fontsize=LABEL_PT, fontweight="normal" if faded else "bold", annotation_clip=False, gid="name",
    )  # fmt: skip


def _lead(axes: Axes, end: Point, colour: str) -> None:
    """A dotted line from where a line ends early to its name."""
    left, right = axes.get_xlim()
    if right - end.x > (right - left) * 0.05:
        y = end.cell.value or 0.0
        axes.plot([end.x, right], [y, y], color=colour, linewidth=0.7, linestyle=(0, (1, 2.5)), zorder=2)


def _beside(axes: Axes, point: Point, label: str, colour: str, above: bool, rises: bool) -> None:
    """Outside of both curves: above to the left of one that rises, below to the right of it."""
    left = rises == above
    axes.annotate(
        label, (point.x, point.cell.value or 0.0), xytext=(-7 if left else 7, 6 if above else -6),
        textcoords="offset points", ha="right" if left else "left", va="bottom" if above else "top", color=colour,
        fontsize=LABEL_PT, fontweight="bold", gid="name", zorder=60,
    )  # fmt: skip


def _farthest(axes: Axes, one: Line, other: Line) -> tuple[Point, Point] | None:
    there = {point.x: point for point in _known(other)}
    pairs = [(point, there[point.x]) for point in _known(one) if point.x in there]
    # Near the edge there is no room for a name beyond the curves.
    pairs = [pair for pair in pairs if all(_EDGE < _height(axes, point) < 1 - _EDGE for point in pair)]
    return max(pairs, key=lambda pair: abs(_height(axes, pair[0]) - _height(axes, pair[1])), default=None)


def _apart(one: int, other: int, first: Point, second: Point) -> Iterator[tuple[int, Point, bool]]:
    higher = (first.cell.value or 0.0) >= (second.cell.value or 0.0)
    yield one, first, higher
    yield other, second, not higher


def _rises(line: Line, x: float) -> bool:
    points = _known(line)
    at = next(place for place, point in enumerate(points) if point.x == x)
    before, after = points[max(at - 1, 0)], points[min(at + 1, len(points) - 1)]
    return (after.cell.value or 0.0) > (before.cell.value or 0.0)


def _known(line: Line) -> list[Point]:
    return [point for point in line.points if point.cell.value is not None]


def _height(axes: Axes, point: Point) -> float:
    """The share of the height at which a point stands."""
    on_page = axes.transData.transform((point.x, point.cell.value or 0.0))
    return float(axes.transAxes.inverted().transform(on_page)[1])
