"""Deaths by age, and how long people live."""

from collections.abc import Callable, Iterable

from services.projections.statistics.indicators.declaration import Formula, Indicator, Outcome
from services.projections.statistics.indicators.figure import Portion, Reason
from services.projections.statistics.indicators.life_table import BOTH, LifeTable, life_table_of
from services.projections.statistics.indicators.quantities import BIRTHS, DEATHS, INFANT_DEATHS, LIVED, NEONATAL_DEATHS
from services.projections.statistics.indicators.tally import Tally

TOO_SHORT = Reason("table-too-short", "The life table is closed below that age: too few people died above it.")
_PRESTON = "Preston, Heuveline, Guillot (2001), Demography, ch. 3"
_TABLE_TRAPS = (
    "A period table: nobody lives through it.",
    "By single years, closed at 100 or at the oldest age below it at which somebody died (said in the notes).",
    "Small populations: one death at a high age moves it; see the number of deaths.",
)


def _of_table(value: Callable[[LifeTable], float | None]) -> Formula:
    """Asked by sex: of each; else of everybody."""

    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        by_sex = "sex" in tally.question.by
        for place, sex, table in life_table_of(tally, ("male", "female") if by_sex else (BOTH,)):
            numerator = Portion("deaths-by-age", "deaths by single years of age", table.deaths, "events")
            denominator = LIVED.portion(tally, table.years)
            notes = (f"closed at age {table.open_age}",)
            by = {"sex": sex} if by_sex else {}
            found = None if table.reason else value(table)
            reason = table.reason or (TOO_SHORT if found is None else None)
            scaled = None if found is None else found * indicator.scale
            yield Outcome(place, by, scaled, numerator, denominator, reason, notes)

    return formula


def _survival(years: int) -> Callable[[LifeTable], float | None]:
    def dying(table: LifeTable) -> float | None:
        return 1.0 - table.rows[years].l if years < len(table.rows) else None

    return dying


INDICATORS = (
    Indicator(
        id="age-specific-death-rate",
        name="Age-specific death rate",
        family="mortality",
        definition="Deaths at an age per 1,000 person-years lived at that age.",
        numerator=DEATHS,
        denominator=LIVED,
        scale=1000,
        unit="per 1,000",
        by=("sex", "age"),
        traps=("Completed age at death; some sources count by age reached in the year.",),
        source=_PRESTON,
    ),
    Indicator(
        id="infant-mortality-rate",
        name="Infant mortality rate",
        family="mortality",
        definition="Deaths before the first birthday in the period per 1,000 live births of the period.",
        numerator=INFANT_DEATHS,
        denominator=BIRTHS,
        scale=1000,
        unit="per 1,000 live births",
        by=("sex",),
        traps=("A period measure: some who died were born before it.", "Live births only."),
        source="WHO, Indicator Metadata Registry",
    ),
    Indicator(
        id="neonatal-mortality-rate",
        name="Neonatal mortality rate",
        family="mortality",
        definition="Deaths within 28 days of birth in the period per 1,000 live births of the period.",
        numerator=NEONATAL_DEATHS,
        denominator=BIRTHS,
        scale=1000,
        unit="per 1,000 live births",
        by=("sex",),
        traps=("A birth date known to the month only is counted as the middle of it.",),
        source="WHO, Indicator Metadata Registry",
    ),
    Indicator(
        id="under-five-mortality",
        name="Under-five mortality",
        family="mortality",
        definition="Probability of dying before the fifth birthday by the life table of the period, per 1,000.",
        formula=_of_table(_survival(5)),
        scale=1000,
        unit="per 1,000",
        by=("sex",),
        traps=("A probability of the life table, not deaths under 5 over births.", *_TABLE_TRAPS),
        source=_PRESTON,
    ),
    Indicator(
        id="life-expectancy-at-birth",
        name="Life expectancy at birth",
        family="mortality",
        definition="Mean years lived by the life table of the period.",
        formula=_of_table(lambda table: table.rows[0].e),
        unit="years",
        by=("sex",),
        traps=_TABLE_TRAPS,
        source=_PRESTON,
    ),
    Indicator(
        id="life-expectancy-at-65",
        name="Life expectancy at 65",
        family="mortality",
        definition="Mean years still lived at 65 by the life table of the period.",
        formula=_of_table(lambda table: table.rows[65].e),
        unit="years",
        by=("sex",),
        traps=_TABLE_TRAPS,
        source=_PRESTON,
    ),
)
