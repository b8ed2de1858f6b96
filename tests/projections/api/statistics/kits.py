"""Questions put to the pure part: a map of sayings, counts in memory, no stack."""

from collections.abc import Sequence
from typing import Any

from services.projections.api.statistics.asking import Asked
from services.projections.api.statistics.cartography import Cartography
from services.projections.api.statistics.places import Places
from services.projections.api.statistics.study import Study, compute_period
from services.projections.geography.atlas import AreaFact, Atlas, fold_atlas
from services.projections.statistics.cells import USUAL, Change, Move, Occurrence
from services.projections.statistics.disclosure import PublishedFigure, Rule
from services.projections.statistics.indicators import CATALOGUE, CountsInMemory, Span


def lives(area: str, day: int, n: int = 1, sex: str | None = "female", born: int | None = -10_000) -> Change:
    return Change(USUAL, area, None, sex, born, day, n)


def birth(area: str, day: int, n: int = 1, mother_born: int = -10_000) -> Occurrence:
    return Occurrence("birth", area, day, "female", mother_born, 1, 3, None, n)


def make_counts(*cells: Change | Occurrence | Move) -> CountsInMemory:
    return CountsInMemory(
        [cell for cell in cells if isinstance(cell, Change)],
        [cell for cell in cells if isinstance(cell, Occurrence)],
        [cell for cell in cells if isinstance(cell, Move)],
    )


def make_study(
    facts: Sequence[AreaFact] | Atlas, codes: Sequence[str], span: Span, rule: Rule | None = None, **asked: Any
) -> Study:
    atlas = facts if isinstance(facts, Atlas) else fold_atlas(facts)
    level = asked.pop("level", None)
    question = Asked(areas=() if level is not None else tuple(codes), level=level, spans=(span,), **asked)
    day = span.end - 1 if question.map_day is None else question.map_day
    return Study(
        asked=question,
        places=Places(tuple(codes), day, question.areas),
        cartography=Cartography(atlas),
        rule=rule,
        vintage="current",
        answered_at="2012-03-15T08:30:00.125Z",
        today=20_000,
    )


def ask(study: Study, counts: CountsInMemory, indicator: str) -> list[PublishedFigure]:
    return list(compute_period(study, counts, CATALOGUE[indicator], study.asked.spans[0]))


def values(figures: Sequence[PublishedFigure]) -> dict[str, Any]:
    """Place → value; for answers that are not broken down."""
    return {each.figure.place: each.figure.value for each in figures}
