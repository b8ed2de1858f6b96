"""Disclosure control: what of the statistics may leave, and how. A first version; every output names its rule.

`protect_table` hides small counts, and others so that no sum tells them; `protect_figures` does it for indicators.
`Policy` says which rule holds for whom. Not covered yet: tables that overlap in other ways than by their margins and
nested places, and the same table on adjacent days.
"""

from services.projections.statistics.disclosure.publishing import (
    PublishedFigure,
    PublishedTable,
    protect_figures,
    protect_table,
    publish_figures,
)
from services.projections.statistics.disclosure.rules import NO_RULE, SENSITIVE, TEN_FIVE, Policy, Rule, read_policy
from services.projections.statistics.disclosure.tables import TOTAL, Dimension, Table, flat, make_table

__all__ = [
    "NO_RULE",
    "SENSITIVE",
    "TEN_FIVE",
    "TOTAL",
    "Dimension",
    "Policy",
    "PublishedFigure",
    "PublishedTable",
    "Rule",
    "Table",
    "flat",
    "make_table",
    "protect_figures",
    "protect_table",
    "publish_figures",
    "read_policy",
]
