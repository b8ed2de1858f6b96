"""Random interleavings of two and three regions, with everything that can go wrong between them."""

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from services.exchange.protocol.deadlines import Profile
from tests.exchange.protocol.invariants import AT_REST, watch
from tests.exchange.protocol.world import World, calm, run

CHOICES = st.lists(st.integers(0, 16 * 6000), min_size=10, max_size=90)
TWO, THREE = ("north", "south"), ("north", "south", "west")
RUNS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def live(names: tuple[str, ...], choices: list[int], profile: Profile) -> World:
    world = World(names, watch=watch, profile=profile)
    run(world, choices)
    calm(world)
    for check in AT_REST:
        check(world)
    return world


@pytest.mark.parametrize("names", [TWO, THREE])
@RUNS
@given(choices=CHOICES, profile=st.sampled_from(Profile))
def test_whatever_happens_in_whatever_order_the_invariants_hold(
    names: tuple[str, ...], choices: list[int], profile: Profile
) -> None:
    live(names, choices, profile)
