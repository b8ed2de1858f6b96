"""Each invariant can fail: a protocol that breaks it on purpose is caught, by the invariant of that name."""

import random

import pytest

from tests.exchange.protocol.happenings import calm, run
from tests.exchange.protocol.invariants import AT_REST, Violation, watch
from tests.exchange.protocol.sabotage import SABOTAGES
from tests.exchange.protocol.world import World


def _caught(sabotage: str) -> set[str]:
    """Names of invariants that complained within 60 runs, one for each run."""
    found: set[str] = set()
    for seed in range(60):
        chance = random.Random(seed)
        world = World(("north", "south"), decider=SABOTAGES[sabotage], watch=watch)
        try:
            run(world, [chance.randrange(16 * 6000) for _ in range(80)])
            calm(world)
            for check in AT_REST:
                check(world)
        except Violation as violation:
            found.add(str(violation.args[0]))
        except Exception:
            continue  # a broken protocol may break in other ways too
        if sabotage.split()[0] in found:
            break
    return found


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_broken_protocol_is_caught_by_the_invariant_that_it_breaks(sabotage: str) -> None:
    assert sabotage.split()[0] in _caught(sabotage)
