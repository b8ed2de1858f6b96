"""Figures that somebody else published, held to what they say they are made of.

The reports that this register replaces contain rates that cannot be recomputed, and some that cannot be true.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from services.projections.statistics.indicators.figure import Portion, Reason

LOWEST_DEATH_RATE = Fraction(4)
APART = Fraction(1, 10)
NO_DENOMINATOR = Reason("denominator-not-stored", "The denominator is not stored: the rate is not published.")
OTHER_DENOMINATOR = Reason(
    "denominator-of-another-definition", "The denominator counts something else than the rate says it is about."
)
NOT_EQUAL = Reason("does-not-follow", "The published value does not follow from its numerator and denominator.")
_ZERO = Reason("denominator-zero", "The denominator is zero.")


@dataclass(frozen=True, slots=True)
class Claim:
    """`published` as printed: its decimals are its precision, and it is multiplied by `scale`.

    `about` is the id of the denominator that the rate is declared to have.
    """

    published: Decimal
    scale: int
    about: str
    numerator: Portion
    denominator: Portion | None


class Verdict(NamedTuple):
    """`exact` is the recomputed value; None when nothing can be computed."""

    outcome: Literal["reproduced", "contradicted", "refused"]
    exact: Fraction | None
    reason: Reason | None


def recompute(claim: Claim) -> Verdict:
    """Reproduced when the exact value rounds to the published one; refused where it cannot be computed at all."""
    if claim.denominator is None:
        return Verdict("refused", None, NO_DENOMINATOR)
    if claim.denominator.value == 0:
        return Verdict("refused", None, _ZERO)
    exact = claim.scale * Fraction(claim.numerator.value) / Fraction(claim.denominator.value)
    if claim.denominator.id != claim.about:
        return Verdict("refused", exact, OTHER_DENOMINATOR)
    if rounded(exact, claim.published) != claim.published:
        return Verdict("contradicted", exact, NOT_EQUAL)
    return Verdict("reproduced", exact, None)


def rounded(exact: Fraction, like: Decimal) -> Decimal:
    """To as many decimals, halves away from zero, as reports do."""
    precise = Decimal(exact.numerator) / Decimal(exact.denominator)
    return precise.quantize(like.copy_abs(), rounding=ROUND_HALF_UP)


def implied_denominator(claim: Claim) -> Fraction:
    """What the denominator would have to be for the claim to be true."""
    return claim.scale * Fraction(claim.numerator.value) / Fraction(claim.published)


def agree(ours: Fraction, theirs: Fraction) -> bool:
    """Two statements of one number: less than 10 % apart, as in the first of the six checks."""
    return abs(ours / theirs - 1) < APART


def find_implausible(birth_rate: Fraction, natural_increase: Fraction) -> Reason | None:
    """A crude death rate below 4 per 1,000 is below that of any country with reliable registration of all ages."""
    death_rate = birth_rate - natural_increase
    if death_rate >= LOWEST_DEATH_RATE:
        return None
    words = f"The two rates imply a crude death rate of {float(death_rate):.2f} per 1,000: implausibly low."
    return Reason("implausible-death-rate", words)
