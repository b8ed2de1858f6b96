"""All that was planted is found and nothing else, whatever the order; both sides come to the same."""

import random
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from services.exchange.journal.findings import FindingKind
from services.exchange.reconciliation import answering, digests, keys, messages, runs
from services.exchange.reconciliation.comparing import ASKED, ENDED, UNDER_WAY, Comparison, compare, list_differing
from services.exchange.reconciliation.digests import HeldLink, Item, Sums, group_links, make_item, read_items
from services.exchange.reconciliation.digests import Sides as Names
from services.exchange.reconciliation.runs import Run, TooDifferent
from services.exchange.wire.jws import WireError
from tests.exchange.reconciliation.sides import Side, Sides

KEY = bytes(range(32))
NORTH, SOUTH = Names("north", "south"), Names("south", "north")
K = FindingKind


def sums_of(side: Side, names: Names, chance: random.Random | None = None, key: bytes = KEY) -> Sums:
    versions = list(group_links(side.in_order()))
    if chance is not None:
        chance.shuffle(versions)
    sums = Sums(key, names)
    sums.add(versions)
    return sums


def items_of(side: Side, parts: frozenset[int]) -> dict[bytes, Item]:
    told = digests.write_items(
        make_item(KEY, each)
        for each in group_links(side.in_order())
        if digests.find_part(KEY, each.link.link_id) in parts
    )
    return read_items(told, 1 << 20)


def run(sides: Sides, *, divided: bool) -> tuple[Comparison, Comparison, int]:
    """Both sides' comparison, and how many links were told."""
    north, south = sums_of(sides.north, NORTH), sums_of(sides.south, SOUTH, sides.chance)
    buckets = digests.differing(north.of_buckets(), south.of_buckets())
    places = digests.differing(north.of_parts(buckets), south.of_parts(buckets)) if divided else None
    parts = digests.parts_of(buckets, places)
    ours, theirs = items_of(sides.north, parts), items_of(sides.south, parts)
    marks_north, marks_south = (
        {each: ENDED for each in list_differing(ours, theirs) if each in side.ended}
        for side in (sides.north, sides.south)
    )
    return (
        compare(ours, theirs, marks_north, marks_south, we_are_first=True),
        compare(theirs, ours, marks_south, marks_north, we_are_first=False),
        len(ours) + len(theirs),
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(150, 900), planted=st.integers(0, 5), divided=st.booleans())
def test_all_that_was_planted_is_found_and_nothing_is_invented(
    seed: int, count: int, planted: int, divided: bool
) -> None:
    sides = Sides.agreeing(count, seed)
    sides.plant(planted)
    north, south, _ = run(sides, divided=divided)
    assert {(each.link_id, each.kind) for each in north.found} == sides.planted
    assert {(each.link_id, each.kind) for each in south.found} == sides.planted
    assert all(one.we_ask != other.we_ask for one, other in zip(north.found, south.found, strict=True))
    assert not north.explained | south.explained


def test_two_that_agree_tell_nothing_but_sums_and_two_runs_have_nothing_in_common() -> None:
    sides = Sides.agreeing(500, 1)
    assert run(sides, divided=False)[2] == 0
    north = sums_of(sides.north, NORTH).of_buckets()
    assert north == sums_of(sides.south, SOUTH).of_buckets()
    other = sums_of(sides.north, NORTH, key=b"k" * 32).of_buckets()
    filled = [at for at in range(0, len(north), 16) if any(north[at : at + 16])]
    assert all(north[at : at + 16] != other[at : at + 16] for at in filled)


def test_dividing_buckets_tells_few_links_more_than_differ() -> None:
    sides = Sides.agreeing(20_000, 2)
    sides.plant(3)
    whole, divided = run(sides, divided=False)[2], run(sides, divided=True)[2]
    assert divided < whole / 2


# Worked by hand: the digests of one link, so that a partner can check its own.
GOLDEN = HeldLink(bytes.fromhex("019c7b216a107c2f9d1e0c55c3b2a9f1"), b"p" * 16, 20_500, True)


def test_the_digests_of_one_link_are_those_of_the_reference() -> None:
    sums = Sums(KEY, NORTH)
    sums.add(group_links([GOLDEN]))
    part = digests.find_part(KEY, GOLDEN.link_id)
    item = make_item(KEY, next(group_links([GOLDEN])))
    assert (part, part // 32) == GOLDEN_PART
    assert sums.of_parts([part // 32])[part % 32 * 16 :][:16].hex() == GOLDEN_SUM
    assert digests.write_items([item]).hex() == GOLDEN_ITEM


GOLDEN_PART = (108_692, 3396)
GOLDEN_SUM = "48dcee009a8418d1da64250363be2890"
GOLDEN_ITEM = "019c7b216a107c2f9d1e0c55c3b2a9f101804fa2f2b01c8df4"


def test_the_page_for_partners_says_what_the_code_does() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "exchange-reconciliation.md").read_text("utf-8")
    vector = ("".join(GOLDEN_ITEM), GOLDEN_SUM, str(GOLDEN_PART[0]), str(GOLDEN_PART[1]))
    limits = (digests.BUCKETS, messages.NARROW_ABOVE, messages.DIFFERING_MAX, messages.ITEMS_MAX, runs.FOUND_MAX)
    words = (messages.REQUEST_TYP, messages.ANSWER_TYP, keys.INFO.decode(), *FindingKind)
    for said in (*vector, *(f"{each:,}" for each in limits), *words, f"{answering.RUNS_PER_HOUR} runs an hour"):
        assert said in page, said


def item(link: bytes = b"l" * 16, incoming: bool = True, tacit: bool = False, day: bytes = b"d" * 8, group: bytes = b"") -> Item:  # fmt: skip  # noqa: E501
    return Item(link, incoming, tacit, day, group or link)


def kinds(ours: Item | None, theirs: Item | None, marks: int = 0, their_marks: int = 0) -> list[tuple[str, bool]]:
    def by_id(one: Item | None) -> Mapping[bytes, Item]:
        return {} if one is None else {one.link_id: one}

    link = (ours or theirs or item()).link_id
    found = compare(by_id(ours), by_id(theirs), {link: marks}, {link: their_marks}, we_are_first=True)
    return [(each.kind.value, each.we_ask) for each in found.found]


def test_whoever_holds_it_alone_asks_else_the_destination() -> None:
    here, there = item(), item(incoming=False)
    assert kinds(here, None) == [("ONE_SIDED_AT_D", True)]
    assert kinds(there, None) == [("ONE_SIDED_AT_O", True)]
    assert kinds(None, here) == [("ONE_SIDED_AT_D", False)]
    assert kinds(None, there) == [("ONE_SIDED_AT_O", False)]
    assert kinds(here, None, their_marks=ENDED) == [("STATE_DIFFERS", True)]
    assert kinds(here, there._replace(day=b"e" * 8)) == [("DATES_DIFFER", True)]
    assert kinds(there, here._replace(day=b"e" * 8)) == [("DATES_DIFFER", False)]
    assert kinds(here, here) == [("STATE_DIFFERS", True)], "both say that the mover came to them"


def test_what_is_under_way_explains_itself_on_whichever_side_it_is() -> None:
    for mine, theirs in ((UNDER_WAY, 0), (0, UNDER_WAY), (UNDER_WAY | ASKED, ENDED)):
        assert kinds(item(), None, mine, theirs) == []


def test_what_was_asked_is_found_again_and_asked_by_nobody() -> None:
    for mine, theirs in ((ASKED, 0), (0, ASKED)):
        assert kinds(item(), None, mine, theirs) == [("ONE_SIDED_AT_D", False)]


def test_of_links_settled_by_silence_two_days_are_held_in_good_faith() -> None:
    there = item(incoming=False, day=b"e" * 8)
    assert kinds(item(tacit=True), there) == kinds(item(), there._replace(is_tacit=True)) == []


def test_a_group_that_differs_because_the_other_link_is_one_sided_is_one_finding_not_two() -> None:
    first, second = b"a" * 16, b"b" * 16
    ours = {first: item(first), second: item(second, group=first)}
    theirs = {second: item(second, incoming=False)}
    found = compare(ours, theirs, {}, {}, we_are_first=True)
    assert [(each.link_id, each.kind) for each in found.found] == [(first, K.ONE_SIDED_AT_D)]
    assert found.explained == {second}


# -- What a partner may tell


def test_items_have_one_spelling() -> None:
    told = digests.write_items([item(b"a" * 16), item(b"b" * 16, group=b"a" * 16)])
    assert set(read_items(told, 2)) == {b"a" * 16, b"b" * 16}
    swapped = digests.write_items([item(b"b" * 16)]) + digests.write_items([item(b"a" * 16)])
    for bad in (told[:-1], told + b"x", swapped, told + told, b"\xff" * 25, b"x"):
        with pytest.raises((ValueError, IndexError)):
            read_items(bad, 10)
    with pytest.raises(ValueError, match="items"):
        read_items(told, 1)


def test_marks_are_of_links_that_differ_and_of_known_bits() -> None:
    link = b"a" * 16
    assert digests.read_marks(digests.write_marks({link: 3}), {link}, 7) == {link: 3}
    for bad in (link + b"\x08", link + b"\x00", b"b" * 16 + b"\x01", link, link + b"\x01" + link + b"\x02"):
        with pytest.raises(ValueError, match="marks"):
            digests.read_marks(bad, {link}, 7)


def test_where_more_than_a_quarter_of_the_buckets_differ_nothing_is_told_link_by_link() -> None:
    here = Run(uuid4(), "north", "south", KEY)
    sums = sums_of(Sides.agreeing(5000, 3).north, NORTH)
    with pytest.raises(TooDifferent):
        here.hear_sums(sums.of_buckets(), bytes(4096 * 16), 0)
    with pytest.raises(WireError):
        here.hear_sums(sums.of_buckets(), bytes(16), 0)


def test_parts_that_do_not_add_up_to_the_bucket_told_before_are_refused() -> None:
    here, there = sums_of(Sides.agreeing(100, 4).north, NORTH), sums_of(Sides.agreeing(100, 5).south, SOUTH)
    run = Run(uuid4(), "north", "south", KEY)
    run.hear_sums(here.of_buckets(), there.of_buckets(), 1 << 20)
    ours, theirs = here.of_parts(run.buckets), there.of_parts(run.buckets)
    for lie in (ours, bytes(len(theirs)), theirs[:-16]):
        with pytest.raises(WireError):
            run.hear_parts(ours, lie)
    run.hear_parts(ours, theirs)
    assert run.parts


def test_items_of_other_buckets_than_those_that_differ_are_refused() -> None:
    here = Run(uuid4(), "north", "south", KEY, parts=frozenset({1}))
    with pytest.raises(WireError):
        here.hear_items(digests.write_items([item()]))
