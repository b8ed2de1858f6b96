"""Births by the age of the mother."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Literal

from services.projections.statistics.indicators.computing import NOTHING_TO_DIVIDE_BY, divide, label
from services.projections.statistics.indicators.declaration import Formula, Indicator, Outcome
from services.projections.statistics.indicators.figure import Number, Reason
from services.projections.statistics.indicators.life_table import life_table_of
from services.projections.statistics.indicators.quantities import (
    BIRTHS,
    FEMALE_BIRTHS,
    MALE_BIRTHS,
    WOMEN,
    WOMEN_OF_AGE,
)
from services.projections.statistics.indicators.schedules import schedules
from services.projections.statistics.indicators.tally import Tally

NO_WOMEN_OF_AN_AGE = Reason("births-without-women", "Births to mothers of an age at which no woman lived there.")
NO_BIRTHS = Reason("no-births", "No births: there is no mean, ratio or share of them.")
_HFD = "Human Fertility Database, Methods Protocol"
_TRAPS = (
    "Age of the mother at the birth; ask for age_at=year-end where a source counts by age at the end of the year.",
    "Mothers under 15 and over 49: at their own ages (edge_ages=separate), or within 15-19 and 45-49 (folded: Poland).",
    "Births without the mother's age are left out, or spread over the ages in proportion (unstated_ages=pro-rated).",
)


def by_age(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    """Rates of the ages or groups of ages that the question wants."""
    question = replace(tally.question, by=("age",))
    tally = Tally(tally.counts, question)
    births, women = BIRTHS.count(tally, ("age",)), WOMEN.count(tally, ("age",))
    for key in sorted({*births, *women}, key=str):
        age = key[1]
        if not isinstance(age, int) or (key not in births and not 15 <= age <= 49):
            continue
        born, years = births.get(key, 0), women.get(key, Fraction(0))
        value, reason = divide(indicator.scale, born, years)
        portions = BIRTHS.portion(tally, born), WOMEN.portion(tally, years)
        yield Outcome(str(key[0]), label(tally, key), value, *portions, reason)


def total(width: int, share: bool = False) -> Formula:
    """Sum of the rates times the years of each age; times the share of girls for reproduction."""

    def formula(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
        girls = _shares(tally) if share else {}
        for schedule in schedules(tally, width):
            numerator, denominator = schedule.portions(tally)
            notes = schedule.notes
            rates = schedule.rates()
            if rates is None or denominator.value == 0:
                reason = NO_WOMEN_OF_AN_AGE if rates is None else NOTHING_TO_DIVIDE_BY
                yield Outcome(schedule.place, {}, None, numerator, denominator, reason, notes)
                continue
            value = width * sum(rates.values(), Fraction(0))
            if share:
                if schedule.place not in girls:
                    yield Outcome(schedule.place, {}, None, numerator, denominator, NO_BIRTHS, notes)
                    continue
                value *= girls[schedule.place]
                notes = (*notes, f"share of girls {float(girls[schedule.place]):.6f}")
            yield Outcome(schedule.place, {}, value, numerator, denominator, None, notes)

    return formula


def _shares(tally: Tally) -> dict[str, Fraction]:
    """Girls among the births whose sex is stated, 1 / (1 + SRB), by place."""
    found: dict[str, Fraction] = {}
    born = tally.occurrences("birth", ("sex",))
    for zone in tally.question.zones:
        boys, girls = born.get((zone.code, "male"), 0), born.get((zone.code, "female"), 0)
        if boys + girls > 0:
            found[zone.code] = Fraction(girls, boys + girls)
    return found


def net_reproduction(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    """Σ f(x) · share of girls · L(x)/l(0), with the women's life table of the same place and period."""
    shares = _shares(tally)
    tables = {place: table for place, sex, table in life_table_of(tally, ("female",)) if sex == "female"}
    for schedule in schedules(tally, 1):
        numerator, denominator = schedule.portions(tally)
        rates, table, girls = schedule.rates(), tables[schedule.place], shares.get(schedule.place)
        reason = NO_WOMEN_OF_AN_AGE if rates is None else NO_BIRTHS if girls is None else table.reason
        if rates is None or girls is None or reason is not None:
            yield Outcome(schedule.place, {}, None, numerator, denominator, reason, schedule.notes)
            continue
        value = sum(float(rate * girls) * table.lived(age) for age, rate in rates.items())
        yield Outcome(schedule.place, {}, value, numerator, denominator, None, schedule.notes)


def mean_age(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    """Σ (x + ½) f(x) / Σ f(x). Ages reached at the end of the year are on average reached at the birth: no ½."""
    middle = Fraction(1, 2) if tally.question.age_at == "completed" else Fraction(0)
    for schedule in schedules(tally, 1):
        numerator, denominator = schedule.portions(tally)
        rates = schedule.rates()
        whole = sum((rates or {}).values(), Fraction(0))
        if rates is None or whole == 0:
            reason = NO_WOMEN_OF_AN_AGE if rates is None else NO_BIRTHS
            yield Outcome(schedule.place, {}, None, numerator, denominator, reason, schedule.notes)
            continue
        value = sum(((age + middle) * rate for age, rate in rates.items()), Fraction(0)) / whole
        yield Outcome(schedule.place, {}, value, numerator, denominator, None, schedule.notes)


def sex_ratio(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    boys, girls = MALE_BIRTHS.count(tally, ()), FEMALE_BIRTHS.count(tally, ())
    for zone in tally.question.zones:
        male, female = boys.get((zone.code,), 0), girls.get((zone.code,), 0)
        value, reason = divide(indicator.scale, male, female)
        portions = MALE_BIRTHS.portion(tally, male), FEMALE_BIRTHS.portion(tally, female)
        yield Outcome(zone.code, {}, value, *portions, reason, _error(male, female, value))


def _error(male: Number, female: Number, value: Number | None) -> tuple[str, ...]:
    if value is None or male <= 0 or female <= 0:
        return ()
    return (f"standard error {float(value) * float(1 / male + 1 / female) ** 0.5:.4f}",)


def mixed_ages(tally: Tally, indicator: Indicator) -> Iterable[Outcome]:
    """Births by age at the end of the year over women by completed age, whatever the question says."""
    births = tally if tally.question.age_at == "year-end" else _asking(tally, "year-end")
    women = _asking(tally, "completed")
    for above, below in zip(schedules(births, 1), schedules(women, 1), strict=True):
        schedule = above._replace(women=below.women)
        numerator, denominator = schedule.portions(women)
        rates = schedule.rates()
        value = None if not rates else sum(rates.values(), Fraction(0))
        reason = None if rates else NO_WOMEN_OF_AN_AGE if rates is None else NO_BIRTHS
        yield Outcome(schedule.place, {}, value, numerator, denominator, reason, schedule.notes)


def _asking(tally: Tally, age_at: Literal["completed", "year-end"]) -> Tally:
    return Tally(tally.counts, replace(tally.question, age_at=age_at))


def _declared(id: str, name: str, definition: str, formula: Formula, *traps: str, unit: str) -> Indicator:
    return Indicator(
        id=id,
        name=name,
        family="fertility",
        definition=definition,
        numerator=BIRTHS,
        denominator=WOMEN,
        formula=formula,
        unit=unit,
        traps=(*traps, *_TRAPS),
        source=_HFD,
    )


INDICATORS = (
    Indicator(
        id="general-fertility-rate",
        name="General fertility rate",
        family="fertility",
        definition="Live births per 1,000 person-years of women from 15 to 49.",
        numerator=BIRTHS,
        denominator=WOMEN_OF_AGE,
        scale=1000,
        unit="per 1,000",
        traps=("15-49, or 15-44 with women_until=44 (the United States do; Australia does not).", *_TRAPS[:1]),
        source="UN, Handbook on the Collection of Fertility and Mortality Data",
    ),
    Indicator(
        id="age-specific-fertility-rate",
        name="Age-specific fertility rate",
        family="fertility",
        definition="Live births to mothers of an age per 1,000 person-years of women of that age.",
        numerator=BIRTHS,
        denominator=WOMEN,
        formula=by_age,
        scale=1000,
        unit="per 1,000",
        by=("age",),
        traps=_TRAPS,
        source=_HFD,
    ),
    _declared(
        "total-fertility-rate",
        "Total fertility rate",
        "Sum of the age-specific rates by single years: children per woman.",
        total(1),
        "By five-year groups it is another figure: Korea's is within 1.4 % of that by single years, not equal.",
        unit="children per woman",
    ),
    _declared(
        "total-fertility-rate-five-year",
        "Total fertility rate by five-year groups",
        "Five times the sum of the rates of five-year age groups.",
        total(5),
        unit="children per woman",
    ),
    _declared(
        "total-fertility-rate-mixed-ages",
        "Total fertility rate, ages mixed",
        "Sum of births by age at the end of the year over women by completed age.",
        mixed_ages,
        "Only to compare with tables made so: numerator and denominator are half a year apart.",
        unit="children per woman",
    ),
    _declared(
        "gross-reproduction-rate",
        "Gross reproduction rate",
        "Total fertility rate times the share of girls, 1 / (1 + sex ratio at birth).",
        total(1, share=True),
        unit="daughters per woman",
    ),
    _declared(
        "net-reproduction-rate",
        "Net reproduction rate",
        "Sum of rate, share of girls and years lived by the women's life table: daughters who replace a woman.",
        net_reproduction,
        "With the life table of the same place and period, not of a standard.",
        unit="daughters per woman",
    ),
    _declared(
        "mean-age-at-childbearing",
        "Mean age at childbearing",
        "Mean of the ages of mothers, weighted with the rates and not with the births.",
        mean_age,
        "The mean age of mothers is another figure: it depends on how many women there are of each age.",
        unit="years",
    ),
    Indicator(
        id="sex-ratio-at-birth",
        name="Sex ratio at birth",
        family="fertility",
        definition="Male live births per female live birth.",
        numerator=MALE_BIRTHS,
        denominator=FEMALE_BIRTHS,
        formula=sex_ratio,
        unit="males per female",
        traps=("1.05, not 105.", "Publish with enough births only: the standard error goes with it."),
        source="UN, World Population Prospects",
    ),
)
