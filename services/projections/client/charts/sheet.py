"""The sheet of paper that every picture is drawn on: title, subtitle, room for the drawing, footer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from services.projections.client.charts import ink
from services.projections.client.charts.fonts import families
from services.projections.client.charts.model import Caption

WIDTH_IN = 9.0
DOTS_PER_INCH = 170
MARGIN_IN = 0.38
_FOOT_IN = 0.26
TITLE_PT, SUBTITLE_PT, LABEL_PT, TICK_PT, FOOTER_PT = 16.0, 11.0, 9.5, 9.0, 7.8
_LEADING = 1.32
_POINTS_IN = 72


@contextmanager
def style() -> Iterator[None]:
    """What holds for all text and lines; letters stay letters in SVG, so that any viewer's fonts can write them."""
    with rc_context(
        {
            "font.family": list(families()),
            "font.size": LABEL_PT,
            "text.color": ink.TEXT,
            "text.parse_math": False,
            "axes.unicode_minus": True,
            "svg.fonttype": "none",
            "svg.hashsalt": "domicile",
            "hatch.linewidth": 0.7,
            "hatch.color": ink.FAINT,
        }
    ):
        yield


class Sheet:
    """A figure with its words written; `axes` gives the room between them. Sizes are in inches."""

    def __init__(self, caption: Caption, body_in: float, notes: tuple[str, ...] = ()) -> None:
        # Letters are measured as they will be drawn: at few dots an inch they come out wider.
        self.figure = Figure(figsize=(WIDTH_IN, body_in), facecolor=ink.PAPER, dpi=DOTS_PER_INCH)
        self._renderer = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]
        wide = WIDTH_IN - 2 * MARGIN_IN
        title = self.wrap(caption.title, wide, TITLE_PT, "bold")
        subtitle = self.wrap(caption.subtitle, wide, SUBTITLE_PT)
        footer = [line for text in (*notes, *caption.footer) for line in self.wrap(text, wide, FOOTER_PT)]
        self._top_in = MARGIN_IN + _height(title, TITLE_PT) + 0.06 + _height(subtitle, SUBTITLE_PT) + 0.2
        self._bottom_in = _FOOT_IN + _height(footer, FOOTER_PT) + 0.16
        self.body_in = body_in
        self.height_in = self._top_in + body_in + self._bottom_in
        self.figure.set_size_inches(WIDTH_IN, self.height_in)
        self._write(title, subtitle, footer)

    def axes(self, left_in: float, right_in: float, top_in: float = 0.0, bottom_in: float = 0.3) -> Axes:
        """Axes with this much room around them within the body, measured from the sheet's margins."""
        left, right = (MARGIN_IN + left_in) / WIDTH_IN, 1 - (MARGIN_IN + right_in) / WIDTH_IN
        bottom = (self._bottom_in + bottom_in) / self.height_in
        top = 1 - (self._top_in + top_in) / self.height_in
        axes = self.figure.add_axes((left, bottom, right - left, top - bottom))
        axes.set_facecolor("none")
        for side in axes.spines.values():
            side.set_visible(False)
        axes.tick_params(length=0, labelsize=TICK_PT, labelcolor=ink.SOFT, pad=4)
        axes.set_axisbelow(True)
        return axes

    def measure(self, text: str, size_pt: float, weight: str = "normal") -> float:
        """How wide a line is, in inches."""
        writing = Text(0, 0, text, fontsize=size_pt, fontweight=weight, figure=self.figure)
        return float(writing.get_window_extent(self._renderer).width / self.figure.dpi)

    def widest(self, texts: tuple[str, ...], size_pt: float = TICK_PT, weight: str = "normal") -> float:
        """How wide the widest of them is, in inches."""
        return max((self.measure(text, size_pt, weight) for text in texts), default=0.0)

    def shorten(self, text: str, wide_in: float, size_pt: float, weight: str = "normal") -> str:
        """As much of it as fits, with an ellipsis where something is left out."""
        if self.measure(text, size_pt, weight) <= wide_in:
            return text
        while text and self.measure(f"{text}…", size_pt, weight) > wide_in:
            text = text[:-1]
        return f"{text.rstrip()}…"

    def wrap(self, text: str, wide_in: float, size_pt: float, weight: str = "normal") -> list[str]:
        """Lines that fit; a word that is wider than the sheet is broken."""
        lines, line = [], ""
        for word in _words(text, lambda piece: self.measure(piece, size_pt, weight) <= wide_in):
            tried = f"{line}{word}"
            if line and self.measure(tried.rstrip(), size_pt, weight) > wide_in:
                lines.append(line.rstrip())
                line = word
            else:
                line = tried
        return [*lines, line.rstrip()] if line.strip() else lines

    def _write(self, title: list[str], subtitle: list[str], footer: list[str]) -> None:
        y_in = self.height_in - MARGIN_IN
        y_in = self._paragraph(title, y_in, TITLE_PT, ink.TEXT, "bold") - 0.06
        self._paragraph(subtitle, y_in, SUBTITLE_PT, ink.SOFT)
        y_in = _FOOT_IN + _height(footer, FOOTER_PT)
        self._paragraph(footer, y_in, FOOTER_PT, ink.SOFT)

    def _paragraph(self, lines: list[str], y_in: float, size_pt: float, colour: str, weight: str = "normal") -> float:
        """Written downwards from a height; the height below it."""
        for line in lines:
            x, y = MARGIN_IN / WIDTH_IN, y_in / self.height_in
            self.figure.text(x, y, line, fontsize=size_pt, color=colour, fontweight=weight, va="top", ha="left")
            y_in -= _height([line], size_pt)
        return y_in


def _height(lines: list[str], size_pt: float) -> float:
    return len(lines) * size_pt * _LEADING / _POINTS_IN


def _words(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Words with the space after them; what is too wide by itself letter by letter, as scripts without spaces are."""
    for word in text.split():
        if fits(word):
            yield f"{word} "
        else:
            yield from word
            yield " "
