"""The picture of a corridor: both directions. A dot is a share, the line through it its interval."""

from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
_SHOWN = ("X2", "X4", "X5", "X3", "X9", "X7", "X15", "X18", "X11")
_INKS = ("#0f6aa8", "#c8590c")
"""Okabe and Ito 2008, darkened: told apart by people with any colour vision; a filled and an open dot besides."""
_TEXT, _SOFT, _RULE, _PAPER = "#1d1f21", "#55595e", "#d9dce0", "#ffffff"
_WIDTH_IN, _ROW_IN, _DOTS_PER_INCH = 9.0, 0.44, 170
_STEP = 0.17


def write_picture(told: dict[str, Any], path: Path) -> None:
    """As the suffix says, over what is there; the same figures give the same bytes."""
    suffix = path.suffix.lower()
    with rc_context(
        {
            "font.size": 9.5,
            "text.color": _TEXT,
            "text.parse_math": False,
            "svg.fonttype": "none",
            "svg.hashsalt": "domicile",
        }
    ):
        metadata = {"Date": None, "Creator": None} if suffix == ".svg" else {"Software": None}
        figure = draw(told)
        figure.savefig(path, format=suffix[1:], dpi=_DOTS_PER_INCH, metadata=metadata)


def draw(told: dict[str, Any]) -> Figure:
    """Rows of figures; in each row one dot for each debtor, and one for what both answer for."""
    rows = _rows(told)
    height = 1.75 + _ROW_IN * len(rows)
    figure = Figure(figsize=(_WIDTH_IN, height), facecolor=_PAPER)
    axes = figure.add_axes((0.34, 0.75 / height, 0.62, _ROW_IN * len(rows) / height))
    _prepare(axes, rows)
    for place, (_, dots) in enumerate(rows):
        for side, dot in enumerate(dots):
            if dot is not None:
                _dot(axes, place + (side - (len(dots) - 1) / 2) * 2 * _STEP, dot, side, shared=len(dots) == 1)
    _write(figure, told, height)
    return figure


def _rows(told: dict[str, Any]) -> list[tuple[str, list[dict[str, Any] | None]]]:
    cards = [{each["indicator"]: each for each in card["figures"]} for card in told["directions"]]
    shared = {each["indicator"]: each for each in told["shared"]}
    rows: list[tuple[str, list[dict[str, Any] | None]]] = []
    for name in _SHOWN:
        if name in cards[0]:
            rows.append((f"{name}  {cards[0][name]['name']}", [_known(card[name]) for card in cards]))
        elif name in shared:
            rows.append((f"{name}  {shared[name]['name']} (both)", [_known(shared[name])]))
    return rows


def _known(figure: dict[str, Any]) -> dict[str, Any] | None:
    return None if figure["value"] is None else figure


def _prepare(axes: Axes, rows: list[tuple[str, list[dict[str, Any] | None]]]) -> None:
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    axes.tick_params(length=0, labelcolor=_SOFT)
    axes.grid(axis="x", color=_RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    for place, (_, dots) in enumerate(rows):
        if not any(dots):
            axes.text(0.0, place, "not told", va="center", fontsize=8.5, color=_SOFT, style="italic")


def _dot(axes: Axes, height: float, figure: dict[str, Any], side: int, *, shared: bool) -> None:
    ink = _TEXT if shared else _INKS[side]
    low, high = figure["interval"]
    axes.plot([low, high], [height, height], color=ink, linewidth=2.2, alpha=0.55, solid_capstyle="round")
    filled = shared or side == 0
    axes.plot(
        [figure["value"]], [height], "o", markersize=5.5, color=ink, markerfacecolor=ink if filled else _PAPER,
        markeredgewidth=1.4,
    )  # fmt: skip
    left = figure["value"] > 0.5
    place = low if left else high
    axes.annotate(
        f"{figure['value']:.0%} of {figure['denominator']}", (place, height), xytext=(-6 if left else 6, 0),
        textcoords="offset points", ha="right" if left else "left", va="center", fontsize=7.5, color=ink,
    )  # fmt: skip


def _write(figure: Figure, told: dict[str, Any], height: float) -> None:
    title = f"{told['region']} and {told['corridor']}: how they keep their word"
    figure.text(0.04, 1 - 0.32 / height, title, fontsize=15, fontweight="bold", va="center")
    for side, card in enumerate(told["directions"]):
        score = card["score"]
        said = "no score" if score["value"] is None else f"S = {score['value']:.3f}"
        mark = ("\N{BLACK CIRCLE}", "\N{WHITE CIRCLE}")[side]
        words = f"{mark} {card['debtor']} to {card['creditor']}: {said}"
        figure.text(0.04 + 0.46 * side, 1 - 0.66 / height, words, fontsize=11, color=_INKS[side], va="center")
    provisional = " Provisional." if told["provisional"] else ""
    foot = (
        f"Due from {told['from']} to {told['to']}, as of {told['as_of']}.{provisional} Dots: shares; lines: 95 %"
        f" intervals (Wilson). Low is good in X9 and X15. Weights: version {told['weights']['version']}."
    )
    figure.text(0.04, 0.2 / height, foot, fontsize=7.8, color=_SOFT, va="center")
