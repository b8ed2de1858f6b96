"""What leaves under a rule, and what of it."""

import pytest

from services.projections.statistics.disclosure import (
    SENSITIVE,
    TEN_FIVE,
    Policy,
    flat,
    make_table,
    protect_figures,
    protect_table,
    read_policy,
)
from services.projections.statistics.indicators import CATALOGUE, Figure, Zone, compute
from tests.projections.statistics.indicators.cells import TOWN, VILLAGE, asking, births, counted, people

BOTH = Zone("both", frozenset({"T", "V"}))


def birth_rates(town: int, village: int, residents: int = 4000) -> tuple[Figure, ...]:
    counts = counted(people(residents), people(residents, "V"), births(town), births(village, "V"))
    return compute(CATALOGUE["crude-birth-rate"], counts, asking(zones=(BOTH, TOWN, VILLAGE)))


def test_the_office_itself_sees_exact_figures_and_others_the_rule_of_the_table() -> None:
    policy = Policy(tables={"deaths": SENSITIVE}, exempt=frozenset({"statistician"}))
    assert policy.find_rule("deaths", "statistician") is None
    assert policy.find_rule("deaths", "auditor") is SENSITIVE
    assert policy.find_rule("births", "auditor") is TEN_FIVE
    (published, *_) = protect_figures(birth_rates(43, 33), None)
    assert published.rule == "none"
    assert published.figure == birth_rates(43, 33)[0]


def test_a_policy_is_read_from_configuration_and_a_changed_rule_needs_a_name() -> None:
    stated = {"exempt": ["statistician"], "tables": {"deaths": {"id": "20-1", "threshold": 20, "base": 1}}}
    policy = read_policy(stated)
    rule = policy.find_rule("deaths", "auditor")
    assert rule is not None
    assert (rule.version, rule.threshold, rule.rate_denominator) == ("20-1/1", 20, 100)
    assert policy.find_rule("births", "auditor") == TEN_FIVE
    with pytest.raises(ValueError, match="an id of its own"):
        read_policy({"default": {"threshold": 3}})
    with pytest.raises(ValueError, match="treshold"):
        read_policy({"default": {"id": "3", "treshold": 3}})


def test_counts_are_rounded_to_five_and_the_rule_is_named() -> None:
    table = make_table((flat("sex", ("female", "male")),), {("female",): 112, ("male",): 93})
    published = protect_table(table, TEN_FIVE)
    assert published.cells == {("female",): 110, ("male",): 95, ("total",): 205}
    assert published.rule == "10-5/1"


def test_zeros_are_shown_or_hidden_as_the_rule_has_it() -> None:
    table = make_table((flat("sex", ("female", "male", "other")),), {("female",): 112, ("male",): 93})
    assert protect_table(table, TEN_FIVE).cells["other",] == 0
    assert protect_table(table, SENSITIVE).cells["other",] is None


def test_a_rate_is_that_of_its_published_parts() -> None:
    _, town, _ = protect_figures(birth_rates(43, 33), TEN_FIVE)
    assert town.figure.numerator is not None
    assert town.figure.denominator is not None
    assert (town.figure.numerator.value, town.figure.denominator.value) == (45, 4000)
    assert town.figure.value == 1000 * 45 / 4000


def test_a_rate_of_fewer_than_ten_events_is_refused_and_under_twenty_is_unreliable() -> None:
    both, town, village = protect_figures(birth_rates(43, 9), TEN_FIVE)
    assert village.figure.value is None
    assert village.figure.reason is not None
    assert village.figure.reason.code == "disclosure-control"
    assert both.figure.value is not None
    _, town, _ = protect_figures(birth_rates(19, 33), TEN_FIVE)
    assert "unreliable: under 20 events" in town.figure.notes


def test_a_rate_of_fewer_than_a_hundred_people_is_refused() -> None:
    _, town, _ = protect_figures(birth_rates(43, 33, residents=99), TEN_FIVE)
    assert town.figure.reason is not None
    assert town.figure.reason.code == "denominator-too-small"
    assert town.figure.denominator is None


def test_what_a_place_and_its_parts_would_tell_of_another_part_is_hidden_too() -> None:
    nested = {"both": ("town", "village")}
    both, town, village = protect_figures(birth_rates(43, 9), TEN_FIVE, nested)
    assert village.figure.value is None
    assert both.figure.value is None or town.figure.value is None


def test_counts_do_not_leave_in_words() -> None:
    figures = compute(CATALOGUE["natural-increase-rate"], counted(people(5321), births(47)), asking())
    (published,) = protect_figures(figures, TEN_FIVE)
    assert "5321" not in str(published.figure.as_record())
    assert "47" not in str(published.figure.as_record())
    assert {check.why for check in published.figure.checks} == {"not shown under disclosure control"}


def test_by_sex_one_hidden_cell_takes_the_other_with_it() -> None:
    """The total of both is in another answer."""
    counts = counted(people(4000), people(4000, sex="male"), births(43), births(4, sex="female"))
    figures = compute(CATALOGUE["births"], counts, asking(by=("sex",)))
    assert [published.figure.value for published in protect_figures(figures, TEN_FIVE)] == [None, None]
