"""Gaps close, forks stay: what a recipient can tell from the links alone."""

import random

from hypothesis import given
from hypothesis import strategies as st

from services.exchange.wire.chain import GENESIS, Break, ChainLink, Finding, Linked, find_breaks, next_link


def _chain(length: int, mark: str = "a") -> list[Linked]:
    links, head, digest = [], None, GENESIS
    for number in range(1, length + 1):
        link = next_link(head, digest)
        head, digest = link, f"{number:060x}{mark * 4}"
        links.append(Linked(link.position, link.previous_hash, digest))
    return links


@given(st.integers(0, 30), st.randoms())
def test_a_whole_chain_is_whole_in_any_order_and_with_repeats(length: int, chance: random.Random) -> None:
    links = _chain(length)
    shuffled = [*links, *links[: length // 2]]
    chance.shuffle(shuffled)
    assert list(find_breaks(shuffled)) == []


@given(st.integers(2, 30), st.data())
def test_what_is_missing_is_a_gap_until_it_comes(length: int, data: st.DataObject) -> None:
    links = _chain(length)
    missing = data.draw(st.sets(st.integers(1, length - 1), min_size=1))
    left = [each for each in links if each.position not in missing]
    found = list(find_breaks(left))
    assert {each.what for each in found} == {Break.GAP}
    assert {place for each in found for place in range(each.position, each.last + 1)} == missing


@given(st.integers(1, 20), st.data())
def test_two_letters_for_one_place_are_a_fork(length: int, data: st.DataObject) -> None:
    links, others = _chain(length), _chain(length, "b")
    place = data.draw(st.integers(1, length))
    found = list(find_breaks([*links, others[place - 1]]))
    assert Finding(Break.FORK, place, place) in found


def test_a_letter_that_names_another_past_is_a_fork() -> None:
    links, others = _chain(3), _chain(3, "b")
    assert list(find_breaks([*links[:2], others[2]])) == [Finding(Break.FORK, 3, 3)]
    assert list(find_breaks([links[0]._replace(previous_hash="1" * 64)])) == [Finding(Break.FORK, 1, 1)]


def test_the_first_link_names_nothing() -> None:
    assert next_link(None) == ChainLink(1, GENESIS)
    assert next_link(ChainLink(1, GENESIS), "ab" * 32) == ChainLink(2, "ab" * 32)
