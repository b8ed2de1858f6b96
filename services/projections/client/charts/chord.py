"""Moves among places as a chord diagram: a ribbon leaves a place in its colour and ends short of where it arrives."""

from collections.abc import Sequence
from math import cos, radians, sin

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Wedge
from matplotlib.path import Path

from services.projections.client.charts import ink
from services.projections.client.charts.model import Flows
from services.projections.client.charts.numbers import tell
from services.projections.client.charts.ring import Ribbon, Sector, gather_small, lay_out
from services.projections.client.charts.sheet import LABEL_PT, MARGIN_IN, WIDTH_IN, Sheet
from services.projections.client.charts.spreading import spread

_MOST_RADIUS_IN = 2.45
_AROUND_IN = 0.42
"""Room for names above and below the ring."""
_NAMES_AT = 1.12
_INNER, _ARRIVAL = 0.965, 0.925
_LABEL_ROOM_IN = 0.34
_TOTALS_PT = 7.8
_COLOURED = 0.75
"""The largest flows are in colour until they make up this share of all moves; the rest are grey."""


def draw_flows(chart: Flows) -> Figure:
    """The ring's parts are as long as what came and what went; each name has both numbers."""
    flows, small = gather_small(chart.flows)
    sectors, ribbons = lay_out(flows)
    coloured = _largest(ribbons)
    notes = _notes(chart, ribbons, coloured, small)
    half_in = WIDTH_IN / 2 - MARGIN_IN
    radius_in = min(_MOST_RADIUS_IN, (half_in - 0.1 - _widest(Sheet(chart.caption, 1.0), sectors)) / _NAMES_AT)
    sheet = Sheet(chart.caption, 2 * (radius_in + _AROUND_IN), notes)
    axes = sheet.axes(0.0, 0.0, bottom_in=0.0)
    axes.set_axis_off()
    axes.set_xlim(-half_in / radius_in, half_in / radius_in)
    axes.set_ylim(-1 - _AROUND_IN / radius_in, 1 + _AROUND_IN / radius_in)
    # The largest places have a colour of their own; after eight they come round.
    ranked = sorted(sectors, key=lambda sector: sector.start - sector.end)
    colours = {sector.name: ink.colour_of(index) for index, sector in enumerate(ranked)}
    for ribbon in sorted(ribbons, key=lambda each: (each in coloured, -each.value)):
        _ribbon(axes, ribbon, colours[ribbon.origin] if ribbon in coloured else None)
    for sector in sectors:
        axes.add_patch(Wedge((0, 0), 1.03, sector.start, sector.end, width=0.05, color=colours[sector.name], lw=0))
    _names(axes, sectors, colours, radius_in)
    return sheet.figure


def _ribbon(axes: Axes, ribbon: Ribbon, colour: str | None) -> None:
    start, end = _arc(*ribbon.leaves, _INNER), _arc(*ribbon.enters, _ARRIVAL)
    bend = 0.25
    (ax, ay), (bx, by) = start[-1], end[0]
    (cx, cy), (dx, dy) = end[-1], start[0]
    points = [
        *start,
        (ax * bend, ay * bend),
        (bx * bend, by * bend),
        *end,
        (cx * bend, cy * bend),
        (dx * bend, dy * bend),
    ]
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *[Path.LINETO] * (len(start) - 1), *curve, *[Path.LINETO] * (len(end) - 1), *curve]
    path = Path([*points, start[0]], codes)
    if colour:
        axes.add_patch(PathPatch(path, facecolor=colour, edgecolor=ink.PAPER, linewidth=0.4, alpha=0.78))
    else:
        axes.add_patch(PathPatch(path, facecolor=ink.HIDDEN, edgecolor="none", alpha=0.28))


def _arc(start: float, end: float, radius: float) -> list[tuple[float, float]]:
    steps = max(2, int((end - start) / 2) + 2)
    turns = [radians(start + (end - start) * step / (steps - 1)) for step in range(steps)]
    return [(radius * cos(turn), radius * sin(turn)) for turn in turns]


def _names(axes: Axes, sectors: Sequence[Sector], colours: dict[str, str], radius_in: float) -> None:
    """Beside the ring, each at the height of its place or near it, joined to it by a thin line."""
    high = 1 + (_AROUND_IN - 0.16) / radius_in
    for side in (1, -1):
        ours = [sector for sector in sectors if (cos(_middle(sector)) >= 0) == (side > 0)]
        wanted = [_NAMES_AT * sin(_middle(sector)) for sector in ours]
        places = spread(wanted, _LABEL_ROOM_IN / radius_in, -high, high)
        for sector, y in zip(ours, places, strict=True):
            turn = _middle(sector)
            x = side * max(_NAMES_AT * abs(cos(turn)), (_NAMES_AT**2 - min(abs(y), _NAMES_AT) ** 2) ** 0.5)
            axes.plot([1.04 * cos(turn), x], [1.04 * sin(turn), y], color=ink.FAINT, linewidth=0.6, clip_on=False)
            align = "left" if side > 0 else "right"
            at = x + side * 0.025
            axes.text(
                at, y + 0.005, f"{sector.name} {_net(sector)}", ha=align, va="bottom", fontsize=LABEL_PT,
                fontweight="bold", color=colours[sector.name],
            )  # fmt: skip
            axes.text(at, y - 0.005, _totals(sector), ha=align, va="top", fontsize=_TOTALS_PT, color=ink.SOFT)


def _totals(sector: Sector) -> str:
    return f"in {tell(sector.came, 0)}, out {tell(sector.went, 0)}"


def _net(sector: Sector) -> str:
    net = sector.came - sector.went
    return f"{'+' if net > 0 else ''}{tell(net, 0)}"


def _widest(sheet: Sheet, sectors: Sequence[Sector]) -> float:
    """In inches."""
    names = [sheet.measure(f"{sector.name} {_net(sector)}", LABEL_PT, "bold") for sector in sectors]
    return max([*names, sheet.widest(tuple(map(_totals, sectors)), _TOTALS_PT)], default=0.0)


def _middle(sector: Sector) -> float:
    return radians((sector.start + sector.end) / 2)


def _largest(ribbons: Sequence[Ribbon]) -> frozenset[Ribbon]:
    total, reached = sum(ribbon.value for ribbon in ribbons), 0.0
    found: list[Ribbon] = []
    for ribbon in sorted(ribbons, key=lambda each: -each.value):
        if reached >= total * _COLOURED and len(found) >= 12:
            break
        found.append(ribbon)
        reached += ribbon.value
    return frozenset(found)


def _notes(
    chart: Flows, ribbons: Sequence[Ribbon], coloured: frozenset[Ribbon], small: Sequence[str]
) -> tuple[str, ...]:
    notes = [
        "A ribbon has the colour of the place that people left, and stops short of where they came to."
        " Beside a name: moves in less moves out."
    ]
    total = sum(ribbon.value for ribbon in ribbons)
    if len(coloured) < len(ribbons) and total:
        share = sum(ribbon.value for ribbon in coloured) / total
        notes[0] += f" In colour: the {len(coloured)} largest of {len(ribbons)} flows, {share:.0%} of the moves."
    hidden = sum(flow.cell.state == "hidden" for flow in chart.flows)
    if hidden:
        notes.append(f"Hidden by disclosure control and not drawn: {hidden} flows; the totals leave them out.")
    if small:
        notes.append(f"Put together: {', '.join(small)}; moves among these are left out.")
    return tuple(notes)
