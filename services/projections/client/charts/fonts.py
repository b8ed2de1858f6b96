"""Which fonts a picture is written with, and what to write where none of them has the letters of a name."""

import logging
from functools import cache

from matplotlib import font_manager

# The first three that are there make the look; the rest are asked for letters that these do not have.
_PREFERRED = ("Source Sans 3", "Noto Sans", "Open Sans", "Liberation Sans", "Arial", "DejaVu Sans")
_OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Noto Sans SC", "Noto Sans JP", "Noto Sans KR",
    "Source Han Sans SC", "PingFang SC", "Hiragino Sans", "Apple SD Gothic Neo", "Microsoft YaHei", "Yu Gothic",
    "Malgun Gothic", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Droid Sans Fallback", "Noto Sans Arabic",
    "Noto Sans Hebrew", "Noto Sans Devanagari", "Noto Sans Bengali", "Noto Sans Thai", "Noto Sans Armenian",
    "Noto Sans Georgian", "Noto Sans Ethiopic", "Noto Sans Tamil", "Noto Sans Sinhala", "Noto Sans Khmer",
    "Noto Sans Myanmar", "Arial Unicode MS", "Nirmala UI", "Unifont",
)  # fmt: skip


@cache
def families() -> tuple[str, ...]:
    """Those that this machine has, in order; DejaVu Sans comes with matplotlib and is always the last resort."""
    have = {entry.name for entry in font_manager.fontManager.ttflist}
    look = next(name for name in _PREFERRED if name in have or name == "DejaVu Sans")
    others = [name for name in (*_PREFERRED, *_OTHER_SCRIPTS) if name in have and name != look]
    return (look, *others)


@cache
def _glyphs() -> frozenset[int]:
    """Every character that some font of ours can write."""
    # A family that has no file for a weight is told as a warning; the next family is asked, and that is all.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    found: set[int] = set()
    for name in families():
        found.update(font_manager.get_font(font_manager.findfont(name)).get_charmap())
    return frozenset(found)


def can_write(text: str) -> bool:
    """Whether no character of it would come out as an empty box."""
    return all(ord(letter) in _glyphs() or letter.isspace() for letter in text)
