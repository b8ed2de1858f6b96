"""How time, age and unknown things are counted."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.projections.statistics.indicators import (
    CATALOGUE,
    FIVE_YEARS,
    WHOLE,
    AgeGroups,
    Figure,
    LegalPeriod,
    Question,
    Reference,
    Span,
    Zone,
    compute,
)
from services.projections.statistics.indicators.spans import age_on, birthday, day_of
from tests.projections.statistics.indicators.cells import (
    TOWN,
    VILLAGE,
    asking,
    births,
    counted,
    deaths,
    move,
    people,
    unions,
)


def one(id: str, question: Question, *cells: object) -> Figure:
    (figure,) = compute(CATALOGUE[id], counted(*cells), question)  # type: ignore[arg-type]
    return figure


def lived(question: Question, *cells: object) -> Fraction | float | int:
    figure = one("crude-birth-rate", question, *cells)
    assert figure.denominator is not None
    return figure.denominator.value


def test_years_are_lived_by_the_day_and_each_day_is_a_part_of_its_own_year() -> None:
    moved_in = people(10, day=day_of(2015, 7))
    assert lived(asking(), moved_in) == Fraction(10 * 184, 365)
    both = asking(span=Span(day_of(2015, 7), day_of(2016, 7)))
    assert lived(both, moved_in) == 10 * (Fraction(184, 365) + Fraction(182, 366))
    assert lived(asking(span=Span(day_of(1990), day_of(2020))), people(1, day=day_of(1980))) == 30


def test_mid_year_population_is_the_mean_of_both_ends_and_is_said() -> None:
    question = asking(basis="mid-year-population")
    figure = one("crude-birth-rate", question, people(100), people(11, day=day_of(2015, 12, 31)), births(1))
    assert figure.denominator is not None
    assert figure.denominator.value == Fraction(211, 2)
    assert figure.denominator.id == "lived:usual:mid-year-population"
    assert "mid-year" in figure.denominator.words


@given(st.dates(date(1900, 1, 1), date(2020, 12, 31)), st.integers(0, 110))
def test_an_age_is_reached_on_the_birthday_and_not_before(born: date, age: int) -> None:
    day = day_of(born.year, born.month, born.day)
    reached = birthday(day, age)
    assert age_on(day, reached) == age
    assert age_on(day, reached - 1) == age - 1


def test_who_is_born_on_29_february_is_a_year_older_on_1_march() -> None:
    assert birthday(day_of(2000, 2, 29), 1) == day_of(2001, 3, 1)
    assert birthday(day_of(2000, 2, 29), 4) == day_of(2004, 2, 29)


@given(st.lists(st.tuples(st.integers(-9000, 17000), st.integers(10000, 17500), st.integers(-3, 5)), max_size=12))
def test_years_by_age_add_up_to_years(rows: list[tuple[int, int, int]]) -> None:
    counts = counted(*(people(n, born=min(born, day), day=day) for born, day, n in rows))
    span = Span(day_of(2001, 5, 5), day_of(2016, 2, 2))
    by_age = counts.person_years(span, "usual", ("age",))
    assert sum(by_age.values()) == sum(counts.person_years(span, "usual", ()).values())
    assert sum(by_age.values()) == sum(counts.person_years(span, "usual", ("birth-year",)).values())


def test_women_over_49_are_others_and_44_is_said_on_request() -> None:
    cells = (people(100, born=day_of(1968)), people(100), births(10))
    assert one("general-fertility-rate", asking(), *cells).value == 50
    assert one("general-fertility-rate", asking(women_until=44), *cells).value == 100


def test_mothers_beyond_the_edges_stand_alone_or_are_folded() -> None:
    cells = (people(100, born=day_of(2001)), people(100, born=day_of(2000)), births(1, mother=day_of(2001)))
    assert one("total-fertility-rate-five-year", asking(), *cells).value == Fraction(5, 100)
    assert one("total-fertility-rate-five-year", asking(edge_ages="folded"), *cells).value == Fraction(5, 100)
    alone = (people(100, born=day_of(2000)), births(1, mother=day_of(2001)))
    figure = one("total-fertility-rate", asking(), *alone)
    assert figure.reason is not None
    assert figure.reason.code == "births-without-women"
    assert one("total-fertility-rate", asking(edge_ages="folded"), *alone).value == Fraction(1, 100)


def test_unstated_ages_are_excluded_or_pro_rated_and_said() -> None:
    cells = (people(100), births(8), births(2, mother=None))
    excluded, spread = (
        one("total-fertility-rate", asking(unstated_ages=how), *cells) for how in ("excluded", "pro-rated")
    )
    assert (excluded.value, spread.value) == (Fraction(8, 100), Fraction(10, 100))
    assert "2 births without the mother's age: excluded" in excluded.notes


def test_ages_come_in_the_groups_asked_for() -> None:
    figures = compute(CATALOGUE["population"], counted(people(5)), asking(by=("age",), ages=FIVE_YEARS))
    assert [(figure.by, figure.value) for figure in figures] == [({"age": "30-34"}, 5)]
    assert AgeGroups((0, 15, 65)).label(65) == "65+"


def test_moves_within_a_place_cross_no_border_and_places_may_nest() -> None:
    both = Zone("both", frozenset({"T", "V"}))
    moves = counted(move(5, "T", "V"), move(2, "country:x", "V", "in"))
    figures = compute(CATALOGUE["in-moves"], moves, asking(zones=(both, TOWN, VILLAGE, WHOLE)))
    assert [figure.value for figure in figures] == [2, 0, 7, 2]
    (overlapping,) = compute(CATALOGUE["moves-between"], moves, asking(zones=(both, TOWN)))
    assert overlapping.reason is not None
    assert overlapping.reason.code == "places-overlap"


def test_the_registered_population_has_its_own_births() -> None:
    elsewhere = births(6)._replace(registered="V")
    assert one("births", asking(population="registered", zones=(VILLAGE,)), elsewhere).value == 6
    assert one("births", asking(zones=(VILLAGE,)), elsewhere).value == 0


def test_each_event_is_judged_by_the_law_of_its_place_and_day() -> None:
    laws = (
        LegalPeriod("birth", None, day_of(1990), 5),
        LegalPeriod("birth", None, day_of(2015, 9), 60),
        LegalPeriod("birth", "T", day_of(2015, 3), 30),
    )
    cells = (births(1, day=day_of(2015, 2)), births(1, day=day_of(2015, 4)), births(2, day=day_of(2015, 10), delay=40))
    figure = one("birth-registration-within-legal-period", asking(legal_periods=laws), *cells)
    assert figure.numerator is not None
    assert figure.numerator.value == 1
    none = one("birth-registration-within-legal-period", asking(legal_periods=laws[2:]), *cells)
    assert none.reason is not None
    assert none.reason.code == "no-legal-period"


def test_timeliness_by_month_says_how_old_each_cohort_is() -> None:
    cells = counted(births(3, day=day_of(2015, 1, 15)), births(1, day=day_of(2015, 12, 15), delay=None))
    question = asking(by=("month",), known_day=day_of(2016, 2, 1))
    january, december = compute(CATALOGUE["birth-registration-median-delay"], cells, question)
    assert january.notes[0] == "age of the cohort: 366 days"
    assert december.notes[0] == "age of the cohort: 32 days; later registrations are still to come"
    assert december.value is None


def test_completeness_above_a_hundred_is_not_clipped() -> None:
    expected = Reference("expected-births", "town", 50.0, "survey", "2014")
    figure = one("birth-registration-completeness", asking(references=(expected,)), births(60))
    assert figure.value == 120
    assert "not clipped" in figure.notes[0]


@pytest.mark.parametrize(
    ("name", "cells", "references"),
    [
        ("two-sources", (people(100),), (Reference("population", "town", 111.2, "census", "2011"),)),
        ("implied-rates", (people(100), births(5)), (Reference("crude-birth-rate", "town", 41.0, "survey", "2011"),)),
        ("growth", (people(100), people(10, day=day_of(2015, 7))), ()),
        ("projection", (people(100),), (Reference("projection", "town", 90.0, "bureau", "2011"),)),
        ("cells", (people(100), people(-1, sex="male")), ()),
        ("cells", (), ()),
    ],
)
def test_a_denominator_that_fails_a_check_says_so(
    name: str, cells: tuple[object, ...], references: tuple[Reference, ...]
) -> None:
    figure = one("deaths", asking(references=references), *cells)
    assert name in {check.name for check in figure.failed}


def test_a_sound_denominator_fails_none() -> None:
    assert one("crude-death-rate", asking(), people(100), deaths(1)).failed == ()


def test_intensity_times_effectiveness_is_aggregate_net_migration() -> None:
    cells = counted(people(900), people(77, "V"), move(13, "T", "V"), move(4, "V", "T"))
    question = asking(zones=(TOWN, VILLAGE))
    ids = ("crude-migration-intensity", "migration-effectiveness-index", "aggregate-net-migration-rate")
    cmi, mei, anmr = (compute(CATALOGUE[id], cells, question)[0].value for id in ids)
    assert anmr == Fraction(cmi or 0) * Fraction(mei or 0) / 100


def test_a_negative_count_of_people_divides_nothing() -> None:
    figure = one("crude-marriage-rate", asking(), people(-5), unions("marriage", 1))
    assert figure.reason is not None
    assert figure.reason.code == "negative-count"


@pytest.mark.parametrize("id", ["crude-birth-rate", "births", "population", "net-migration"])
def test_a_period_that_goes_on_after_the_day_of_the_vintage_has_no_figure_yet(id: str) -> None:
    cells, last = (people(100), births(3), move(1, "T", "V")), day_of(2016) - 1
    assert one(id, asking(known_day=last), *cells).value is not None
    too_early = one(id, asking(known_day=last - 1), *cells)
    assert (too_early.value, too_early.reason and too_early.reason.code) == (None, "period-not-over")
