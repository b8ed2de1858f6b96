"""What each agreement says for a pair being one person, in bits: log2 of how much oftener it is seen in pairs that are
than in pairs that are not (Fellegi and Sunter 1969). Pure.

Measured on a generated population, rounded to half a bit: docs/pairing.md, `python -m tests.benchmarks.pairing.quality
--weights`. Only `birth_place` is a guess, kept small. A field that either side does not know says nothing.
"""

from collections.abc import Mapping
from math import exp2
from typing import Final

from services.exchange.pairing.comparing import Verdict

PRIOR: Final = -20.0
"""That somebody drawn from a million people is the one who is meant."""
WEIGHTS: Final[Mapping[str, Mapping[Verdict, float]]] = {
    "name": {Verdict.SAME: 13.0, Verdict.CLOSE: 8.0, Verdict.PART: -0.5, Verdict.OTHER: -6.5},
    "birth_on": {
        Verdict.SAME: 15.0,
        Verdict.TURNED: 9.0,
        Verdict.NEAR: 2.0,
        Verdict.AS_FAR_AS_SAID: 6.0,
        Verdict.OTHER: -10.0,
    },
    "sex": {Verdict.SAME: 1.0, Verdict.OTHER: -7.5},
    "address": {Verdict.SAME: 15.5, Verdict.CLOSE: 5.5, Verdict.PART: 3.5, Verdict.OTHER: -2.5},
    "birth_place": {Verdict.SAME: 3.0, Verdict.CLOSE: 2.0, Verdict.OTHER: -1.0},
    "identifier": {Verdict.SAME: 20.0, Verdict.CLOSE: 12.0, Verdict.OTHER: -8.0},
}


def to_score(weight: float) -> int:
    """The weights of all fields together as a probability in percent: 0 to 100."""
    bits = max(-30.0, min(30.0, PRIOR + weight))
    return round(100 / (1 + exp2(-bits)))
