"""The floating population: who lives in one place and is registered in another."""

from services.projections.statistics.cells import INFLOW, OUTFLOW, REGISTERED, TEMPORARY, USUAL
from services.projections.statistics.indicators.declaration import Indicator, Quantity

_TRAPS = (
    "A stock at the end of the period, not moves in it.",
    "In every area: usual residents less inflow is registered less outflow.",
    "Inflow and outflow of an area hold people of other areas of the region too: sums over areas are not the region's.",
)


def _at_end(population: str, words: str) -> Quantity:
    return Quantity(
        f"{population}-at-end",
        f"{words}, at the end of the period",
        "people",
        lambda tally, by: tally.people(tally.question.span.end - 1, by, population),
    )


_RESIDENTS = _at_end(USUAL, "usual residents")
_REGISTERED = _at_end(REGISTERED, "people registered there")
_INFLOW = _at_end(INFLOW, "usual residents who are registered elsewhere")
_OUTFLOW = _at_end(OUTFLOW, "people registered there who live elsewhere")
_TEMPORARY = _at_end(TEMPORARY, "usual residents whose residence is temporary")


def _stock(id: str, name: str, quantity: Quantity) -> Indicator:
    return Indicator(
        id=id,
        name=name,
        family="floating population",
        definition=f"{quantity.words[0].upper()}{quantity.words[1:]}.",
        numerator=quantity,
        unit="people",
        by=("sex", "age", "elsewhere"),
        traps=_TRAPS,
        source="docs/life-courses.md",
    )


def _share(id: str, name: str, above: Quantity, below: Quantity) -> Indicator:
    return Indicator(
        id=id,
        name=name,
        family="floating population",
        definition=f"{above.words[0].upper()}{above.words[1:]}, per 100 {below.words}.",
        numerator=above,
        denominator=below,
        scale=100,
        unit="per cent",
        by=("sex", "age"),
        traps=_TRAPS,
        source="docs/life-courses.md",
    )


INDICATORS = (
    _stock("inflow", "Inflow", _INFLOW),
    _stock("outflow", "Outflow", _OUTFLOW),
    _share("inflow-share", "Share of inflow among residents", _INFLOW, _RESIDENTS),
    _share("outflow-share", "Share of outflow among the registered", _OUTFLOW, _REGISTERED),
    _share("temporary-share", "Share of temporary residents", _TEMPORARY, _RESIDENTS),
)
