"""What stands on a picture: its texts, and how many marks of a kind."""

import re
from html import unescape
from xml.etree import ElementTree

from services.projections.client.charts.model import Chart
from services.projections.client.charts.picture import render


class Svg:
    """An SVG that was drawn. Raises ParseError if it is none."""

    def __init__(self, chart: Chart) -> None:
        self.source = render(chart, ".svg").decode()
        ElementTree.fromstring(self.source)
        self.texts = [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", self.source)]
        self.words = " ".join(self.texts)

    def count(self, mark: str) -> int:
        """How many marks of a kind were drawn: hidden, undefined, outline, restated."""
        return len(re.findall(rf'<g id="{mark}-\d+"', self.source))
