"""Counts on another day's map: exact where succession is, and shown as what they are where it is not."""

from services.projections.geography.atlas import AreaFact, Count, Translated, Unattributed, fold_atlas, translate
from tests.projections.geography.sayings import abolished, established, merged, split

BASE = [established(0, "P"), established(0, "A", "P"), established(0, "B", "P"), established(0, "Q")]


def go(facts: list[AreaFact], at: int, *counts: tuple[str, int, int], level: int | None = None) -> Translated:
    return translate(fold_atlas([*BASE, *facts]), [Count(*each) for each in counts], at, level)


RECODED = [abolished(10, "A", "C"), established(10, "C", "P")]
MERGED = [established(10, "C", "P"), merged(10, "C", "A", "B")]
SPLIT = [established(10, "C", "P"), established(10, "D", "P"), split(10, "A", "C", "D")]


def test_a_recoded_area_is_translated_exactly_both_ways() -> None:
    assert go(RECODED, 10, ("A", 9, 7), ("B", 9, 1)) == ({"C": 7, "B": 1}, [])
    assert go(RECODED, 9, ("C", 10, 7)) == ({"A": 7}, [])


def test_merged_areas_add_up_and_cannot_be_taken_apart() -> None:
    assert go(MERGED, 10, ("A", 9, 7), ("B", 9, 1)) == ({"C": 8}, [])
    assert go(MERGED, 9, ("C", 10, 8)) == ({}, [Unattributed("C", "several-areas", ("A", "B"), "P", 8)])


def test_a_split_area_cannot_be_shared_out_and_its_parts_add_up_on_the_way_back() -> None:
    assert go(SPLIT, 10, ("A", 9, 8)) == ({}, [Unattributed("A", "several-areas", ("C", "D"), "P", 8)])
    assert go(SPLIT, 9, ("C", 10, 7), ("D", 10, 1)) == ({"A": 8}, [])


def test_what_falls_between_areas_is_exact_for_the_level_above() -> None:
    assert go(SPLIT, 10, ("A", 9, 8), ("Q", 9, 2), level=1) == ({"P": 8, "Q": 2}, [])


def test_parts_that_are_one_area_again_are_exact_again() -> None:
    again = [*SPLIT, merged(20, "C", "C", "D")]
    assert go(again, 20, ("A", 9, 8), ("D", 15, 1)) == ({"C": 9}, [])
    assert go(again, 9, ("C", 25, 8)) == ({"A": 8}, [])
    assert go(again, 15, ("C", 25, 8)) == ({}, [Unattributed("C", "several-areas", ("C", "D"), "P", 8)])


def test_a_part_that_went_to_a_standing_area_leaves_that_one_undivided() -> None:
    facts = [split(10, "A", "B", continues=True)]
    assert go(facts, 10, ("B", 9, 5)) == ({"B": 5}, [])
    assert go(facts, 10, ("A", 9, 5)) == ({}, [Unattributed("A", "several-areas", ("A", "B"), "P", 5)])
    assert go(facts, 9, ("A", 10, 5)) == ({"A": 5}, [])
    assert go(facts, 9, ("B", 10, 5)) == ({}, [Unattributed("B", "several-areas", ("A", "B"), "P", 5)])


def test_what_leads_nowhere_says_so() -> None:
    facts = [abolished(10, "A"), established(10, "C", "P")]
    assert go(facts, 10, ("A", 9, 5)) == ({}, [Unattributed("A", "no-successor", (), None, 5)])
    assert go(facts, 9, ("C", 10, 5)) == ({}, [Unattributed("C", "no-predecessor", (), None, 5)])
    assert go(facts, 9, ("Z", 10, 5)) == ({}, [Unattributed("Z", "unknown-area", (), None, 5)])
    # Half of it is known, and that is not enough.
    half = [*SPLIT, abolished(20, "D")]
    assert go(half, 20, ("A", 9, 5)) == ({}, [Unattributed("A", "no-successor", ("C",), None, 5)])


def test_a_code_that_is_not_in_force_stands_for_the_area_as_it_was_nearest() -> None:
    """Somebody who died in 2003 in an area that was abolished in 2000; a birth of long ago under the newest code."""
    assert go(RECODED, 30, ("A", 20, 5), ("C", 3, 1)) == ({"C": 6}, [])
    assert go(RECODED, 5, ("A", 20, 5), ("C", 3, 1)) == ({"A": 6}, [])


def test_differences_of_vintages_are_translated_too() -> None:
    assert go(MERGED, 10, ("A", 9, -7), ("B", 9, 1)) == ({"C": -6}, [])
