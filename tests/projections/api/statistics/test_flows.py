"""Moves on any map and at any level, and in portions."""

from random import Random

import pytest

from services.projections.api.statistics import movements
from services.projections.api.statistics.flows import list_flows
from services.projections.api.statistics.study import Study
from services.projections.statistics.cells import Move
from services.projections.statistics.indicators import CountsInMemory, Span
from tests.projections.api.statistics.kits import make_counts, make_study
from tests.projections.geography.sayings import abolished, established, moved, split

BASE = [established(0, "P"), established(0, "Q"), *(established(0, f"P{n}", "P") for n in range(4))]
YEAR = Span(100, 200)


def move(origin: str | None, destination: str, day: int, n: int = 1, kind: str = "internal") -> Move:
    return Move(kind, "usual", origin, destination, day, "female", -9000, n)


def told(study: Study, counts: CountsInMemory) -> dict[tuple[str, ...], int]:
    """(origin, destination, breakdown…) → moves; each row once."""
    found: dict[tuple[str, ...], int] = {}
    for block in list_flows(study, counts, study.asked.spans[0]):
        for line in block.lines():
            origin, destination, _, *labels = line.key
            key = (origin, destination, *labels)
            assert key not in found, "a row in two portions"
            found[key] = line.record["moves"]
    return found


def test_places_are_told_at_the_level_on_which_they_lay_on_the_day() -> None:
    facts = [*BASE, moved(150, "P1", "Q")]
    counts = make_counts(move("P0", "P1", 120, 3), move("P0", "P1", 160, 4), move("country:NO", "P1", 170, 2, "in"))
    assert told(make_study(facts, [], YEAR, level=1), counts) == {("P", "P"): 3, ("P", "Q"): 4, ("country:NO", "Q"): 2}


def test_on_the_map_of_a_day_what_falls_between_places_says_so() -> None:
    facts = [*BASE, established(150, "X", "P"), established(150, "Y", "Q"), split(150, "P3", "X", "Y")]
    facts += [abolished(160, "P2", "Z"), established(160, "Z", "P")]
    counts = make_counts(move("P3", "P0", 120, 5), move("P2", "Z", 180, 1), move("P0", "P2", 110, 2))
    study = make_study(facts, [], YEAR, map_day=190)
    assert told(study, counts) == {("X|Y", "P0"): 5, ("Z", "Z"): 1, ("P0", "Z"): 2}
    (block,) = list_flows(study, counts, YEAR)
    assert sorted(str(line.record["candidates"]) for line in block.lines()) == ["None", "None", "['X', 'Y']"]
    assert block.columns()[5].count("X|Y") == 1


@pytest.mark.parametrize("seed", range(5))
def test_portions_hold_every_row_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(seed)
    places = [f"P{n}" for n in range(4)] + ["unheard-of"]
    moves = [move(chance.choice(places), chance.choice(places), chance.randint(90, 210), 3) for _ in range(40)]
    moves += [move("country:NO", chance.choice(places), 150, 1, "in"), move(None, "P1", 150, 1, "found")]
    moves += [move(chance.choice(places), "region:north", 150, 1, "out")]
    counts = make_counts(*moves)
    for level, map_day in ((None, None), (1, None), (None, 150)):
        study = make_study(BASE, [], YEAR, by=("sex", "age"), level=level, map_day=map_day)
        whole = told(study, counts)
        with monkeypatch.context() as small:
            small.setattr(movements, "ROWS_AT_ONCE", 20)
            blocks = list(list_flows(study, counts, YEAR))
            assert len(blocks) > 3
            assert told(study, counts) == whole
            assert sum(len(block.columns()[0]) for block in blocks if block.columns()) == len(whole)
