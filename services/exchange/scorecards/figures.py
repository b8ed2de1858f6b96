"""From rows that are alike to figures: shares with their intervals, days, and what is held back. Pure."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from services.exchange.scorecards.indicators import ROUNDS, Flags, Indicator

FEWEST = 5
"""Of fewer people nothing is told."""
FEWEST_RANKED = 30
_Z = 1.959963984540054
"""Of 95 %, two-sided."""
_SEEMS_MANY = 0.2


class Cell(NamedTuple):
    """So many rows (`n`) that are alike as of one day. `flags`: which of `reading.FLAGS` hold."""

    kind: str
    debtor: str
    outcome: str
    days: int
    flags: frozenset[str]
    n: int


class Spread(NamedTuple):
    """Days: half of the answers took up to `median`, nine in ten up to `p90`."""

    median: int
    p90: int


class Figure(NamedTuple):
    """`value`: numerator by denominator. `low`, `high`: the 95 % interval after Wilson. `why_not`: why there is none.

    `parts`: how many by outcome; None where so few are not told.
    """

    indicator: Indicator
    debtor: str
    numerator: int | None
    denominator: int | None
    voided: int | None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    days: Spread | None = None
    parts: tuple[tuple[str, int | None], ...] = ()
    why_not: str | None = None

    @property
    def can_rank(self) -> bool:
        return self.value is not None and (self.denominator or 0) >= FEWEST_RANKED


def wilson(numerator: int, denominator: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), without correction for continuity.

    8 of 10: centre (0.8 + 1.9208/10) / (1 + 3.8415/10) = 0.7167; half width 1.96 * sqrt(0.8*0.2/10 + 3.8415/400) /
    1.38415 = 0.2266; so 0.4902 to 0.9433.
    """
    if not 0 <= numerator <= denominator or not denominator:
        raise ValueError(f"{numerator} of {denominator} is no share")
    share, z2 = numerator / denominator, _Z * _Z / denominator
    centre = (share + z2 / 2) / (1 + z2)
    half = _Z * math.sqrt(share * (1 - share) / denominator + z2 / (4 * denominator)) / (1 + z2)
    low = 0.0 if numerator == 0 else centre - half
    return low, 1.0 if numerator == denominator else centre + half


def spread(days: Iterable[tuple[int, int]]) -> Spread | None:
    """Of (days, how many): the smallest number of days within which half, and nine in ten, of them lie."""
    counted = sorted(each for each in days if each[1] > 0)
    total = sum(n for _, n in counted)
    return Spread(_rank(counted, total, 0.5), _rank(counted, total, 0.9)) if total else None


def _rank(counted: Sequence[tuple[int, int]], total: int, share: float) -> int:
    reached = 0
    for days, n in counted:
        reached += n
        if reached >= math.ceil(total * share):
            return days
    raise AssertionError(counted)


def holds(cell: Cell, flags: Flags) -> bool:
    """Whether a cell's rows are what the flags ask for."""
    return all((name in cell.flags) is wanted for name, wanted in flags)


def count(indicator: Indicator, cells: Iterable[Cell]) -> tuple[int, int]:
    """(numerator, denominator) over cells. Of rounds after a correction only those count that were not answered."""
    numerator = denominator = 0
    for cell in cells:
        if cell.kind in indicator.above and holds(cell, indicator.counted):
            numerator += cell.n
        if cell.kind not in indicator.kinds or not holds(cell, indicator.of):
            continue
        is_counted = not indicator.above and holds(cell, indicator.counted)
        if cell.kind in ROUNDS and is_counted and not indicator.is_better_low:
            continue
        denominator += cell.n
        numerator += cell.n if is_counted else 0
    return numerator, denominator


def figure(indicator: Indicator, debtor: str, cells: Sequence[Cell]) -> Figure:
    """One share of one debtor, of cells of its own."""
    own = [each for each in cells if each.debtor == debtor]
    numerator, denominator = count(indicator, own)
    own = [each for each in own if each.kind in indicator.kinds]
    voided = sum(each.n for each in own if "voided" in each.flags)
    parts = tuple(
        (name, sum(each.n for each in own if each.outcome == name and holds(each, indicator.of)))
        for name in indicator.told_by
    )
    days = spread((each.days, each.n) for each in own if each.days >= 0 and holds(each, (*indicator.of,
        ("answered", True)))) if indicator.days else None  # fmt: skip
    return finish(indicator, debtor, numerator, denominator, voided, days, parts)


def finish(
    indicator: Indicator,
    debtor: str,
    numerator: int,
    denominator: int,
    voided: int = 0,
    days: Spread | None = None,
    parts: tuple[tuple[str, int], ...] = (),
) -> Figure:
    """The share with its interval; nothing of it where there are too few people."""
    if denominator == 0:
        return Figure(indicator, debtor, 0, 0, _few(voided), why_not="nothing-due")
    if denominator < FEWEST:
        return Figure(indicator, debtor, None, None, _few(voided), why_not="too-few-people")
    low, high = wilson(min(numerator, denominator), denominator)
    told = tuple((name, _few(n)) for name, n in parts)
    value = numerator / denominator
    return Figure(indicator, debtor, numerator, denominator, _few(voided), value, low, high, days, told)


def _few(n: int) -> int | None:
    return n if n == 0 or n >= FEWEST else None


def voids_are_many(figure: Figure) -> bool:
    """Whether so much was voided that the rest says little: no ranking then."""
    everything = (figure.denominator or 0) + (figure.voided or 0)
    return everything > 0 and (figure.voided or 0) / everything > _SEEMS_MANY
