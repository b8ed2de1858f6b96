"""Whatever is said of areas, in whatever order: the map is one, and counts neither appear nor vanish."""

from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.projections.geography.atlas import AreaFact, Atlas, Count, Translator, fold_atlas
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

CODES = "ABCDEFG"
LAST_DAY = 40
SEEDS = st.integers(0, 2**32)


def any_event(chance: Random) -> AreaFact:
    day, code, other = chance.randint(0, LAST_DAY), chance.choice(CODES), chance.choice(CODES)
    some = chance.sample(CODES, chance.randint(0, 3))
    return chance.choice(
        (
            lambda: established(day, code, chance.choice((None, other)), *some[:2]),
            lambda: established(day, code, chance.choice((None, other))),
            lambda: renamed(day, code, chance.choice("xy")),
            lambda: moved(day, code, other),
            lambda: split(day, code, other, *some, continues=chance.random() < 0.5),
            lambda: merged(day, code, other, *some),
            lambda: abolished(day, code, *some[:2]),
        )
    )()


def any_history(chance: Random) -> list[AreaFact]:
    """Mostly nonsense, and so about everything that can contradict itself."""
    facts = [established(0, code) for code in CODES[:4]]
    facts += [any_event(chance) for _ in range(chance.randint(0, 14))]
    for target in chance.sample(facts, chance.randint(0, 3)):
        facts.append(annulled(target) if chance.random() < 0.5 else corrected(target, any_event(chance)))
    return facts


def said(atlas: Atlas) -> tuple[object, ...]:
    return tuple(atlas.versions), tuple(atlas.changes), tuple(atlas.links), atlas.findings


@given(SEEDS)
@settings(max_examples=150, deadline=None)
def test_order_and_copies_play_no_part(seed: int) -> None:
    chance = Random(seed)
    facts = any_history(chance)
    shuffled = [*facts, *chance.sample(facts, 3)]
    chance.shuffle(shuffled)
    assert said(fold_atlas(shuffled)) == said(fold_atlas(facts))


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_totals_are_preserved_and_only_areas_of_the_map_get_counts(seed: int) -> None:
    chance = Random(seed)
    atlas, at = fold_atlas(any_history(chance)), chance.randint(0, LAST_DAY)
    counts = [Count(chance.choice(CODES), chance.randint(0, LAST_DAY), chance.randint(-5, 50)) for _ in range(12)]
    on_the_map = set(atlas.areas_at(at))
    for level in (None, 1):
        got = Translator(atlas, at, level).translate(counts)
        assert sum(got.attributed.values()) + sum(each.n for each in got.unattributed) == sum(each.n for each in counts)
        assert on_the_map.issuperset(got.attributed)
        assert all(on_the_map.issuperset(each.candidates) for each in got.unattributed)


@given(SEEDS)
@settings(max_examples=100, deadline=None)
def test_the_map_of_the_event_itself_is_the_identity(seed: int) -> None:
    chance = Random(seed)
    atlas, day = fold_atlas(any_history(chance)), chance.randint(0, LAST_DAY)
    translator = Translator(atlas, day)
    for code in atlas.areas_at(day):
        assert translator.find_places(code, day) == {code}


@given(SEEDS)
@settings(max_examples=200, deadline=None)
def test_what_leads_to_one_area_leads_back_from_it(seed: int) -> None:
    chance = Random(seed)
    atlas = fold_atlas(any_history(chance))
    one, other = (chance.randint(0, LAST_DAY) for _ in range(2))
    there, back = Translator(atlas, other), Translator(atlas, one)
    for code in atlas.areas_at(one):
        for place in there.find_places(code, one):
            assert place is None or code in back.find_places(place, other)


@given(SEEDS)
@settings(max_examples=100, deadline=None)
def test_nothing_lies_in_itself_and_no_area_has_two_versions_on_a_day(seed: int) -> None:
    chance = Random(seed)
    atlas, day = fold_atlas(any_history(chance)), chance.randint(0, LAST_DAY)
    for code, version in atlas.areas_at(day).items():
        line = atlas.line(code, day)
        assert line[0] == code
        assert len(set(line)) == len(line)
        assert line[1:2] in ((), (version.parent,))
        assert all(atlas.find_version(each, day) for each in line)
        for earlier, later in pairwise(atlas.by_area[code]):
            assert earlier.valid_to is not None
            assert earlier.valid_to <= later.valid_from
