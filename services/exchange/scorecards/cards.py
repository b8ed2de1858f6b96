"""The two-way assessment of a corridor: what each of two regions did for the other, and one score for each. Pure."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.exchange.scorecards.assessed import LOOKED_AT_AGAIN_AFTER
from services.exchange.scorecards.figures import FEWEST_RANKED, Cell, Figure, count, figure, finish, voids_are_many
from services.exchange.scorecards.indicators import BY_ID, INDICATORS


class Period(NamedTuple):
    """Days of UTC, both included. `as_of`: what had happened by the end of that day."""

    first: date
    last: date
    as_of: date

    @property
    def is_provisional(self) -> bool:
        """Whether an answer of the period may still turn out not to hold."""
        return self.as_of < self.last + timedelta(days=LOOKED_AT_AGAIN_AFTER.days)


class OneSided(NamedTuple):
    """Open findings: links that only this region has, and that only the partner has."""

    here: int = 0
    there: int = 0


class Weights(NamedTuple):
    """How much each figure counts. Data: a change is a new version, from a day on; the old one stays for old days."""

    version: int
    valid_from: date
    of: tuple[tuple[str, float], ...]


WEIGHTS = (
    Weights(
        1,
        date(1970, 1, 1),
        (("X2", 0.20), ("X4", 0.20), ("X5", 0.20), ("X9", 0.10), ("X11", 0.15), ("X18", 0.10), ("X23", 0.05)),
    ),
)
SHARED = frozenset({"X5", "X11"})
"""What both regions answer for together."""


class Part(NamedTuple):
    """One term of a score: `quality` between 0 and 1, `weight` as it counted after those that are missing."""

    indicator: str
    weight: float
    quality: float
    denominator: int
    is_shared: bool


class Score(NamedTuple):
    """S = sum of weight by quality. `why_not`: why there is none. `can_rank`: whether it may stand in a ranking."""

    value: float | None
    parts: tuple[Part, ...]
    missing: tuple[tuple[str, str], ...]
    can_rank: bool
    why_not: str | None = None


class Card(NamedTuple):
    """One direction: what `debtor` owed `creditor`."""

    debtor: str
    creditor: str
    figures: tuple[Figure, ...]
    score: Score


class Scorecards(NamedTuple):
    """Both directions, as one of the two regions has them in its book."""

    region: str
    partner: str
    period: Period
    weights: Weights
    shared: tuple[Figure, ...]
    cards: tuple[Card, Card]


def compile_cards(region: str, partner: str, period: Period, cells: Sequence[Cell], one_sided: OneSided) -> Scorecards:
    """Everything of one corridor."""
    weights = find_weights(period.as_of)
    sides = ((region, partner), (partner, region))
    shared = (_together(cells), _co_registration(cells, one_sided))
    cards = []
    for debtor, creditor in sides:
        figures = tuple(
            _figure(each.id, debtor, debtor == region, cells, one_sided) for each in INDICATORS if each.id != "X11"
        )
        cards.append(Card(debtor, creditor, figures, score(weights, figures, shared)))
    return Scorecards(region, partner, period, weights, shared, (cards[0], cards[1]))


def find_weights(as_of: date) -> Weights:
    """The version in force on a day."""
    return [each for each in WEIGHTS if each.valid_from <= as_of][-1]


def score(weights: Weights, figures: Sequence[Figure], shared: Sequence[Figure]) -> Score:
    """S = sum of weight by quality. A figure that is missing leaves its weight to the others and is named: it may
    never be taken for a good one or a bad one. Without X4 or X5 there is no score."""
    found = {each.indicator.id: each for each in figures} | {each.indicator.id: each for each in shared}
    parts, missing = [], []
    for id_, weight in weights.of:
        known = found.get(id_)
        if known is None or known.value is None:
            missing.append((id_, known.why_not or "" if known is not None else "not-computed"))
            continue
        quality = 1 - known.value if known.indicator.is_better_low else known.value
        parts.append(Part(id_, weight, quality, known.denominator or 0, id_ in SHARED))
    if not {"X4", "X5"} <= {each.indicator for each in parts}:
        return Score(None, (), tuple(missing), False, "too-little-owed")
    whole = sum(each.weight for each in parts)
    scaled = tuple(each._replace(weight=each.weight / whole) for each in parts)
    ranks = all(each.denominator >= FEWEST_RANKED for each in parts) and not voids_are_many(found["X4"])
    return Score(sum(each.weight * each.quality for each in scaled), scaled, tuple(missing), ranks)


def _figure(id_: str, debtor: str, is_own: bool, cells: Sequence[Cell], one_sided: OneSided) -> Figure:
    indicator = BY_ID[id_]
    if id_ == "X12":
        return _one_sided(debtor, is_own, cells, one_sided)
    if indicator.own_book and not is_own:
        return Figure(indicator, debtor, None, None, None, why_not="only-in-its-own-book")
    return figure(indicator, debtor, cells)


def _together(cells: Sequence[Cell]) -> Figure:
    """X5 of both: whether questions of this corridor are answered so that they help."""
    numerator, denominator = count(BY_ID["X5"], cells)
    return finish(BY_ID["X5"], "both", numerator, denominator)


def _co_registration(cells: Sequence[Cell], one_sided: OneSided) -> Figure:
    _, open_here = count(BY_ID["X11"], cells)
    return finish(BY_ID["X11"], "both", max(open_here - one_sided.here, 0), open_here + one_sided.there)


def _one_sided(debtor: str, is_own: bool, cells: Sequence[Cell], one_sided: OneSided) -> Figure:
    """Of the links that a region holds, those that the other one lacks."""
    _, open_here = count(BY_ID["X12"], cells)
    if is_own:
        return finish(BY_ID["X12"], debtor, min(one_sided.here, open_here), open_here)
    open_there = max(open_here - one_sided.here, 0) + one_sided.there
    return finish(BY_ID["X12"], debtor, one_sided.there, open_there)
