"""Draws what is declared, and writes it to a file."""

import io
import re
import warnings
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from services.projections.client.charts.model import Bars, Chart, Exchange, Flows, Lines, Pyramid

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg")
_ROOT = re.compile(rb"(<svg [^>]*)>")
_MARK = re.compile(rb'(<g id="(?:hidden|undefined|outline|restated|name|unit))"')
_FAMILY = re.compile(rb"font-family: ([^;\"]*)")
# Verdana is as wide as DejaVu Sans; the rest have letters that others lack.
_FALLBACKS = b"Verdana, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"


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
        words = {"Title": chart.caption.title, "Description": _describe(chart), "Software": None}
        metadata = {"Date": None, "Creator": None} if suffix == ".svg" else words
        draw(shown).savefig(written, format=suffix[1:], dpi=DOTS_PER_INCH, metadata=metadata)
    return _finish_svg(written.getvalue(), chart) if suffix == ".svg" else written.getvalue()


def _describe(chart: Chart) -> str:
    """For who cannot see the picture, and for who finds the file without its words."""
    return " ".join((f"{chart.caption.subtitle}.", *chart.caption.footer))


def _finish_svg(svg: bytes, chart: Chart) -> bytes:
    """What matplotlib leaves out: words for who cannot see, fonts to fall back to, one name for one mark."""
    numbers = count(1)
    title, words = escape(chart.caption.title).encode(), escape(_describe(chart)).encode()
    svg = _FAMILY.sub(lambda found: b"font-family: %s, %s" % (found[1], _FALLBACKS), svg)
    svg = _MARK.sub(lambda found: b'%s-%d"' % (found[1], next(numbers)), svg)
    return _ROOT.sub(
        lambda found: b'%s role="img">\n <title>%s</title>\n <desc>%s</desc>' % (found[1], title, words), svg, count=1
    )


def write(chart: Chart, path: Path) -> None:
    """Write it as the suffix says, over what is there."""
    path.write_bytes(render(chart, path.suffix.lower()))
