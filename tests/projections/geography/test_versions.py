"""Areas have versions: what they were called, where they lay, and when."""

from services.projections.geography.atlas import AreaFact, Atlas, fold_atlas
from tests.projections.geography.sayings import (
    abolished,
    annulled,
    corrected,
    established,
    merged,
    moved,
    renamed,
    split,
)

BASE = [established(0, "P"), established(0, "Q"), established(0, "A", "P"), established(0, "B", "P")]


def kinds(atlas: Atlas) -> list[tuple[str, str]]:
    return [(each.kind, each.area) for each in atlas.findings]


def spans(atlas: Atlas, area: str) -> list[tuple[int, int | None, str | None, str | None]]:
    return [(each.valid_from, each.valid_to, each.name, each.parent) for each in atlas.by_area[area]]


def arrows(atlas: Atlas, day: int) -> list[tuple[str | None, str | None, str]]:
    return [(each.predecessor, each.successor, each.kind) for each in atlas.changes if each.day == day]


def fold(*facts: AreaFact) -> Atlas:
    return fold_atlas([*BASE, *facts])


def test_an_area_that_is_renamed_and_moved_has_a_version_for_each_state() -> None:
    atlas = fold(renamed(10, "A", "Alpha"), moved(20, "A", "Q"), renamed(20, "A", "Alef"))
    assert spans(atlas, "A") == [(0, 10, "Area A", "P"), (10, 20, "Alpha", "P"), (20, None, "Alef", "Q")]
    assert (atlas.line("A", 19), atlas.line("A", 20)) == (("A", "P"), ("A", "Q"))
    assert atlas.subtree("P", 20) == ("B", "P")
    assert atlas.findings == ()


def test_who_lies_where_is_known_for_every_day() -> None:
    atlas = fold(established(5, "AA", "A", level=3), moved(20, "A", "Q"), abolished(30, "AA"))
    assert atlas.line("AA", 4) == ()
    assert (atlas.line("AA", 5), atlas.line("AA", 29)) == (("AA", "A", "P"), ("AA", "A", "Q"))
    links = [(link.depth, link.valid_from, link.valid_to) for link in atlas.links if link.descendant == "AA"]
    assert links == [(0, 5, 30), (1, 5, 30), (2, 5, 20), (2, 20, 30)]
    assert sorted(atlas.areas_at(29)) == ["A", "AA", "B", "P", "Q"]


def test_a_recoded_area_leads_to_its_successor() -> None:
    atlas = fold(abolished(10, "A", "C"), established(10, "C", "P", "A"))
    assert arrows(atlas, 10) == [("A", "C", "recoded")]
    assert spans(atlas, "A") == [(0, 10, "Area A", "P")]


def test_a_split_leads_to_all_its_parts_and_to_itself_if_it_goes_on() -> None:
    parts = established(10, "C", "P"), established(10, "D", "P")
    assert arrows(fold(*parts, split(10, "A", "C", "D")), 10) == [("A", "C", "split"), ("A", "D", "split")]
    goes_on = fold(*parts, split(10, "A", "C", "D", continues=True))
    assert arrows(goes_on, 10) == [("A", "A", "kept"), ("A", "C", "split"), ("A", "D", "split")]
    assert spans(goes_on, "A") == [(0, None, "Area A", "P")]


def test_merged_areas_end_and_the_one_that_takes_them_in_may_be_new() -> None:
    assert arrows(fold(merged(10, "A", "A", "B")), 10) == [("A", "A", "kept"), ("B", "A", "merged")]
    new = fold(established(10, "C", "P"), merged(10, "C", "A", "B"))
    assert arrows(new, 10) == [("A", "C", "merged"), ("B", "C", "merged")]
    assert new.find_version("B", 10) is None


def test_a_merger_into_what_nobody_established_puts_it_where_the_first_part_lay() -> None:
    atlas = fold(merged(10, "C", "A", "B"))
    assert spans(atlas, "C") == [(10, None, None, "P")]
    assert kinds(atlas) == [("merged-into-unestablished", "C")]


def test_a_chain_within_a_day_leads_through_what_is_gone_in_the_evening() -> None:
    atlas = fold(merged(10, "B", "A"), abolished(10, "B", "C"), established(10, "C", "P"))
    assert arrows(atlas, 10) == [("A", "C", "merged"), ("B", "C", "merged")]


def test_a_correction_takes_the_place_of_what_it_corrects_and_an_annulled_event_did_nothing() -> None:
    wrong = renamed(10, "A", "Alhpa")
    right = corrected(wrong, renamed(12, "A", "Alpha"))
    assert spans(fold(wrong, right), "A") == [(0, 12, "Area A", "P"), (12, None, "Alpha", "P")]
    assert spans(fold(wrong, annulled(wrong)), "A") == [(0, None, "Area A", "P")]
    # The latest word counts, in whatever order they came.
    assert fold(annulled(wrong, registered_at=1), right, wrong).versions == fold(wrong, right).versions


def test_acts_on_acts_and_on_nothing_have_no_effect_and_are_found() -> None:
    wrong = renamed(10, "A", "Alpha")
    act = annulled(wrong)
    atlas = fold(wrong, act, annulled(act))
    assert spans(atlas, "A") == [(0, None, "Area A", "P")]
    assert kinds(atlas) == [("act-on-an-act", "")]
    assert kinds(fold(annulled(wrong))) == [("target-missing", "")]


def test_of_two_copies_the_earlier_counts_and_another_content_is_found() -> None:
    first = renamed(10, "A", "Alpha")
    other = renamed(10, "A", "Beta")
    copy = type(first)(
        **{name: getattr(other, name) for name in other.__struct_fields__} | {"event_id": first.event_id}
    )
    for order in ([first, copy], [copy, first]):
        atlas = fold(*order)
        assert spans(atlas, "A")[1][2] == "Alpha"
        assert kinds(atlas) == [("contested-copy", "A")]
    assert kinds(fold(first, first)) == []


def test_what_contradicts_the_map_is_found_and_changes_nothing() -> None:
    atlas = fold(renamed(10, "X", "?"), abolished(20, "A"), moved(30, "A", "Q"))
    assert kinds(atlas) == [("not-in-force", "A"), ("not-in-force", "X")]
    assert kinds(fold(established(10, "A", "P", name="Other"))) == [("established-twice", "A")]
    assert kinds(fold(abolished(10, "A"), established(20, "A", "P", name="Other"))) == [("code-used-again", "A")]
    assert kinds(fold(abolished(10, "A"), established(20, "A", "P"))) == []
    assert kinds(fold(abolished(10, "A", "Z"))) == [("no-such-successor", "A")]
    assert kinds(fold(established(10, "C", "P", "Z"))) == [("no-such-predecessor", "C")]


def test_parents_that_are_unknown_too_low_or_in_a_ring_are_found() -> None:
    assert kinds(fold(established(1, "C", "Z"))) == [("unknown-parent", "C")]
    gone = fold(abolished(10, "P"))
    assert kinds(gone) == [("unknown-parent", "A"), ("unknown-parent", "B")]
    assert (gone.line("A", 9), gone.line("A", 10)) == (("A", "P"), ("A",))
    assert kinds(fold(moved(10, "A", "B"))) == [("wrong-level", "A")]
    ring = fold(moved(10, "P", "A"), established(0, "AA", "A", level=3))
    assert {each for each in kinds(ring) if each[0] == "cycle"} == {("cycle", "A"), ("cycle", "P")}
    # Nothing is counted in itself: those in the ring have nothing above them, those below it have its first area.
    assert (ring.line("A", 10), ring.line("P", 10), ring.line("AA", 10)) == (("A",), ("P",), ("AA", "A"))
