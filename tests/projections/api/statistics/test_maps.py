"""Figures on the map as at the event and on that of a chosen day."""

from random import Random

from hypothesis import given, settings

from services.projections.statistics.cells import Move
from services.projections.statistics.indicators import Span
from tests.projections.api.statistics.kits import ask, birth, lives, make_counts, make_study, values
from tests.projections.geography.sayings import abolished, established, merged, moved, split
from tests.projections.geography.test_any_history import CODES, LAST_DAY, SEEDS, any_history

BASE = [established(0, "P"), established(0, "Q"), established(0, "A", "P"), established(0, "B", "P")]
YEAR = Span(100, 200)


def test_a_place_holds_what_lies_in_it_on_the_day_of_the_event() -> None:
    facts = [*BASE, moved(150, "A", "Q")]
    counts = make_counts(lives("A", 10, 5), lives("B", 10, 2), birth("A", 149), birth("A", 150), birth("B", 160))
    assert values(ask(make_study(facts, ["P", "Q"], YEAR), counts, "births")) == {"P": 2, "Q": 1}
    assert values(ask(make_study(facts, ["P", "Q"], Span(100, 150)), counts, "population")) == {"P": 7, "Q": 0}
    assert values(ask(make_study(facts, ["P", "Q"], YEAR), counts, "population")) == {"P": 2, "Q": 5}
    (rate,) = ask(make_study(facts, ["Q"], YEAR), counts, "crude-birth-rate")
    assert rate.figure.denominator is not None
    assert rate.figure.denominator.value * 365 == 5 * 50


def test_on_the_map_of_a_day_codes_of_other_days_are_found_again() -> None:
    facts = [*BASE, abolished(150, "A", "C"), established(150, "C", "P")]
    counts = make_counts(lives("A", 10, 5), birth("A", 120), birth("C", 160), birth("A", 170))
    for codes, at, found in ((["C"], 180, {"C": 3}), (["A"], 110, {"A": 3}), (["P"], 180, {"P": 3})):
        assert values(ask(make_study(facts, codes, YEAR, map_day=at), counts, "births")) == found
    assert values(ask(make_study(facts, ["C"], YEAR, map_day=180), counts, "population")) == {"C": 5}


def test_what_falls_between_areas_is_shown_as_such_and_exact_for_what_holds_them_all() -> None:
    facts = [*BASE, established(150, "C", "P"), established(150, "D", "Q"), split(150, "A", "C", "D")]
    counts = make_counts(birth("A", 120, 4), birth("C", 160, 2), birth("B", 120))
    found = ask(make_study(facts, ["P", "Q"], YEAR, map_day=180), counts, "births")
    assert values(found) == {"P": 3, "Q": 0, "C|D": 4}
    inside = [established(150, "C", "P"), established(150, "D", "P"), split(150, "A", "C", "D")]
    assert values(ask(make_study([*BASE, *inside], ["P"], YEAR, map_day=180), counts, "births")) == {"P": 7}
    assert values(ask(make_study([*BASE, *inside], ["C", "D"], YEAR, map_day=180), counts, "births")) == {
        "C": 2,
        "D": 0,
        "C|D": 4,
    }


def test_an_area_that_merged_takes_its_people_along() -> None:
    facts = [*BASE, merged(150, "B", "A")]
    counts = make_counts(lives("A", 10, 5), lives("B", 10, 2))
    assert values(ask(make_study(facts, ["P"], YEAR), counts, "population")) == {"P": 7}
    assert values(ask(make_study(facts, ["B"], YEAR, map_day=180), counts, "population")) == {"B": 7}
    # Who is counted under B then may be of either.
    before = values(ask(make_study(facts, ["A", "B"], YEAR, map_day=120), counts, "population"))
    assert before == {"A": 5, "B": 0, "A|B": 2}


def test_of_all_places_together_there_is_one_figure_on_any_map() -> None:
    facts = [*BASE, established(150, "C", "P"), established(150, "D", "Q"), split(150, "A", "C", "D")]
    moves = (
        Move("internal", "usual", "A", "B", 120, None, None, 3),
        Move("internal", "usual", "C", "Q", 160, None, None, 1),
    )
    found = ask(make_study(facts, ["P", "Q"], YEAR, map_day=180), make_counts(*moves), "moves-between")
    assert values(found) == {"all places": 1}


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_nothing_is_lost_or_counted_twice_on_any_map(seed: int) -> None:
    chance = Random(seed)
    facts, at, start = any_history(chance), chance.randint(0, LAST_DAY), chance.randint(0, LAST_DAY)
    span = Span(start, start + chance.randint(1, 30))
    codes = (*CODES, "unheard-of")
    cells = [
        make(chance.choice(codes), chance.randint(0, LAST_DAY), chance.randint(1, 9))
        for make in (birth, lives)
        for _ in range(12)
    ]
    counts = make_counts(*cells)
    atlas = make_study(facts, [], span).atlas
    roots = [code for code in sorted(atlas.areas_at(at)) if len(atlas.line(code, at)) == 1]
    for indicator in ("births", "population"):
        whole = values(ask(make_study(atlas, [], span), counts, indicator))["region"]
        assert values(ask(make_study(atlas, [], span, map_day=at), counts, indicator)) == {"region": whole}
        found = values(ask(make_study(atlas, roots, span, map_day=at, level=1), counts, indicator))
        # None: nobody at all is registered yet.
        assert not roots or sum(n or 0 for n in found.values()) == (whole or 0)


@settings(max_examples=80, deadline=None)
@given(SEEDS)
def test_on_the_map_as_at_the_event_a_place_is_the_sum_of_its_days(seed: int) -> None:
    chance = Random(seed)
    atlas, start = make_study(any_history(chance), [], Span(0, 1)).atlas, chance.randint(0, LAST_DAY - 1)
    counts = make_counts(*(birth(chance.choice(CODES), chance.randint(0, LAST_DAY), 1) for _ in range(30)))
    place, end = chance.choice(CODES), chance.randint(start + 1, LAST_DAY)
    by_day = sum(
        values(ask(make_study(atlas, [place], Span(day, day + 1)), counts, "births"))[place] or 0
        for day in range(start, end)
    )
    assert values(ask(make_study(atlas, [place], Span(start, end)), counts, "births")) in (
        {place: by_day},
        {place: by_day or None},
    )
