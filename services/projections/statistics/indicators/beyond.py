"""Indicators that are asked for and not computed here. Each answers with the reason."""

from services.projections.statistics.indicators.declaration import Indicator
from services.projections.statistics.indicators.figure import Reason

_SURVEYS = Reason(
    "not-computable-by-design",
    "Not computable here, by design: it needs to know of persons what this register must never know. It comes from "
    "anonymous surveys; their published tables may be loaded as external series.",
)
_SUPPLIES = Reason("no-such-events", "Not computable: the ledger of supplies has no events in this release.")
_SERVICES = Reason(
    "no-such-cells",
    "Not computable of these cells: services are about pseudonyms that nothing joins to the register, so the eligible "
    "population and the persons served cannot be put together here.",
)
_UNDER_FIVE = Reason(
    "circular",
    "Not computable of a register alone: children without a registration are not in it. Needs a count of children "
    "under 5 from a census or survey, and who of those enumerated has a registered birth.",
)


def _declared(id: str, name: str, definition: str, why_not: Reason, source: str) -> Indicator:
    return Indicator(
        id=id,
        name=name,
        family="not computable",
        definition=definition,
        unit="per cent",
        source=source,
        why_not=why_not,
    )


INDICATORS = (
    _declared(
        "contraceptive-prevalence",
        "Contraceptive prevalence",
        "Women who use a method, of those aged 15-49.",
        _SURVEYS,
        "docs/privacy.md",
    ),
    _declared(
        "unmet-need",
        "Unmet need for family planning",
        "As defined by the surveys that ask for it.",
        _SURVEYS,
        "docs/privacy.md",
    ),
    _declared("method-mix", "Method mix", "Share of each method among users.", _SURVEYS, "docs/privacy.md"),
    _declared(
        "couple-years-of-protection",
        "Couple-years of protection",
        "Units dispensed from outlets times a factor per item: stock, never persons.",
        _SUPPLIES,
        "USAID, couple-years of protection",
    ),
    _declared(
        "service-coverage",
        "Service coverage",
        "Eligible persons with a qualifying service, of the eligible population.",
        _SERVICES,
        "docs/privacy.md",
    ),
    _declared(
        "service-uptake",
        "Service uptake",
        "Services delivered of those offered; declined beside.",
        _SERVICES,
        "docs/privacy.md",
    ),
    _declared(
        "children-with-registered-birth",
        "Children under 5 whose birth is registered (SDG 16.9.1)",
        "Children under 5 with a registered birth, of all children under 5.",
        _UNDER_FIVE,
        "UN, SDG indicator metadata 16.9.1",
    ),
)
