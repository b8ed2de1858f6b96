"""Rates of published figures: each is made of a numerator and a denominator that stand beside it and were rounded
before, so it tells nothing that they do not. Definitions are those of the library of indicators.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from services.projections.statistics.disclosure.publishing import FEW_AT_RISK, HIDDEN
from services.projections.statistics.disclosure.rules import Rule
from services.projections.statistics.indicators.catalogue import CATALOGUE
from services.projections.statistics.indicators.figure import Reason

Parts = Mapping[str, float | None]
"""The published figures of one area and year by name; None: held back."""


class Ratio(NamedTuple):
    """Which indicator: plus over denominator, less what `minus` names. All are names of parts."""

    indicator: str
    plus: str
    denominator: str
    minus: str | None = None


class Rate(NamedTuple):
    indicator: str
    definition: str
    numerator: str
    numerator_value: float | None
    denominator: str
    denominator_value: float | None
    value: float | None
    scale: int
    unit: str
    reliable: bool | None
    reason: str | None


LIVED: Final = "person_years"
RATIOS: Final = (
    Ratio("crude-birth-rate", "births", LIVED),
    Ratio("crude-death-rate", "deaths", LIVED),
    Ratio("natural-increase-rate", "births", LIVED, "deaths"),
    Ratio("crude-marriage-rate", "marriages", LIVED),
    Ratio("crude-divorce-rate", "divorces", LIVED),
    Ratio("infant-mortality-rate", "deaths_under_1", "births"),
    Ratio("sex-ratio-at-birth", "births_male", "births_female"),
    Ratio("in-migration-rate", "moved_in", LIVED),
    Ratio("out-migration-rate", "moved_out", LIVED),
    Ratio("net-migration-rate", "moved_in", LIVED, "moved_out"),
)
"""Those that are quotients of published counts. Others (life tables, sums of rates by age) want more cells than may
leave here; the library answers them over HTTP under its own rule.
"""
NOBODY: Final = Reason("denominator-zero", "Undefined: the denominator is 0.")


def make_rates(parts: Parts, rule: Rule | None) -> Iterator[Rate]:
    """All of one area and year. A rate that cannot be given is null with a reason."""
    for ratio in RATIOS:
        declared = CATALOGUE[ratio.indicator]
        above, below = _subtract(parts, ratio), parts.get(ratio.denominator)
        reason = _find_reason(parts, ratio, below, rule)
        value = None
        if reason is None and above is not None and below:
            value = float(f"{declared.scale * above / below:.6g}")
        numerator = ratio.plus if ratio.minus is None else f"{ratio.plus} - {ratio.minus}"
        few = None if value is None else _is_reliable(parts, ratio, rule)
        yield Rate(
            ratio.indicator,
            declared.definition_id,
            numerator,
            above,
            ratio.denominator,
            below,
            value,
            declared.scale,
            declared.unit,
            few,
            reason.words if reason else None,
        )


def _subtract(parts: Parts, ratio: Ratio) -> float | None:
    above = parts.get(ratio.plus)
    if ratio.minus is None or above is None:
        return above
    less = parts.get(ratio.minus)
    return None if less is None else above - less


def _find_reason(parts: Parts, ratio: Ratio, below: float | None, rule: Rule | None) -> Reason | None:
    if below is None or _subtract(parts, ratio) is None:
        return HIDDEN
    if below <= 0:
        return NOBODY
    if rule is None:
        return None
    if below < rule.rate_denominator:
        return FEW_AT_RISK
    # As elsewhere under this rule: a rate of nobody, or of fewer than the threshold, is none.
    return HIDDEN if any((parts.get(name) or 0) < rule.threshold for name in _above(ratio)) else None


def _is_reliable(parts: Parts, ratio: Ratio, rule: Rule | None) -> bool:
    return all((parts.get(name) or 0) >= (rule.reliable if rule else 20) for name in _above(ratio))


def _above(ratio: Ratio) -> list[str]:
    return [name for name in (ratio.plus, ratio.minus) if name]
