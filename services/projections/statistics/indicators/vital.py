"""Population, births, deaths, growth, and the equation that binds them."""

from collections.abc import Iterable
from fractions import Fraction
from math import log

from services.projections.statistics.cells import REGISTERED, USUAL
from services.projections.statistics.indicators.computing import divide
from services.projections.statistics.indicators.declaration import Indicator, Outcome
from services.projections.statistics.indicators.figure import Portion, Reason
from services.projections.statistics.indicators.quantities import BIRTHS, DEATHS, LIVED, PEOPLE, STILLBIRTHS
from services.projections.statistics.indicators.tally import Tally

_UN = "UN, Principles and Recommendations for a Vital Statistics System, Rev. 3"
NOBODY = Reason("no-population", "Nobody lived there at one of the two ends: growth has no logarithm.")
NOT_THIS_POPULATION = Reason(
    "not-this-population",
    "Births and deaths are counted of usual residents and of the registered, not of parts of them.",
)
_USUAL = "usual residents; ask for population=registered where the registered population is meant"


def natural_increase(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    births, deaths, lived = tally.occurrences("birth"), tally.occurrences("death"), tally.lived()
    for zone in tally.question.zones:
        at = (zone.code,)
        born, died, years = births.get(at, 0), deaths.get(at, 0), lived.get(at, Fraction(0))
        value, reason = divide(indicator.scale, born - died, years)
        numerator = Portion("births-deaths", "live births less deaths", born - died, "events")
        notes = (f"{born} live births, {died} deaths",)
        yield Outcome(zone.code, {}, value, numerator, LIVED.portion(tally, years), reason, notes)


def growth(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    span = tally.question.span
    start, end = tally.people(span.start - 1), tally.people(span.end - 1)
    years = sum((Fraction(part.end - part.start, part.length) for part in span.parts()), Fraction(0))
    for zone in tally.question.zones:
        before, after = start.get((zone.code,), 0), end.get((zone.code,), 0)
        numerator = Portion("people-at-end", "people at the end of the last day", after, "people")
        denominator = Portion("people-before", "people at the end of the day before the period", before, "people")
        if before <= 0 or after <= 0:
            yield Outcome(zone.code, {}, None, numerator, denominator, NOBODY)
            continue
        value = indicator.scale * log(after / before) / float(years)
        yield Outcome(zone.code, {}, value, numerator, denominator, None, (f"over {float(years):g} years",))


def balance(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    """What is left of P1 + B - D + I - O + found - P2: 0, whatever the events said."""
    span = tally.question.span
    if tally.question.population not in (USUAL, REGISTERED):
        yield from (Outcome(zone.code, {}, None, None, None, NOT_THIS_POPULATION) for zone in tally.question.zones)
        return
    start, end = tally.people(span.start - 1), tally.people(span.end - 1)
    births, deaths = tally.occurrences("birth"), tally.occurrences("death")
    crossings, taken_in = tally.crossings(), tally.found()
    for zone in tally.question.zones:
        at = (zone.code,)
        born, died = births.get(at, 0), deaths.get(at, 0)
        came, went = crossings[zone.code]
        found = taken_in.get(at, 0)
        expected = start.get(at, 0) + born - died + came - went + found
        words = f"{start.get(at, 0)} before + {born} births - {died} deaths + {came} in - {went} out + {found} found"
        numerator = Portion("balance", "P1 + births - deaths + in - out + found", expected, "people")
        denominator = Portion("people-at-end", "people at the end of the last day", end.get(at, 0), "people")
        yield Outcome(zone.code, {}, expected - end.get(at, 0), numerator, denominator, None, (words,))


_VITAL_TRAPS = (
    "By the day that it happened, never by the day of registration.",
    f"The population: {_USUAL}.",
)
INDICATORS = (
    Indicator(
        id="population",
        name="Population",
        family="vital",
        definition="People who live there at the end of the last day of the period.",
        numerator=PEOPLE,
        unit="people",
        by=("sex", "age"),
        traps=("31 December of a year is the end of the period [1 January, 1 January).",),
        source="UN, Principles and Recommendations for Population and Housing Censuses, Rev. 3",
    ),
    Indicator(
        id="births",
        name="Live births",
        family="vital",
        definition="Live births of the period, at the mother's usual residence; the mother's age, the child's sex.",
        numerator=BIRTHS,
        unit="births",
        by=("sex", "age", "order", "month"),
        traps=_VITAL_TRAPS[:1],
        source=_UN,
    ),
    Indicator(
        id="stillbirths",
        name="Stillbirths",
        family="vital",
        definition="Stillbirths of the period; never among births or deaths.",
        numerator=STILLBIRTHS,
        unit="stillbirths",
        traps=_VITAL_TRAPS[:1],
        source=_UN,
    ),
    Indicator(
        id="deaths",
        name="Deaths",
        family="vital",
        definition="Deaths of the period, at the deceased's usual residence; no foetal deaths.",
        numerator=DEATHS,
        unit="deaths",
        by=("sex", "age", "month"),
        traps=_VITAL_TRAPS[:1],
        source=_UN,
    ),
    Indicator(
        id="crude-birth-rate",
        name="Crude birth rate",
        family="vital",
        definition="Live births per 1,000 person-years.",
        numerator=BIRTHS,
        denominator=LIVED,
        scale=1000,
        unit="per 1,000",
        traps=("Live births only: stillbirths are excluded.", *_VITAL_TRAPS),
        source=_UN,
    ),
    Indicator(
        id="crude-death-rate",
        name="Crude death rate",
        family="vital",
        definition="Deaths per 1,000 person-years.",
        numerator=DEATHS,
        denominator=LIVED,
        scale=1000,
        unit="per 1,000",
        by=("sex",),
        traps=("Foetal deaths are excluded.", *_VITAL_TRAPS),
        source=_UN,
    ),
    Indicator(
        id="natural-increase-rate",
        name="Rate of natural increase",
        family="vital",
        definition="Live births less deaths, per 1,000 person-years: the crude birth rate less the crude death rate.",
        denominator=LIVED,
        formula=natural_increase,
        scale=1000,
        unit="per 1,000",
        traps=("Equals CBR - CDR exactly; a difference of rounded rates does not.",),
        source=_UN,
    ),
    Indicator(
        id="growth-rate",
        name="Growth rate",
        family="vital",
        definition="ln(P2 / P1) / n: exponential, a year, from before the period to its end.",
        formula=growth,
        scale=100,
        unit="per cent a year",
        traps=("Exponential, not (P2 - P1) / P1.", "1 January to 1 January, not mid-year to mid-year."),
        source="UN, World Population Prospects, definition of indicators",
    ),
    Indicator(
        id="balancing-equation",
        name="Balancing equation",
        family="vital",
        definition="P1 + births - deaths + in - out + found - P2: what is left over, which is nothing.",
        formula=balance,
        unit="people",
        traps=(
            "Births, deaths and moves are read off the same episodes as the population, so it holds always.",
            "Found: taken into the register without having moved, as in an enumeration. Not a move.",
        ),
        source="Preston, Heuveline, Guillot (2001), Demography, ch. 1",
    ),
)
