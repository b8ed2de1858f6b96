"""Colours that people with any colour vision tell apart (Okabe and Ito 2008, darkened for white paper), and greys."""

TEXT = "#1d1f21"
SOFT = "#55595e"
FAINT = "#8b9097"
RULE = "#d9dce0"
PAPER = "#ffffff"
HIDDEN = "#b4b9bf"

MEN = "#0f6aa8"
WOMEN = "#c8590c"
MEN_LIGHT = "#6aa5cf"
WOMEN_LIGHT = "#e9a06a"
SERIES = ("#0f6aa8", "#c8590c", "#00805c", "#b0568c", "#8a6d00", "#3c3f88", "#3f94bd", "#7a4a1f")
OLDER = ("#7d858d", "#a3a9af", "#c0c5ca")


_OWN = {"Men": MEN, "Women": WOMEN}


def colour_of(index: int, name: str = "") -> str:
    """Of the line or place with this number; they come round after eight. Men and women have theirs everywhere."""
    return _OWN.get(name, SERIES[index % len(SERIES)])
