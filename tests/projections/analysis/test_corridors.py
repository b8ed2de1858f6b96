"""What analysts see of how regions answer each other."""

from datetime import date

from services.projections.analysis.corridors import Due, list_corridors
from services.projections.statistics.disclosure.rules import TEN_FIVE

FIRST, SECOND = date(2026, 1, 1), date(2026, 4, 1)


def test_counts_of_quarters_that_are_over_are_rounded() -> None:
    """132 due: 101 in time, 12 late, 19 not at all; 100 of the 113 say something, 13 do not."""
    counts = [Due("south", "north", FIRST, 132, 11, 113, 101, 100), Due("south", "north", SECOND, 50, 0, 50, 50, 50)]
    rows = list_corridors(counts, TEN_FIVE, date(2026, 6, 30))
    assert rows == [(2026, 1, "south", "north", 130, 10, 115, 100, 100, False)]
    assert len(list_corridors(counts, TEN_FIVE, date(2026, 7, 1))) == 2


def test_a_line_with_a_small_part_is_held_back_whole() -> None:
    for small in (
        Due("south", "south", SECOND, 132, 3, 113, 101, 100),
        Due("south", "south", SECOND, 132, 11, 129, 101, 100),
        Due("south", "south", SECOND, 132, 11, 113, 110, 100),
        Due("south", "south", SECOND, 132, 11, 113, 101, 110),
    ):
        (row,) = list_corridors([small], TEN_FIVE, date(2026, 7, 1))
        assert row == (2026, 2, "south", "south", None, None, None, None, None, True)


def test_the_statistical_office_may_decide_to_publish_exact_figures() -> None:
    (row,) = list_corridors([Due("south", "south", date(2025, 10, 1), 7, 1, 6, 5, 5)], None, date(2026, 1, 1))
    assert row == (2025, 4, "south", "south", 7, 1, 6, 5, 5, False)
