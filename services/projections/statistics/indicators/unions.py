"""Marriages and divorces."""

from services.projections.statistics.indicators.declaration import Indicator
from services.projections.statistics.indicators.quantities import DIVORCES, LIVED, MARRIAGES

_TRAPS = ("Events are counted, not persons.", "By the day that it happened, not by the day of registration.")
_UN = "UN, Principles and Recommendations for a Vital Statistics System, Rev. 3"
INDICATORS = (
    Indicator(
        id="crude-marriage-rate",
        name="Crude marriage rate",
        family="unions",
        definition="Marriages per 1,000 person-years.",
        numerator=MARRIAGES,
        denominator=LIVED,
        scale=1000,
        unit="per 1,000",
        traps=_TRAPS,
        source=_UN,
    ),
    Indicator(
        id="crude-divorce-rate",
        name="Crude divorce rate",
        family="unions",
        definition="Divorces per 1,000 person-years.",
        numerator=DIVORCES,
        denominator=LIVED,
        scale=1000,
        unit="per 1,000",
        traps=_TRAPS,
        source=_UN,
    ),
)
