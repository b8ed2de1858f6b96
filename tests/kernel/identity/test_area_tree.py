"""What lies under what."""

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.identity.area_tree import AreaTree

TREE = AreaTree({"09": None, "0980": "09", "0980-N": "0980", "0980-S": "0980", "23": None})


def test_an_area_covers_itself_and_everything_under_it() -> None:
    assert TREE.covers("09", ["09", "0980", "0980-N"])
    assert TREE.covers(("0980-N", "0980-S"), "0980-S")


def test_an_area_covers_neither_what_lies_above_nor_what_lies_beside() -> None:
    assert not TREE.covers("0980", "09")
    assert not TREE.covers("0980-N", "0980-S")
    assert not TREE.covers("09", ["0980", "23"])


def test_the_whole_region_covers_everything_known_or_not() -> None:
    assert TREE.covers("*", ["09", "nowhere"])
    assert TREE.covers(("0980", "*"), "23")


def test_no_area_covers_nothing() -> None:
    assert not TREE.covers((), "09")
    assert not TREE.covers("nowhere", "09")
    assert TREE.covers((), ())


def test_an_area_lies_in_a_line_of_areas() -> None:
    assert TREE.line("0980-N") == ("0980-N", "0980", "09")
    assert TREE.line("nowhere") == ()


def test_a_parent_that_nobody_knows_is_no_obstacle() -> None:
    tree = AreaTree({"a": "gone"})
    assert tree.covers("gone", "a")
    assert not tree.exists("gone")


def test_a_newer_map_is_a_new_tree() -> None:
    moved = TREE.with_areas({"0980-S": "23", "23-1": "23"})
    assert moved.covers("23", ["0980-S", "23-1"])
    assert TREE.covers("09", "0980-S")
    assert not TREE.exists("23-1")


@given(st.dictionaries(st.sampled_from("abcdef"), st.none() | st.sampled_from("abcdefg")), st.sampled_from("abcdefg"))
def test_no_map_not_even_one_with_loops_keeps_us_walking(parents: dict[str, str | None], code: str) -> None:
    tree = AreaTree(parents)
    for area in "abcdefg":
        assert tree.covers(area, code) == (area == code or area in tree.line(code) or _above(parents, code, area))


def _above(parents: dict[str, str | None], code: str, area: str) -> bool:
    seen = set()
    at: str | None = code
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
        if at == area:
            return True
    return False
