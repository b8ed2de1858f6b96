"""Which picture an answer becomes, and what is on it."""

from typing import Any

import pytest

from services.projections.client.charts.choosing import NoPictureError, choose_chart
from services.projections.client.charts.datum import read_codes, read_indicator, read_population
from services.projections.client.charts.model import Bars, Exchange, Flows, Lines, Pyramid
from services.projections.client.charts.moving import choose_flows
from tests.projections.client.charts.answers import HIDDEN, NOTHING, figure, flows, indicator, people, population
from tests.projections.client.charts.svg import Svg


def drawn(*answers: dict[str, Any]) -> Any:
    codes = read_codes(row for answer in answers for row in answer["figures"])
    return choose_chart(read_indicator(answers), "north", codes)


def test_years_become_a_line_with_its_source_map_vintage_rule_and_definition() -> None:
    chart = drawn(indicator(*(figure(8 + year % 3, year=year) for year in range(2001, 2011))))
    assert isinstance(chart, Lines)
    said = Svg(chart).words
    for words in (
        "Crude birth rate, Gotland",
        "Live births per 1,000 person-years, 2001–2010",  # noqa: RUF001
        "population register of north, as known on 22 Nov 2026, 12:50 UTC",
        "areas as they were at each event",
        "Disclosure control: none.",
        "Definition crude-birth-rate/1: live births; over person-years lived.",
        "per 1,000",
        "2006",
    ):
        assert words in said


def test_what_is_missing_from_figures_stands_on_the_picture() -> None:
    whole = indicator(*(figure(9.0, year=year) for year in (2001, 2002)))
    assert "INCOMPLETE: 3 records" in Svg(drawn(whole | {"set_aside": 3})).words
    assert "INCOMPLETE: 3 records" in Svg(choose_flows(flows(("A", "B", 1), set_aside=3), "north", {})).words
    assert "INCOMPLETE" not in Svg(drawn(whole | {"set_aside": 0})).words


def test_a_hidden_figure_is_a_hatched_stripe_and_one_that_is_not_defined_a_gap_with_its_reason() -> None:
    values = [9.0, 9.5, None, 8.0, None, 9.2, 9.4]
    reasons = [None, None, HIDDEN, None, NOTHING, None, None]
    figures = [
        figure(value, year=2001 + at, reason=why) for at, (value, why) in enumerate(zip(values, reasons, strict=True))
    ]
    picture = Svg(drawn(indicator(*figures, rule="10-5/1")))
    assert (picture.count("hidden"), picture.count("undefined")) == (1, 1)
    assert "The denominator is zero." in picture.words
    assert "Disclosure control: rule 10-5/1." in picture.words


def test_of_several_lines_a_hidden_figure_is_a_square_of_its_line() -> None:
    figures = [
        figure(
            None if year == 2003 and place == "A" else 9.0,
            place,
            place,
            year=year,
            reason=HIDDEN if year == 2003 and place == "A" else None,
        )
        for place in "AB"
        for year in range(2001, 2006)
    ]
    picture = Svg(drawn(indicator(*figures)))
    assert picture.count("hidden") == 1
    assert "Square on the axis: hidden by disclosure control (1 of the figures)." in picture.words


def test_months_stand_in_their_place_and_the_whole_region_has_its_name() -> None:
    months = [f"2015-{month:02}-01/2015-{month + 1:02}-01" for month in range(1, 12)]
    chart = drawn(indicator(*(figure(40 + at, "region", None, period=month) for at, month in enumerate(months))))
    assert chart.caption.title == "Crude birth rate, North"
    picture = Svg(chart)
    assert {"Jan", "Mar", "Nov"} <= set(picture.texts)
    assert "2,015" not in picture.words


def test_two_vintages_are_two_lines_and_what_was_restated_is_marked_and_told() -> None:
    now = indicator(*(figure(9.0 + year % 2, year=year) for year in range(2001, 2008)))
    then = indicator(
        *(figure(9.0 + year % 2 - 0.004 * (year == 2003), year=year) for year in range(2001, 2006)),
        vintage="2006-03-01",
    )
    chart = drawn(now, then)
    assert [(line.name, line.faded) for line in chart.lines] == [
        ("known 22 Nov 2026", False),
        ("known 1 Mar 2006", True),
    ]
    picture = Svg(chart)
    assert picture.count("restated") == 1
    assert "9.996 → 10.000" in picture.words


def test_areas_become_bars_from_the_highest_and_hidden_ones_say_nothing_of_their_size() -> None:
    chart = drawn(
        indicator(
            figure(-1.5, "A", "Lower"), figure(2.25, "B", "Higher"), figure(None, "C", "Small", reason=HIDDEN),
            figure(None, "D", "Nobody", reason=NOTHING),
        )
    )  # fmt: skip
    assert isinstance(chart, Bars)
    picture = Svg(chart)
    order = [text for text in picture.texts if text in ("Lower", "Higher", "Small", "Nobody")]
    assert order == ["Higher", "Lower", "Nobody", "Small"]
    assert "−1.50" in picture.texts  # noqa: RUF001
    assert "no figure: The denominator is zero." in picture.texts
    assert picture.count("hidden") == 1


def test_men_and_women_by_age_become_a_pyramid_of_one_scale_with_an_outline() -> None:
    rows = [
        people(n, sex, age, at)
        for at in ("1995-12-31", "2015-12-31")
        for sex, age, n in (("male", "0-4", 40), ("female", "0-4", 10), ("male", "5+", 20), ("female", "5+", 30))
    ]
    chart = choose_chart(read_population([population(*rows)]), "north", {})
    assert isinstance(chart, Pyramid)
    assert (chart.ages, chart.day, chart.outline_day) == (("0-4", "5+"), "end of 2015", "end of 1995")
    picture = Svg(chart)
    assert picture.count("outline") == 2
    assert {"Men  60", "Women  40", "0-4", "5+"} <= set(picture.texts)
    assert picture.texts.count("40") == 2, "both sides have the same scale"


def test_hidden_people_of_a_pyramid_are_hatched_stubs_and_not_in_the_total() -> None:
    rows = [people(40, "male", "0"), people(None, "male", "1"), people(10, "female", "0"), people(5, "not stated", "0")]
    picture = Svg(choose_chart(read_population([population(*rows)]), "north", {}))
    assert picture.count("hidden") == 1
    assert "Men  40 and those hidden" in picture.texts
    assert "Not drawn: 5 people whose age or sex is not stated" in picture.words


def test_ages_become_a_curve_and_unstated_ones_are_left_out() -> None:
    figures = [figure(value, by={"age": age}) for age, value in (("15-19", 5), ("20-24", 60), ("not stated", 1))]
    chart = drawn(indicator(*figures))
    assert isinstance(chart, Lines)
    assert [point.x for point in chart.lines[0].points] == [17.5, 22.5]
    assert "Age in completed years" in Svg(chart).words


def test_death_rates_are_on_a_logarithmic_scale_where_a_zero_is_a_gap() -> None:
    figures = [figure(value, by={"age": str(age)}) for age, value in enumerate((4.0, 0.0, 0.5, 900.0))]
    chart = drawn(indicator(*figures, indicator={"definition": "age-specific-death-rate/1"}))
    assert chart.logarithmic
    assert [point.cell.state for point in chart.lines[0].points] == ["shown", "undefined", "shown", "shown"]
    assert "0 has no place on a logarithmic scale." in Svg(chart).words


def test_what_makes_no_picture_says_what_to_ask_for() -> None:
    with pytest.raises(NoPictureError, match="--every year"):
        drawn(indicator(figure(9)))
    with pytest.raises(NoPictureError, match="name fewer areas"):
        drawn(indicator(*(figure(9, f"{n}", f"{n}", year=year) for n in range(9) for year in (2001, 2002))))


def test_moves_among_places_become_a_ring_with_both_totals_at_each_name() -> None:
    answer = flows(("A", "B", 100), ("B", "A", 40), ("A", "C", 10), ("C", "B", None), ("A", "A", 999), (None, "A", 5))
    chart = choose_flows(answer, "north", {})
    assert isinstance(chart, Flows)
    picture = Svg(chart)
    assert {"A −70", "in 40, out 110", "B +60", "in 100, out 40"} <= set(picture.texts)  # noqa: RUF001
    assert "Hidden by disclosure control and not drawn: 1 flows" in picture.words


def test_moves_of_one_place_are_told_by_partner_with_the_net_of_each() -> None:
    moves = (("A", "region:south", 7), ("country:NO", "A", 9), ("unknown", "A", 1), ("A", "country:DE", None))
    chart = choose_flows(flows(*moves), "north", {})
    assert isinstance(chart, Exchange)
    assert [(each.name, each.came.value, each.went.value) for each in chart.partners] == [
        ("abroad, NO", 9, 0),
        ("region south", 0, 7),
        ("not known", 1, 0),
        ("abroad, DE", 0, None),
    ]
    picture = Svg(chart)
    assert {"Moves in  10", "Moves out  7 and those hidden", "+9", "hidden"} <= set(picture.texts)
    assert picture.count("hidden") == 1


def test_of_many_places_those_outside_become_two_so_that_areas_are_seen() -> None:
    outside = [*(f"region:r{n}" for n in range(9)), *(f"country:{code}" for code in ("NO", "FI", "DK", "DE", "PL"))]
    moves = [("A", "B", 5), ("B", "A", 3), ("B", "unknown", 1), *(("A", place, 2) for place in outside)]
    chart = choose_flows(flows(*moves), "north", {})
    assert isinstance(chart, Flows)
    assert {flow.destination: flow.cell.value for flow in chart.flows if flow.origin == "A"} == {
        "B": 5,
        "other regions": 18,
        "abroad": 10,
    }
