"""From events to rates: Gotland's people, folded one by one and counted, give the published figures of the county."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.projections.statistics.cells import Change, Move, Occurrence
from services.projections.statistics.contributions import contributions
from services.projections.statistics.indicators import (
    CATALOGUE,
    WHOLE,
    CountsInMemory,
    Figure,
    Question,
    RememberingCounts,
    calendar_year,
    compute,
)
from services.projections.statistics.indicators.claims import rounded
from tests.projections.register.life.gotland import fold_gotland


@pytest.fixture(scope="module")
def gotland() -> RememberingCounts:
    cells = [cell for life in fold_gotland().values() for cell in contributions(life)]
    return RememberingCounts(
        CountsInMemory(
            [cell for cell in cells if isinstance(cell, Change)],
            [cell for cell in cells if isinstance(cell, Occurrence)],
            [cell for cell in cells if isinstance(cell, Move)],
        )
    )


def as_published(id: str, counts: RememberingCounts) -> Figure:
    question = Question(calendar_year(2015), basis="mid-year-population", age_at="year-end")
    (figure,) = compute(CATALOGUE[id], counts, question)
    return figure


@pytest.mark.parametrize(
    ("id", "published"),
    [
        ("crude-birth-rate", "8.5655"),
        ("total-fertility-rate", "1.6953"),
        ("total-fertility-rate-mixed-ages", "1.7019"),
    ],
)
def test_rates_counted_from_events_are_the_published_ones(gotland: RememberingCounts, id: str, published: str) -> None:
    figure = as_published(id, gotland)
    assert isinstance(figure.value, Fraction)
    assert rounded(figure.value, Decimal(published)) == Decimal(published)
    assert figure.failed == ()


def test_the_rate_carries_the_published_births_and_population(gotland: RememberingCounts) -> None:
    figure = as_published("crude-birth-rate", gotland)
    assert figure.numerator is not None
    assert figure.denominator is not None
    assert (figure.numerator.value, figure.denominator.value) == (491, 57323)


@pytest.mark.parametrize("population", ["usual", "registered"])
def test_twenty_years_balance(gotland: RememberingCounts, population: str) -> None:
    question = Question(calendar_year(1996, 20), (WHOLE,), population=population)
    (figure,) = compute(CATALOGUE["balancing-equation"], gotland, question)
    assert figure.value == 0
    assert figure.numerator is not None
    assert figure.numerator.value > 50_000


def test_years_lived_by_the_day_are_close_to_the_mean_of_both_ends(gotland: RememberingCounts) -> None:
    (exact,) = compute(CATALOGUE["crude-death-rate"], gotland, Question(calendar_year(2015)))
    mean = as_published("crude-death-rate", gotland)
    assert exact.value != mean.value
    assert float(exact.value or 0) == pytest.approx(float(mean.value or 0), rel=0.01)
