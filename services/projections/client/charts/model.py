"""What a picture shows, before anything is drawn. Nothing here knows how it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

State = Literal["shown", "hidden", "undefined"]


class Cell(NamedTuple):
    """One figure: a value, or none because it is hidden (disclosure control) or because it is not defined."""

    value: float | None
    state: State = "shown"
    why: str = ""


HIDDEN = Cell(None, "hidden")


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What stands around every picture. `footer`: source, map, vintage, rule, definition, one paragraph each.

    `codes`: what stands for a name where a picture has no letters to write it with.
    """

    title: str
    subtitle: str
    footer: tuple[str, ...]
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pyramid:
    """People by age and sex; ages from the youngest. `outline` holds the same ages at another day, drawn as a line."""

    caption: Caption
    unit: str
    ages: tuple[str, ...]
    men: tuple[Cell, ...]
    women: tuple[Cell, ...]
    day: str
    outline: tuple[tuple[Cell, ...], tuple[Cell, ...]] | None = None
    outline_day: str = ""


def year_of(day: date) -> float:
    """A day as a year with its part: 1 July 2015 is about 2015.5, a year stands at its number."""
    return day.year + (day - date(day.year, 1, 1)).days / 366


class Point(NamedTuple):
    """`x` is a year with its part, see `year_of`, or an age."""

    x: float
    cell: Cell


class Line(NamedTuple):
    """One line; a `faded` one is an earlier vintage of the newest line with the same `series`."""

    name: str
    points: tuple[Point, ...]
    faded: bool = False
    series: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Figures over time, or over ages. `logarithmic` where values differ by powers of ten, as death rates do."""

    caption: Caption
    unit: str
    lines: tuple[Line, ...]
    axis: Literal["time", "age"] = "time"
    logarithmic: bool = False


class Bar(NamedTuple):
    """One place with a figure for each of the chart's groups."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Places compared, from the highest. One group: bars. Several (sexes, vintages): a dot for each on one row."""

    caption: Caption
    unit: str
    groups: tuple[str, ...]
    bars: tuple[Bar, ...]


class Flow(NamedTuple):
    """Moves from one place to another; no moves within a place."""

    origin: str
    destination: str
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Moves among places."""

    caption: Caption
    unit: str
    flows: tuple[Flow, ...]


class Partner(NamedTuple):
    """Somewhere that people came from or went to."""

    name: str
    came: Cell
    went: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Moves of one place: what came and what went, by partner, from the one with the most of both."""

    caption: Caption
    unit: str
    partners: tuple[Partner, ...]


Chart = Pyramid | Lines | Bars | Flows | Exchange
