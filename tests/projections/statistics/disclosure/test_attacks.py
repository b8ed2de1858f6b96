"""What is hidden stays hidden from somebody who does sums with everything that is published."""

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.projections.statistics.disclosure import (
    TOTAL,
    Dimension,
    PublishedTable,
    Rule,
    Table,
    flat,
    make_table,
    protect_table,
)
from services.projections.statistics.disclosure.audit import Knowledge, find_derivable
from tests.projections.statistics.disclosure.attacker import narrow, possible, solve

PLAIN = Rule(id="plain", base=1)
ZEROS = Rule(id="zeros", base=1, zeros="protected")
RULES = st.sampled_from([PLAIN, ZEROS])
COUNTS = st.one_of(st.integers(0, 12), st.integers(0, 60), st.integers(100, 900))
FAST = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def names(many: int, letter: str) -> tuple[str, ...]:
    return tuple(f"{letter}{number}" for number in range(many))


@st.composite
def tables(draw: st.DrawFn, most: tuple[int, ...], counts: st.SearchStrategy[int] = COUNTS) -> Table:
    sides = [names(draw(st.integers(2, side)), letter) for side, letter in zip(most, "abc", strict=False)]
    dimensions = tuple(flat(side[0][0], side) for side in sides)
    return make_table(dimensions, {cell: draw(counts) for cell in product(*sides)})


@st.composite
def nested(draw: st.DrawFn) -> Table:
    """Villages in counties in a region, by sex."""
    counties = names(draw(st.integers(2, 3)), "c")
    villages = {county: tuple(f"{county}v{n}" for n in range(draw(st.integers(1, 3)))) for county in counties}
    areas = Dimension("area", {TOTAL: counties, **villages})
    sexes = flat("sex", ("female", "male"))
    return make_table((areas, sexes), {cell: draw(COUNTS) for cell in product(areas.leaves, ("female", "male"))})


def two_by_two(counts: tuple[int, ...]) -> Table:
    rows, columns = names(2, "a"), names(2, "b")
    return make_table((flat("a", rows), flat("b", columns)), dict(zip(product(rows, columns), counts, strict=True)))


def assert_nothing_follows(table: Table, rule: Rule) -> None:
    published = protect_table(table, rule)
    assert solve(table, published) == {}
    bounds = narrow(table, published, most=10 * max(table.counts.values()) + 1000)
    for cell, n in published.cells.items():
        low, high = bounds[cell]
        assert low <= table.counts[cell] <= high
        assert n is not None or low < high, cell
        assert n is None or not rule.is_small(table.counts[cell])


@FAST
@given(tables((5, 5)), RULES)
def test_nothing_follows_from_a_table_and_its_margins(table: Table, rule: Rule) -> None:
    assert_nothing_follows(table, rule)


@FAST
@given(tables((3, 3, 3)), RULES)
def test_nothing_follows_from_three_dimensions(table: Table, rule: Rule) -> None:
    assert_nothing_follows(table, rule)


@FAST
@given(nested(), RULES)
def test_nothing_follows_from_places_within_places(table: Table, rule: Rule) -> None:
    assert_nothing_follows(table, rule)


@settings(FAST, max_examples=25)
@given(tables((2, 2), st.integers(0, 11)), RULES)
def test_every_hidden_count_has_several_values_that_fit(table: Table, rule: Rule) -> None:
    """All whole tables that fit are tried."""
    published = protect_table(table, rule)
    found = possible(table, published, most=sum(table.counts.values()) + 2)
    for cell, n in published.cells.items():
        assert n is not None or len(found[cell]) > 1, cell


@FAST
@given(st.one_of(tables((4, 4)), tables((3, 3, 3)), nested()), st.data())
def test_what_follows_does_not_depend_on_the_order_in_which_cells_were_hidden(
    table: Table, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(sorted(table.counts)))
    hidden = order[: data.draw(st.integers(1, len(order)))]
    step = data.draw(st.integers(1, len(hidden)))
    bit_by_bit = Knowledge(table.counts, table.sums)
    for start in range(0, len(hidden), step):
        bit_by_bit.hide(hidden[start : start + step])
        known = hidden[: start + step]
        assert bit_by_bit.find_derivable() == find_derivable(sorted(known), table.counts, table.sums)


def test_the_attacker_does_break_a_table_in_which_only_small_counts_are_hidden() -> None:
    """Else the tests above would prove nothing."""
    sides = names(2, "a"), names(2, "b")
    table = make_table(
        (flat("a", sides[0]), flat("b", sides[1])), dict(zip(product(*sides), (3, 40, 50, 60), strict=True))
    )
    careless = protect_table(table, None)
    holes = PublishedTable({cell: None if n == 3 else n for cell, n in careless.cells.items()}, "careless")
    assert solve(table, holes) == {("a0", "b0"): 3}


@pytest.mark.parametrize("counts", [(3, 40, 50, 60), (3, 4, 5, 6), (0, 0, 0, 5), (9, 10, 10, 10)])
def test_the_rule_hides_at_least_two_in_every_line(counts: tuple[int, ...]) -> None:
    table = two_by_two(counts)
    published = protect_table(table, PLAIN)
    for whole, parts in table.sums:
        hidden = [cell for cell in (whole, *parts) if published.cells[cell] is None]
        assert len(hidden) != 1
    assert_nothing_follows(table, PLAIN)
