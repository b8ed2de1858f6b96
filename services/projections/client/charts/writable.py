"""Names in any script: where a picture cannot write one, its code stands for it, and the picture says so."""

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

from services.projections.client.charts.model import Bars, Exchange, Flows, Lines, Pyramid

_Chart = TypeVar("_Chart", bound=Pyramid | Lines | Bars | Flows | Exchange)
_BOX = "\N{WHITE SQUARE}"
NOTE = "This machine has no font for some letters: codes or squares stand for them; an SVG keeps every name."


def make_writable(chart: _Chart, can_write: Callable[[str], bool]) -> _Chart:
    """The chart with every text that cannot be written replaced; itself where all can be."""
    names = {name: code for name, code in chart.caption.codes.items() if not can_write(name) and can_write(code)}

    def written(text: str) -> str:
        for name in sorted(names, key=len, reverse=True):
            text = text.replace(name, names[name])
        return "".join(letter if letter.isspace() or can_write(letter) else _BOX for letter in text)

    found: _Chart = _replaced(chart, written)
    if found == chart:
        return chart
    footer = (*found.caption.footer, NOTE)
    return dataclasses.replace(found, caption=dataclasses.replace(found.caption, footer=footer))


def _replaced(value: Any, written: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return written(value)
    if isinstance(value, tuple):
        items = (_replaced(item, written) for item in value)
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.name != "codes"
        }
        return dataclasses.replace(value, **{name: _replaced(item, written) for name, item in fields.items()})
    return value
