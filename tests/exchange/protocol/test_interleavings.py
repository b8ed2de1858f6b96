"""Random interleavings of two and three regions, with everything that can go wrong between them."""

import random

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from services.exchange.protocol.deadlines import Profile
from tests.exchange.protocol.happenings import calm, run
from tests.exchange.protocol.invariants import AT_REST, watch
from tests.exchange.protocol.world import World

CHOICES = st.lists(st.integers(0, 16 * 6000), min_size=10, max_size=90)
PROFILES = st.sampled_from(Profile)
TWO, THREE = ("north", "south"), ("north", "south", "west")
RUNS = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def live(world: World, choices: list[int]) -> None:
    """Everything happens; then all comes to rest, and must hold."""
    run(world, choices)
    calm(world)
    for check in AT_REST:
        check(world)


@pytest.mark.parametrize("names", [TWO, THREE])
@RUNS
@given(choices=CHOICES, profile=PROFILES)
def test_whatever_happens_in_whatever_order_the_invariants_hold(
    names: tuple[str, ...], choices: list[int], profile: Profile
) -> None:
    live(World(names, watch=watch, profile=profile), choices)


@RUNS
@given(choices=CHOICES, profile=PROFILES)
def test_notices_that_cross_come_to_one_end_whether_or_not_they_are_joined(
    choices: list[int], profile: Profile
) -> None:
    world = World(TWO, watch=watch, profile=profile)
    world.open("north", "south", "201", "p0-north-south")
    world.open("south", "north", "202", "p0-north-south")
    live(world, choices)


@settings(RUNS, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_long_histories_hold_too(seed: int) -> None:
    chance = random.Random(seed)
    world = World(THREE if seed % 2 else TWO, watch=watch, profile=chance.choice(list(Profile)))
    live(world, [chance.randrange(16 * 6000) for _ in range(220)])
