"""What each agreement says for a pair being one person, in bits: log2 of how much oftener it is seen in pairs that are
than in pairs that are not (Fellegi and Sunter 1969). Measured on a generated population: docs/pairing.md. Pure.

`name` PART is worth little: many share a word of their names. A field that either side does not know says nothing.
"""

from collections.abc import Mapping
from math import exp2
from typing import Final

from services.exchange.pairing.comparing import Verdict

PRIOR: Final = -20.0
"""That somebody drawn from a million people is the one who is meant."""
WEIGHTS: Final[Mapping[str, Mapping[Verdict, float]]] = {
    "name": {Verdict.SAME: 14.0, Verdict.CLOSE: 10.0, Verdict.PART: 3.0, Verdict.OTHER: -5.0},
    "birth_on": {
        Verdict.SAME: 14.5,
        Verdict.TURNED: 9.0,
        Verdict.NEAR: 5.0,
        Verdict.AS_FAR_AS_SAID: 6.0,
        Verdict.OTHER: -7.0,
    },
    "sex": {Verdict.SAME: 1.0, Verdict.OTHER: -6.0},
    "address": {Verdict.SAME: 12.0, Verdict.CLOSE: 10.0, Verdict.PART: 5.0, Verdict.OTHER: -2.0},
    "birth_place": {Verdict.SAME: 3.0, Verdict.CLOSE: 2.0, Verdict.OTHER: -1.0},
    "identifier": {Verdict.SAME: 18.0, Verdict.CLOSE: 12.0, Verdict.OTHER: -6.0},
}


def to_score(weight: float) -> int:
    """The weights of all fields together as a probability in percent: 0 to 100."""
    bits = max(-30.0, min(30.0, PRIOR + weight))
    return round(100 / (1 + exp2(-bits)))
