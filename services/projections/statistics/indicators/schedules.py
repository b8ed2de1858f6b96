"""Births and women by single years or groups of age: what every rate of births by age is made of."""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from services.projections.statistics.indicators.figure import Portion
from services.projections.statistics.indicators.quantities import WOMEN
from services.projections.statistics.indicators.tally import SINGLE_AGE, Tally

YOUNGEST, OLDEST = 10, 54


class Schedule(NamedTuple):
    """Births and women's years by age, of one place. `width` is the number of years of each age."""

    place: str
    width: int
    births: dict[int, Fraction]
    women: dict[int, Fraction]
    notes: tuple[str, ...]

    def rates(self) -> dict[int, Fraction] | None:
        """Births per woman-year by age; None if there were births at an age that no woman lived at."""
        found: dict[int, Fraction] = {}
        for age, born in self.births.items():
            if born and self.women.get(age, Fraction(0)) <= 0:
                return None
            if born:
                found[age] = born / self.women[age]
        return found

    def portions(self, tally: Tally) -> tuple[Portion, Portion]:
        born = sum(self.births.values(), Fraction(0))
        women = sum(self.women.values(), Fraction(0))
        ages = f"of {min(self.women, default=YOUNGEST)} to {max(self.women, default=OLDEST) + self.width - 1} years"
        numerator = Portion("births-by-age", f"live births to mothers {ages}", born, "events")
        return numerator, WOMEN.portion(tally, women)._replace(words=f"{WOMEN.portion(tally, women).words}, {ages}")


def schedules(tally: Tally, width: int) -> Iterator[Schedule]:
    """By single years, or by five."""
    question = tally.question
    births = tally.occurrences("birth", (SINGLE_AGE,))
    women = tally.lived((SINGLE_AGE,), lambda cell: cell["sex"] == "female", ("sex",))
    folded = question.edge_ages == "folded"
    low, high = (15, 49) if folded else (YOUNGEST, OLDEST)
    for zone in question.zones:
        born: dict[int, Fraction] = {age: Fraction(0) for age in range(low, high + 1, width)}
        lived = dict(born)
        unstated = outside = 0
        for (place, age), n in births.items():
            if place != zone.code:
                continue
            if not isinstance(age, int):
                unstated += n
            elif folded or low <= age <= high:
                born[_group(age, low, high, width)] += n
            else:
                outside += n
        for (place, age), years in women.items():
            if place == zone.code and isinstance(age, int) and low <= age <= high:
                lived[_group(age, low, high, width)] += years
        yield Schedule(zone.code, width, _spread(born, unstated, tally), lived, _notes(tally, unstated, outside))


def _group(age: int, low: int, high: int, width: int) -> int:
    age = min(max(age, low), high)
    return low + (age - low) // width * width


def _spread(born: dict[int, Fraction], unstated: int, tally: Tally) -> dict[int, Fraction]:
    stated = sum(born.values(), Fraction(0))
    if tally.question.unstated_ages == "excluded" or not unstated or not stated:
        return born
    return {age: n * (stated + unstated) / stated for age, n in born.items()}


def _notes(tally: Tally, unstated: int, outside: int) -> tuple[str, ...]:
    found = [f"mothers' ages: {tally.question.age_at}, edges {tally.question.edge_ages}"]
    if unstated:
        found.append(f"{unstated} births without the mother's age: {tally.question.unstated_ages}")
    if outside:
        found.append(f"{outside} births to mothers under {YOUNGEST} or over {OLDEST}: excluded")
    return tuple(found)
