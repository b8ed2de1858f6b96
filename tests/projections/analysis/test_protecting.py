"""Attackers who hold everything that is published, unrounded, and want a count of few people."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest

from services.projections.analysis.breakdowns import Breakdown, Category, publish
from services.projections.analysis.flows import IN, OUT, publish_flows
from services.projections.analysis.protecting import Tree, choose_shown, passes
from services.projections.analysis.sums import Move
from services.projections.analysis.trees import REGION, find_line
from services.projections.statistics.disclosure import TEN_FIVE
from services.projections.statistics.disclosure.rules import Rule

EXACT = Rule(id="attack", base=1)
"""The rule without rounding: what cannot be worked out from exact figures cannot be from rounded ones."""
AGES = 3
WHOLE = Breakdown("total", (Category("all", None, None),), lambda fine: [sum(fine)])
SEXES = Breakdown("sex", (Category("female", None, None), Category("male", None, None)),
                  lambda fine: [sum(fine[:AGES]), sum(fine[AGES:])], ("total",))  # fmt: skip
CELLS = Breakdown("fine", tuple(Category(s, a, a) for s in ("female", "male") for a in range(AGES)), list, ("sex",))
BANDS = Breakdown("age", tuple(Category("all", a, a) for a in range(AGES)),
                  lambda fine: [fine[a] + fine[AGES + a] for a in range(AGES)], ("total",))  # fmt: skip
CHAIN = (WHOLE, SEXES, CELLS)
BESIDE = (WHOLE, SEXES, BANDS)


class World:
    """Areas in areas with people in every area itself; everything is a sum of `inner` x cells."""

    def __init__(self, seed: int) -> None:
        chance = Random(seed)
        parts: dict[str, tuple[str, ...]] = {REGION: tuple("abc"[: chance.randint(1, 3)])}
        for area in parts[REGION]:
            parts[area] = tuple(f"{area}{n}" for n in range(chance.randint(0, 4)))
        self.tree = Tree(REGION, {area: own for area, own in parts.items() if own})
        self.lines = find_line(self.tree)
        self.inner = sorted(self.lines)
        size = chance.choice((4, 12, 60))
        sparse = chance.random()
        self.alone = {
            area: [chance.randint(0, size) if chance.random() > sparse / 2 else 0 for _ in range(2 * AGES)]
            for area in self.inner
        }
        for area in chance.sample(self.inner, len(self.inner) // 2):
            self.alone[area] = [0] * (2 * AGES)
        self.fine = {area: [0] * (2 * AGES) for area in self.lines}
        for area, own in self.alone.items():
            for above in self.lines[area]:
                self.fine[above] = [a + b for a, b in zip(self.fine[above], own, strict=True)]

    def row(self, area: str, breakdown: Breakdown, at: int) -> np.ndarray[Any, Any]:
        """The sum of unknowns that a cell is."""
        parts = [breakdown.add_up([int(n == cell) for n in range(2 * AGES)])[at] for cell in range(2 * AGES)]
        return np.array([part * (area in self.lines[inner]) for inner in self.inner for part in parts])

    def cells(self, breakdowns: Sequence[Breakdown]) -> Iterator[tuple[str, Breakdown, int, int]]:
        for breakdown in breakdowns:
            for area in self.inner:
                for at, n in enumerate(breakdown.add_up(self.fine[area])):
                    yield area, breakdown, at, n


def published_rows(world: World, breakdowns: Sequence[Breakdown]) -> tuple[np.ndarray[Any, Any], list[int]]:
    by_name = {breakdown.name: breakdown for breakdown in breakdowns}
    rows, values = [], []
    for one in publish(world.tree, world.fine, breakdowns, EXACT):
        if one.n is not None:
            breakdown = by_name[one.breakdown]
            rows.append(world.row(one.area, breakdown, breakdown.categories.index(one.category)))
            values.append(one.n)
    return np.array(rows).reshape(len(rows), len(world.inner) * 2 * AGES), values


@pytest.mark.parametrize("breakdowns", [CHAIN, BESIDE], ids=["one in another", "side by side"])
def test_no_sum_or_difference_of_published_figures_tells_a_small_count(breakdowns: Sequence[Breakdown]) -> None:
    hidden = 0
    for seed in range(150):
        world = World(seed)
        known, _ = published_rows(world, breakdowns)
        rank = np.linalg.matrix_rank(known) if len(known) else 0
        for area, breakdown, at, n in world.cells(breakdowns):
            if 0 < n < EXACT.threshold:
                hidden += 1
                together = np.vstack([known, world.row(area, breakdown, at)])
                assert np.linalg.matrix_rank(together) > rank, (seed, area, breakdown.name, at, n)
    assert hidden > 1000


@pytest.mark.parametrize("breakdowns", [CHAIN, BESIDE], ids=["one in another", "side by side"])
def test_nor_do_the_bounds_within_which_counts_must_lie(breakdowns: Sequence[Breakdown]) -> None:
    """Counts are never below 0: so each sum bounds its parts, again and again until nothing changes."""
    for seed in range(60):
        world = World(seed)
        known, values = published_rows(world, breakdowns)
        targets = [(area, b, at, n) for area, b, at, n in world.cells(breakdowns) if 0 < n < EXACT.threshold]
        rows = [*known, *(world.row(area, b, at) for area, b, at, _ in targets)]
        low, high = _tighten(known, values)
        for (area, breakdown, at, n), row in zip(targets, rows[len(known) :], strict=True):
            least, most = low @ row, high @ row
            assert least < most, (seed, area, breakdown.name, at, n)


def _tighten(known: np.ndarray[Any, Any], values: Sequence[int]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    width = known.shape[1]
    low, high = np.zeros(width), np.full(width, 1e6)
    for _ in range(50):
        before = low.copy(), high.copy()
        for row, value in zip(known, values, strict=True):
            own = row > 0
            least, most = low[own].sum(), high[own].sum()
            low[own] = np.maximum(low[own], value - (most - high[own]))
            high[own] = np.minimum(high[own], value - (least - low[own]))
        if (before[0] == low).all() and (before[1] == high).all():
            break
    return low, high


def test_a_breakdown_is_published_whole_or_not_at_all() -> None:
    for seed in range(40):
        world = World(seed)
        told: dict[tuple[str, str], set[bool]] = {}
        for one in publish(world.tree, world.fine, CHAIN, TEN_FIVE):
            told.setdefault((one.area, one.breakdown), set()).add(one.n is None)
            assert one.n is None or one.n == 0 or (one.n >= 10 and one.n % 5 == 0)
        assert all(len(outcomes) == 1 for outcomes in told.values())


def test_a_small_part_takes_the_smallest_large_one_with_it() -> None:
    tree = Tree(REGION, {REGION: ("a", "b", "c")})
    cells = {REGION: [118], "a": [3], "b": [15], "c": [100]}
    assert choose_shown(tree, cells, TEN_FIVE) == {REGION, "c"}
    assert choose_shown(tree, {**cells, "a": [0], REGION: [115]}, TEN_FIVE) == {REGION, "a", "b", "c"}


def test_a_negative_count_is_a_contradiction_and_held_back() -> None:
    assert not passes([-1], TEN_FIVE)
    assert not passes([-20, 30], TEN_FIVE)


def test_no_small_flow_follows_from_the_others_or_from_balances() -> None:
    """Every pair, every sum over origins or destinations, and the balance of every area around them as an equation."""
    hidden = held_whole = 0
    for seed in range(60):
        chance = Random(seed)
        parts = {
            area: tuple(f"{area}{n}" for n in range(chance.randint(1, 3))) for area in "ab"[: chance.randint(1, 2)]
        }
        names = [area for own in parts.values() for area in own]
        tree = Tree(REGION, {REGION: tuple(parts), **parts})
        moves = [Move("internal", a, b, 2000, chance.choice((0, 2, 7, 15, 60))) for a in names for b in names]
        moves += [Move("in", "country:NO", a, 2000, chance.choice((0, 3, 40))) for a in names]
        moves += [Move("out", a, "unknown", 2000, chance.choice((0, 5, 40))) for a in names]
        balance = {area: {"before": 1, "births": chance.choice((None, 12))} for area in tree.walk()}
        flows = publish_flows(tree, moves, lambda area, told=balance: told[area], EXACT)
        pairs = sorted(flows.pairs)
        place = {pair: at for at, pair in enumerate(pairs)}
        exact = dict.fromkeys(pairs, 0)
        for _, origin, destination, _, n in moves:
            pair = (origin if origin in names else "outside", destination if destination in names else "outside")
            if pair in exact:
                exact[pair] += n
        known = [_unit(place, [pair]) for pair, n in flows.pairs.items() if n is not None]
        held_whole += not known
        for area in tree.walk():
            own = {inner for inner in Tree(area, tree.parts).walk() if inner in names}
            coming = [pair for pair in pairs if pair[0] not in own and pair[1] in own]
            going = [pair for pair in pairs if pair[0] in own and pair[1] not in own]
            if area in flows.margins:
                known += [_unit(place, coming)] * (flows.margins[area][IN] is not None)
                known += [_unit(place, going)] * (flows.margins[area][OUT] is not None)
            if balance[area]["births"] is not None:
                known.append(_unit(place, coming) - _unit(place, going))
        matrix = np.array(known).reshape(len(known), len(pairs))
        rank = np.linalg.matrix_rank(matrix) if known else 0
        for pair, n in exact.items():
            if 0 < n < EXACT.threshold:
                hidden += 1
                assert np.linalg.matrix_rank(np.vstack([matrix, _unit(place, [pair])])) > rank, (seed, pair, n)
    assert hidden > 100
    assert held_whole < 40


def _unit(place: Mapping[tuple[str, str], int], pairs: Sequence[tuple[str, str]]) -> np.ndarray[Any, Any]:
    row = np.zeros(len(place))
    row[[place[pair] for pair in pairs]] = 1
    return row
