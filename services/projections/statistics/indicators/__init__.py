"""Indicators: each declared once, computed exactly, and answered with everything that it is made of.

`CATALOGUE` holds the declarations; `compute(indicator, counts, question)` gives figures; `CountsInMemory` counts cells.
`recompute(claim)` holds a published figure to what it says it is made of.
"""

from services.projections.statistics.indicators.catalogue import CATALOGUE
from services.projections.statistics.indicators.claims import Claim, Verdict, recompute
from services.projections.statistics.indicators.computing import WrongQuestionError, compute
from services.projections.statistics.indicators.counting import Counts
from services.projections.statistics.indicators.declaration import Indicator
from services.projections.statistics.indicators.figure import Check, Figure, Portion, Reason
from services.projections.statistics.indicators.in_memory import CountsInMemory
from services.projections.statistics.indicators.question import WHOLE, LegalPeriod, Question, Reference, Zone
from services.projections.statistics.indicators.remembering import RememberingCounts
from services.projections.statistics.indicators.spans import FIVE_YEARS, SINGLE_YEARS, AgeGroups, Span, calendar_year

__all__ = [
    "CATALOGUE",
    "FIVE_YEARS",
    "SINGLE_YEARS",
    "WHOLE",
    "AgeGroups",
    "Check",
    "Claim",
    "Counts",
    "CountsInMemory",
    "Figure",
    "Indicator",
    "LegalPeriod",
    "Portion",
    "Question",
    "Reason",
    "Reference",
    "RememberingCounts",
    "Span",
    "Verdict",
    "WrongQuestionError",
    "Zone",
    "calendar_year",
    "compute",
    "recompute",
]
