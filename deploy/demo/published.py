"""What published tables come to: totals and rates, reckoned from the tables alone, without anything of the register.

The formulas are those by which the published rates of Swedish counties were made: births and deaths over the mean of
the populations at both ends of the year, and total fertility by the age that mothers reach in the year.
"""

from collections import Counter
from fractions import Fraction

from deploy.demo.exploder.tables import SEXES, UNKNOWN_MOTHER_AGE, Tables


class Published:
    """One county."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.years = tables.years()[1:]
        self._people: Counter[int] = Counter()
        self._births: Counter[int] = Counter()
        self._deaths: Counter[int] = Counter()
        for (year, _, _), n in tables.population.items():
            self._people[year] += n
        for (year, _, _), n in tables.births.items():
            self._births[year] += n
        for (year, _, _), n in tables.deaths.items():
            self._deaths[year] += n

    def population(self, year: int) -> dict[tuple[str, int], int]:
        return {(sex, age): n for (at, sex, age), n in self.tables.population.items() if at == year and n}

    def births(self, year: int) -> dict[tuple[str, int | None], int]:
        return {
            (sex, None if age == UNKNOWN_MOTHER_AGE else age): n
            for (at, age, sex), n in self.tables.births.items()
            if at == year and n
        }

    def deaths(self, year: int) -> dict[tuple[str, int], int]:
        return {(sex, age): n for (at, sex, age), n in self.tables.deaths.items() if at == year and n}

    def middle(self, year: int) -> Fraction:
        """The mean of the populations at both ends."""
        return Fraction(self._people[year - 1] + self._people[year], 2)

    def rates(self, year: int) -> dict[str, tuple[Fraction | None, int, Fraction]]:
        """Indicator → value, numerator, denominator."""
        born, died, middle = self._births[year], self._deaths[year], self.middle(year)
        by_sex: Counter[str] = Counter()
        for (sex, _), n in self.births(year).items():
            by_sex[sex] += n
        infants = sum(self.tables.deaths.get((year, sex, 0), 0) for sex in SEXES)
        return {
            "crude-birth-rate": (1000 * born / middle, born, middle),
            "crude-death-rate": (1000 * died / middle, died, middle),
            "natural-increase-rate": (1000 * (born - died) / middle, born - died, middle),
            "infant-mortality-rate": _quotient(1000, infants, born),
            "sex-ratio-at-birth": _quotient(1, by_sex["male"], by_sex["female"]),
        }

    def total_fertility(self, year: int, *, same_age: bool) -> Fraction:
        """Births by age at the end of the year over women by the same, or over women of the same completed age."""
        women = self.tables.population
        found = Fraction(0)
        by_age: Counter[int] = Counter()
        for (_, age), n in self.births(year).items():
            if age is not None:
                by_age[age] += n
        for age, n in by_age.items():
            before = women.get((year - 1, "female", age if same_age else age - 1), 0)
            found += Fraction(2 * n, before + women.get((year, "female", age), 0))
        return found


def _quotient(scale: int, above: int, below: int) -> tuple[Fraction | None, int, Fraction]:
    return (Fraction(scale * above, below) if below else None, above, Fraction(below))
