"""Draws what is declared, and writes it to a file."""

import io
import re
import warnings
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from services.projections.client.charts.model import Bars, Chart, Exchange, Flows, Lines, Pyramid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")


def draw(chart: Chart) -> "Figure":
    """The picture of a chart; call it, and save the figure, within `sheet.style()`."""
    match chart:
        case Pyramid():
            from services.projections.client.charts.pyramid import draw_pyramid

            return draw_pyramid(chart)
        case Lines():
            from services.projections.client.charts.lines import draw_lines

            return draw_lines(chart)
        case Bars():
            from services.projections.client.charts.bars import draw_bars

            return draw_bars(chart)
        case Flows():
            from services.projections.client.charts.chord import draw_flows

            return draw_flows(chart)
        case Exchange():
            from services.projections.client.charts.exchange import draw_exchange

            return draw_exchange(chart)


def render(chart: Chart, suffix: str) -> bytes:
    """A PNG or an SVG, the same bytes for the same chart on the same machine. ValueError for another suffix."""
    from services.projections.client.charts.fonts import can_write
    from services.projections.client.charts.sheet import DOTS_PER_INCH, style
    from services.projections.client.charts.writable import make_writable

    if suffix not in SUFFIXES:
        raise ValueError(f"a picture is written as {' or '.join(SUFFIXES)}, not as {suffix or 'a file without suffix'}")
    written = io.BytesIO()
    # An SVG keeps its letters: whoever looks at it may have the font that is missing here.
    shown = chart if suffix == ".svg" else make_writable(chart, can_write)
    with style(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        # Neither the date nor the program: the same figures give the same file.
        metadata = {"Date": None, "Creator": None} if suffix == ".svg" else {"Software": None}
        draw(shown).savefig(written, format=suffix[1:], dpi=DOTS_PER_INCH, metadata=metadata)
    return _number_marks(written.getvalue()) if suffix == ".svg" else written.getvalue()


def _number_marks(svg: bytes) -> bytes:
    """Marks of a kind are drawn under one name; in a document every name is there once."""
    numbers = count(1)
    return re.sub(
        rb'(<g id="(?:hidden|undefined|outline|restated|name|unit))"', lambda m: b'%s-%d"' % (m[1], next(numbers)), svg
    )


def write(chart: Chart, path: Path) -> None:
    """Write it as the suffix says, over what is there."""
    path.write_bytes(render(chart, path.suffix.lower()))
