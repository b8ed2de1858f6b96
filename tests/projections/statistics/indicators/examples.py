"""Every indicator, worked by hand. A new indicator gets a line here: cells, what they come to, and how it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log

from services.projections.statistics.cells import Change, Move, Occurrence
from services.projections.statistics.indicators import LegalPeriod, Reference
from services.projections.statistics.indicators.spans import day_of
from tests.projections.statistics.indicators.cells import TOWN, VILLAGE, births, deaths, move, people, unions

Cell = Change | Occurrence | Move


@dataclass(frozen=True)
class Example:
    """`value` is that of the first figure with a value; a string is the code of the reason why there is none."""

    value: float | str
    cells: tuple[Cell, ...] = ()
    choices: Mapping[str, object] = field(default_factory=dict)


JULY = day_of(2015, 7)
TWO_THOUSAND = (people(1000), people(1000, sex="male"))
"""1,000 women and 1,000 men who are 30 all through 2015."""
EVENTS = (births(10), deaths(4), move(7, "country:x", "T", "in"), move(3, "T", "V"))
MOVED = (
    people(1000),
    people(10, born=JULY, day=JULY),
    people(-4, day=JULY),
    people(7, day=JULY),
    people(-3, day=JULY),
    *EVENTS,
)
MOTHERS = (people(1000), people(500, born=day_of(1990)), people(900, born=day_of(1955)), people(800, sex="male"))
"""1,000 women of 30 and 500 of 25; older women and men who must not count."""
CHILDREN = (
    births(40),
    births(10, sex="female"),
    births(20, mother=day_of(1990)),
    births(10, sex="female", mother=day_of(1990)),
)
"""50 of the women of 30, 30 of those of 25; 20 girls among the 80."""
AGES = tuple(people(100, born=day_of(2015 - age)) for age in range(71))
"""100 women of each age from 0 to 70."""
CLOSING = deaths(1, sex="female", born=day_of(1945))
"""One of those of 70: the life table is closed there with a death rate of 0.01, so 100 years are left."""
TWO_PLACES = (
    people(1000),
    people(1000, "V"),
    move(30, "T", "V"),
    move(10, "V", "T"),
    move(3, "T", "T"),
    move(5, "country:x", "T", "in"),
    move(2, "T", "region:y", "out"),
    move(900, None, "T", "found"),
)
FLOATING = (
    people(1000),
    people(300)._replace(population="inflow", elsewhere="V"),
    people(50)._replace(population="outflow", elsewhere="region:y"),
    people(800)._replace(population="registered"),
    people(200)._replace(population="temporary"),
)
BOTH = {"zones": (TOWN, VILLAGE)}
SOON, LATE = births(30, delay=10), births(10, delay=400)
LAW = {"legal_periods": (LegalPeriod("birth", None, day_of(1990), 30), LegalPeriod("death", None, day_of(1990), 2))}


def expected(what: str, value: float) -> Mapping[str, object]:
    return {"references": (Reference(what, "town", value, "census", "2011"),)}


EXAMPLES: Mapping[str, Example] = {
    "population": Example(2000, TWO_THOUSAND),
    "births": Example(80, CHILDREN),
    "stillbirths": Example(3, (unions("stillbirth", 3),)),
    "deaths": Example(14, (deaths(14),)),
    "crude-birth-rate": Example(15, (*TWO_THOUSAND, births(30), unions("stillbirth", 9))),
    "crude-death-rate": Example(7, (*TWO_THOUSAND, deaths(14), unions("stillbirth", 9))),
    "natural-increase-rate": Example(8, (*TWO_THOUSAND, births(30), deaths(14))),
    "growth-rate": Example(100 * log(1.1), (people(1000), people(100, day=JULY))),
    "balancing-equation": Example(0, MOVED),
    "general-fertility-rate": Example(1000 * 80 / 1500, (*MOTHERS, *CHILDREN)),
    "age-specific-fertility-rate": Example(60, (*MOTHERS, *CHILDREN)),
    "total-fertility-rate": Example(0.11, (*MOTHERS, *CHILDREN)),
    "total-fertility-rate-five-year": Example(0.55, (*MOTHERS, *CHILDREN)),
    "total-fertility-rate-mixed-ages": Example(0.11, (*MOTHERS, *CHILDREN)),
    "gross-reproduction-rate": Example(0.0275, (*MOTHERS, *CHILDREN)),
    "net-reproduction-rate": Example(0.1, (*AGES, births(10), births(10, sex="female"), CLOSING)),
    "mean-age-at-childbearing": Example((30.5 * 0.05 + 25.5 * 0.06) / 0.11, (*MOTHERS, *CHILDREN)),
    "sex-ratio-at-birth": Example(3, CHILDREN),
    "age-specific-death-rate": Example(20, (people(200, born=day_of(1940)), deaths(4)), {"by": ("age",)}),
    "infant-mortality-rate": Example(20, (births(100), deaths(2, born=day_of(2014, 8)), deaths(9))),
    "neonatal-mortality-rate": Example(10, (births(100), deaths(1, born=JULY - 27), deaths(1, born=JULY - 28))),
    "under-five-mortality": Example(
        1000 * 0.1 / (1 + (1 - (0.3134 + 0.333) / 2) * 0.1), (*AGES, deaths(10, born=day_of(2015)), CLOSING)
    ),
    "life-expectancy-at-birth": Example(70 + 100, (*AGES, CLOSING)),
    "life-expectancy-at-65": Example(5 + 100, (*AGES, CLOSING)),
    "crude-marriage-rate": Example(3, (*TWO_THOUSAND, unions("marriage", 6), unions("partnership", 5))),
    "crude-divorce-rate": Example(1, (*TWO_THOUSAND, unions("divorce", 2))),
    "in-moves": Example(15, TWO_PLACES),
    "out-moves": Example(32, TWO_PLACES),
    "net-migration": Example(-17, TWO_PLACES),
    "all-moves": Example(43, TWO_PLACES, BOTH),
    "moves-between": Example(40, TWO_PLACES, BOTH),
    "in-migration-rate": Example(15, TWO_PLACES),
    "out-migration-rate": Example(32, TWO_PLACES),
    "net-migration-rate": Example(-17, TWO_PLACES),
    "migration-turnover-rate": Example(47, TWO_PLACES),
    "migration-effectiveness": Example(-1700 / 47, TWO_PLACES),
    "migration-effectiveness-index": Example(50, TWO_PLACES, BOTH),
    "crude-migration-intensity": Example(2, TWO_PLACES, BOTH),
    "aggregate-net-migration-rate": Example(1, TWO_PLACES, BOTH),
    "migration-connectivity": Example(100, TWO_PLACES, BOTH),
    "inflow": Example(300, FLOATING),
    "outflow": Example(50, FLOATING),
    "inflow-share": Example(30, FLOATING),
    "outflow-share": Example(6.25, FLOATING),
    "temporary-share": Example(20, FLOATING),
    "birth-registration-completeness": Example(80, (births(40),), expected("expected-births", 50)),
    "birth-registration-within-legal-period": Example(75, (SOON, LATE), LAW),
    "birth-registration-late": Example(25, (SOON, LATE), LAW),
    "birth-registration-delayed": Example(25, (SOON, LATE)),
    "birth-registration-median-delay": Example(10, (SOON, LATE)),
    "birth-registration-p90-delay": Example(400, (SOON, LATE)),
    "death-registration-completeness": Example(120, (people(1000), deaths(12)), expected("crude-death-rate", 10)),
    "death-registration-within-legal-period": Example(0, (deaths(5),), LAW),
    "death-registration-late": Example(100, (deaths(5),), LAW),
    "death-registration-delayed": Example(0, (deaths(5),)),
    "death-registration-median-delay": Example(3, (deaths(5),)),
    "death-registration-p90-delay": Example(3, (deaths(5),)),
    "contraceptive-prevalence": Example("not-computable-by-design"),
    "unmet-need": Example("not-computable-by-design"),
    "method-mix": Example("not-computable-by-design"),
    "couple-years-of-protection": Example("no-such-events"),
    "service-coverage": Example("no-such-cells"),
    "service-uptake": Example("no-such-cells"),
    "children-with-registered-birth": Example("circular"),
}
