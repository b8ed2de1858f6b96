"""Moves of one place: what went to the left, what came to the right, the partners in the middle, the net at the end."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from services.projections.client.charts import ink
from services.projections.client.charts.model import Cell, Exchange
from services.projections.client.charts.numbers import tell
from services.projections.client.charts.sheet import LABEL_PT, MARGIN_IN, TICK_PT, WIDTH_IN, Sheet

_ROW_IN = 0.25
_WIDEST_NAME_IN = 2.4
_NET_IN = 0.75
_STUB = 0.04


def draw_exchange(chart: Exchange) -> Figure:
    """Both sides have one scale, and every bar its number: there are no axes to read."""
    sheet = Sheet(chart.caption, max(len(chart.partners), 2) * _ROW_IN + 0.5, _notes(chart))
    names = tuple(sheet.shorten(partner.name, _WIDEST_NAME_IN, LABEL_PT) for partner in chart.partners)
    gutter_in = sheet.widest(names, LABEL_PT) + 0.24
    half_in = (WIDTH_IN - 2 * MARGIN_IN - gutter_in - _NET_IN) / 2
    left = sheet.axes(0.0, half_in + gutter_in + _NET_IN, top_in=0.3, bottom_in=0.1)
    right = sheet.axes(half_in + gutter_in, _NET_IN, top_in=0.3, bottom_in=0.1)
    most = max((cell.value or 0 for each in chart.partners for cell in (each.came, each.went)), default=1) or 1
    _side(left, [each.went for each in chart.partners], most, ink.WOMEN_LIGHT, "Moves out", ink.WOMEN)
    _side(right, [each.came for each in chart.partners], most, ink.MEN_LIGHT, "Moves in", ink.MEN)
    left.invert_xaxis()
    for row, name in enumerate(names):
        centre = -gutter_in / 2 / half_in
        place = right.get_yaxis_transform()
        right.text(centre, row, name, transform=place, ha="center", va="center", fontsize=LABEL_PT)
    _nets(right, chart, 1 + _NET_IN / half_in)
    return sheet.figure


def _side(axes: Axes, cells: Sequence[Cell], most: float, colour: str, word: str, strong: str) -> None:
    outwards = word == "Moves out"
    axes.set_xlim(0, most * 1.2)
    axes.set_ylim(len(cells) - 0.4, -0.6)
    axes.set_xticks([])
    axes.set_yticks([])
    for row, cell in enumerate(cells):
        length = most * _STUB if cell.state == "hidden" else cell.value or 0
        if cell.state == "hidden":
            axes.barh(
                row, length, height=0.72, color=ink.PAPER, hatch="/////", edgecolor=ink.FAINT, linewidth=0.5,
                gid="hidden",
            )  # fmt: skip
        else:
            axes.barh(row, length, height=0.72, color=colour)
        axes.annotate(
            "hidden" if cell.state == "hidden" else tell(length, 0), (length, row), xytext=(-4 if outwards else 4, 0),
            textcoords="offset points", ha="right" if outwards else "left", va="center", fontsize=TICK_PT,
            color=ink.FAINT if cell.state == "hidden" else ink.TEXT,
        )  # fmt: skip
    spine = axes.spines["right" if outwards else "left"]
    spine.set(visible=True, color=ink.FAINT, linewidth=0.8)
    total = sum(cell.value or 0 for cell in cells)
    told = f"{word}  {tell(total, 0)}" + (" and those hidden" if any(cell.state == "hidden" for cell in cells) else "")
    axes.text(
        1.0 if outwards else 0.0, 1.0, told, transform=axes.transAxes, ha="right" if outwards else "left",
        va="bottom", fontsize=LABEL_PT + 1, fontweight="bold", color=strong,
    )  # fmt: skip


def _nets(axes: Axes, chart: Exchange, at: float) -> None:
    """In less out; none where one of them is hidden."""
    axes.text(
        at, 1.0, "Net", transform=axes.transAxes, ha="right", va="bottom", fontsize=LABEL_PT + 1, fontweight="bold",
        color=ink.SOFT,
    )  # fmt: skip
    for row, each in enumerate(chart.partners):
        if each.came.value is not None and each.went.value is not None:
            net = each.came.value - each.went.value
            words = f"{'+' if net > 0 else ''}{tell(net, 0)}"
            place = axes.get_yaxis_transform()
            axes.text(at, row, words, transform=place, ha="right", va="center", fontsize=TICK_PT, color=ink.SOFT)


def _notes(chart: Exchange) -> tuple[str, ...]:
    hidden = sum(cell.state == "hidden" for each in chart.partners for cell in (each.came, each.went))
    return (f"Hidden by disclosure control: {hidden}. A hatched stub says nothing of size.",) if hidden else ()
