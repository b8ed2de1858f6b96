"""The period life table by single years of age."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from services.projections.statistics.indicators.figure import Reason
from services.projections.statistics.indicators.tally import COMPLETED_AGE, SINGLE_AGE, Tally

OPEN_AGE = 100
NOBODY_OF_AN_AGE = Reason("nobody-of-an-age", "At some age nobody lived there: the life table has a hole.")
NO_DEATHS = Reason("no-deaths", "Nobody died at the highest ages: the life table cannot be closed.")
BOTH = "both sexes"


class Row(NamedTuple):
    """Of the age [age, age + 1), or [age, ∞) in the last row; names as in the literature, of 1 birth."""

    age: int
    m: float
    a: float
    q: float
    l: float  # noqa: E741  # the name of the field
    d: float
    L: float
    T: float
    e: float


@dataclass(frozen=True, slots=True)
class LifeTable:
    """Rows from birth to the open age; no rows when there is a reason."""

    rows: tuple[Row, ...]
    deaths: int
    years: Fraction
    reason: Reason | None = None
    open_age: int = OPEN_AGE

    def lived(self, age: int) -> float:
        """L(age) / l(0); 0 beyond the open age."""
        return self.rows[age].L if age < len(self.rows) else 0.0


def life_table_of(
    tally: Tally, sexes: tuple[str, ...] = ("male", "female", BOTH)
) -> Iterator[tuple[str, str, LifeTable]]:
    """(place, sex, table). Both sexes together hold everybody, those of other or unknown sex too."""
    deaths = tally.occurrences("death", ("sex", COMPLETED_AGE))
    lived = tally.lived(("sex", SINGLE_AGE))
    for zone in tally.question.zones:
        for sex in sexes:
            died = [0] * (OPEN_AGE + 1)
            years = [Fraction(0)] * (OPEN_AGE + 1)
            for (place, of, age), n in deaths.items():
                if place == zone.code and sex in (of, BOTH) and isinstance(age, int):
                    died[min(max(age, 0), OPEN_AGE)] += n
            for (place, of, age), spent in lived.items():
                if place == zone.code and sex in (of, BOTH) and isinstance(age, int):
                    years[min(max(age, 0), OPEN_AGE)] += spent
            yield zone.code, sex, make_table(died, years, sex)


def make_table(deaths: list[int], years: list[Fraction], sex: str = BOTH) -> LifeTable:
    """From deaths and years lived by age; the last item of each is open. It is drawn down to where somebody died.

    q = m / (1 + (1 - a) m); a = ½, at age 0 after Coale and Demeny (Preston, Heuveline, Guillot 2001, table 3.3).
    """
    deaths, years = list(deaths), list(years)
    while len(deaths) > 1 and (deaths[-1] <= 0 or years[-1] <= 0):
        deaths[-2:], years[-2:] = [deaths[-2] + deaths[-1]], [years[-2] + years[-1]]
    total, lived = sum(deaths), sum(years, Fraction(0))
    if len(deaths) == 1:
        return LifeTable((), total, lived, NO_DEATHS, 0)
    if any(spent <= 0 for spent in years):
        return LifeTable((), total, lived, NOBODY_OF_AN_AGE, len(deaths) - 1)
    rates = [float(died / spent) for died, spent in zip(deaths, years, strict=True)]
    return LifeTable(_rows(rates, sex), total, lived, None, len(deaths) - 1)


def first_year(m: float, sex: str) -> float:
    """a(0): years lived in their first year by those who die in it."""
    male = 0.330 if m >= 0.107 else 0.045 + 2.684 * m
    female = 0.350 if m >= 0.107 else 0.053 + 2.800 * m
    return {"male": male, "female": female}.get(sex, (male + female) / 2)


def _rows(rates: list[float], sex: str) -> tuple[Row, ...]:
    living, found = 1.0, []
    last = len(rates) - 1
    for age, m in enumerate(rates):
        a = 1 / m if age == last else first_year(m, sex) if age == 0 else 0.5
        q = 1.0 if age == last else min(m / (1 + (1 - a) * m), 1.0)
        dying = living * q
        lived = living / m if age == last else living - (1 - a) * dying
        found.append((age, m, a, q, living, dying, lived))
        living -= dying
    rows: list[Row] = []
    ahead = 0.0
    for age, m, a, q, living, dying, lived in reversed(found):
        ahead += lived
        rows.append(Row(age, m, a, q, living, dying, lived, ahead, ahead / living if living else 0.0))
    return tuple(reversed(rows))
