"""Figures of real work reports: the right ones are reproduced, those without a stored denominator are refused."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.projections.statistics.indicators import Claim, Portion, recompute
from services.projections.statistics.indicators.claims import agree, find_implausible, implied_denominator


def claim(
    published: str, above: int, below: int | None, about: str = "all", of: str = "all", scale: int = 100
) -> Claim:
    denominator = None if below is None else Portion(of, of, below, "people")
    return Claim(Decimal(published), scale, about, Portion("part", "part", above, "people"), denominator)


@pytest.mark.parametrize(
    ("published", "above", "below"),
    [("98.53", 2012, 2042), ("83.93", 46439, 55332), ("54.54", 3014, 5526)],
)
def test_rates_with_both_parts_are_reproduced(published: str, above: int, below: int) -> None:
    assert recompute(claim(published, above, below)).outcome == "reproduced"


def test_orders_of_birth_add_up_to_the_births_and_members_to_their_groups() -> None:
    assert 1245 + 788 + 9 == 2042
    assert 299 + 4 == 303


def test_a_birth_rate_without_its_population_is_refused() -> None:
    verdict = recompute(claim("7.02", 2042, None, scale=1000))
    assert (verdict.outcome, verdict.exact) == ("refused", None)
    assert verdict.reason is not None
    assert verdict.reason.code == "denominator-not-stored"


def test_two_statements_imply_populations_sixteen_per_cent_apart() -> None:
    by_births = implied_denominator(claim("7.02", 2042, None, scale=1000))
    by_members = implied_denominator(claim("12.5", 42226, None))
    assert (round(by_births), round(by_members)) == (290883, 337808)
    assert by_members / by_births == pytest.approx(1.16, abs=0.005)
    assert not agree(by_births, by_members)


def test_a_rate_that_does_not_follow_is_contradicted_and_says_what_it_would_need() -> None:
    wrong = claim("92.22", 1439, 2045)
    verdict = recompute(wrong)
    assert verdict.outcome == "contradicted"
    assert float(verdict.exact or 0) == pytest.approx(70.37, abs=0.005)
    assert round(implied_denominator(wrong)) == 1560


def test_holding_a_document_is_not_its_verification() -> None:
    """378 of 420 hold one; the 100 % were of those presented: two indicators, two denominators."""
    assert recompute(claim("90.0", 378, 420)).outcome == "reproduced"
    assert recompute(claim("100", 378, 420)).outcome == "contradicted"


def test_a_subgroup_as_the_denominator_is_refused() -> None:
    switched = recompute(claim("100", 785, 785, about="women", of="women-contacted"))
    assert switched.outcome == "refused"
    assert switched.reason is not None
    assert switched.reason.code == "denominator-of-another-definition"
    assert recompute(claim("85.5", 785, 918, about="women", of="women")).outcome == "reproduced"


def test_an_implausible_death_rate_is_noticed() -> None:
    reason = find_implausible(Fraction("7.02"), Fraction("4.13"))
    assert reason is not None
    assert "2.89" in reason.words
    assert find_implausible(Fraction("11.72"), Fraction("2.45")) is None
    assert round(Fraction("7.02") * 316000 / 1000) == 2218


def test_a_share_gives_back_its_whole() -> None:
    assert round(implied_denominator(claim("98", 41235, None))) == 42077
