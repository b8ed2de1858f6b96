"""Every indicator gives what is worked out by hand, and without anything to work with says why it gives nothing."""

from pathlib import Path

import pytest

from services.projections.statistics.indicators import CATALOGUE, WrongQuestionError, compute
from services.projections.statistics.indicators.page import render_page
from tests.projections.statistics.indicators.cells import TOWN, asking, counted
from tests.projections.statistics.indicators.examples import EXAMPLES

COUNTS = {"population", "births", "stillbirths", "deaths", "in-moves", "out-moves", "net-migration", "all-moves"}
NOTHING_IS_A_NUMBER = COUNTS | {"moves-between", "balancing-equation", "inflow", "outflow"}


def test_every_indicator_has_its_example() -> None:
    assert EXAMPLES.keys() == CATALOGUE.keys()


@pytest.mark.parametrize("id", EXAMPLES)
def test_an_indicator_is_what_is_worked_out_by_hand(id: str) -> None:
    example = EXAMPLES[id]
    figures = compute(CATALOGUE[id], counted(*example.cells), asking(**example.choices))
    if isinstance(example.value, str):
        assert [figure.reason.code for figure in figures if figure.reason] == [example.value]
        return
    figure = next(figure for figure in figures if figure.value is not None)
    assert float(figure.value or 0) == pytest.approx(example.value, rel=1e-12)


@pytest.mark.parametrize("id", EXAMPLES)
def test_every_figure_carries_its_parts(id: str) -> None:
    example = EXAMPLES[id]
    for figure in compute(CATALOGUE[id], counted(*example.cells), asking(**example.choices, vintage="2016-01-31")):
        record = figure.as_record()
        assert record["definition"] == f"{id}/1"
        assert (record["period"], record["map"], record["vintage"]) == ("2015-01-01/2016-01-01", "event", "2016-01-31")
        if figure.value is None:
            assert record["reason"]["words"]
            continue
        assert record["numerator"]["id"]
        names = [check["name"] for check in record["checks"]]
        if figure.place == TOWN.code:
            assert names == ["two-sources", "implied-rates", "growth", "parts-add-up", "projection", "cells"]
        assert all(check["why"] for check in record["checks"])


@pytest.mark.parametrize("id", sorted(EXAMPLES.keys() - NOTHING_IS_A_NUMBER))
def test_without_anybody_a_rate_is_null_with_a_reason(id: str) -> None:
    for figure in compute(CATALOGUE[id], counted(), asking()):
        assert figure.value is None
        assert figure.reason is not None


@pytest.mark.parametrize("id", sorted(NOTHING_IS_A_NUMBER))
def test_without_anybody_a_count_is_nought(id: str) -> None:
    assert [figure.value for figure in compute(CATALOGUE[id], counted(), asking())] == [0]


def test_a_breakdown_that_an_indicator_has_not_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(WrongQuestionError, match="but by sex, age") as refused:
        compute(CATALOGUE["population"], counted(), asking(by=("order",)))
    assert refused.value.field == "by"


def test_the_page_for_people_is_that_of_the_declarations() -> None:
    page = Path(__file__).resolve().parents[4] / "docs" / "indicators.md"
    assert page.read_text() == render_page(), "renew it: python -m services.projections.statistics.indicators.page"
