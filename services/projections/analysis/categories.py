"""Sexes, ages and delays as editions publish them, and the small rest that is not stated put where it most likely is.

What is not stated for a few people would be a small count of its own, and follows from any total: so within an area
people of no stated sex are counted with the sex of most people of their age there, and people of no stated birth with
the age of most people of their sex. Done for the areas of the register, so that sums over areas agree.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

SEXES: Final = ("female", "male")


class Ages(NamedTuple):
    """Age groups by their first ages; the last is open. An age below the first start belongs to the first group."""

    starts: tuple[int, ...]

    def place(self, age: int) -> int:
        """Which group, from 0."""
        found = 0
        for place, start in enumerate(self.starts):
            if start > age:
                break
            found = place
        return found

    @property
    def bounds(self) -> tuple[tuple[int, int | None], ...]:
        """First and last age of each; None: open."""
        return tuple(zip(self.starts, [start - 1 for start in self.starts[1:]] + [None], strict=True))


SINGLE: Final = Ages(tuple(range(86)))
FIVE: Final = Ages(tuple(range(0, 86, 5)))
OF_DEATH: Final = Ages((0, 1, *range(5, 86, 5)))
OF_MOTHER: Final = Ages((0, *range(20, 46, 5)))
_OLDEST: Final = len(SINGLE.starts) - 1
FINE: Final = len(SEXES) * len(SINGLE.starts)
"""Cells of the finest vector: single ages of the first sex, then of the second."""


def allot(counts: Iterable[tuple[str | None, int | None, int]]) -> list[int]:
    """(sex, age or None, n) of one area → the finest vector, with everybody in it."""
    known = [[0] * len(SINGLE.starts) for _ in SEXES]
    ageless = [0, 0]
    sexless: dict[int, int] = {}
    neither = 0
    for sex, age, n in counts:
        place = None if age is None else min(max(age, 0), _OLDEST)
        if sex in SEXES and place is not None:
            known[SEXES.index(sex)][place] += n
        elif sex in SEXES:
            ageless[SEXES.index(sex)] += n
        elif place is not None:
            sexless[place] = sexless.get(place, 0) + n
        else:
            neither += n
    for place, n in sorted(sexless.items()):
        known[0 if known[0][place] >= known[1][place] else 1][place] += n
    ageless[0 if sum(known[0]) >= sum(known[1]) else 1] += neither
    for own, n in zip(known, ageless, strict=True):
        if n:
            own[max(range(len(own)), key=lambda place: own[place])] += n
    return [*known[0], *known[1]]


def by_sex(fine: list[int]) -> list[int]:
    half = len(SINGLE.starts)
    return [sum(fine[:half]), sum(fine[half:])]


def by_age(fine: list[int], ages: Ages) -> list[int]:
    """Of one half or of a vector of ages alone."""
    found = [0] * len(ages.starts)
    for age, n in enumerate(fine):
        if n:
            found[ages.place(age)] += n
    return found


def by_sex_and_age(fine: list[int], ages: Ages) -> list[int]:
    half = len(SINGLE.starts)
    return [*by_age(fine[:half], ages), *by_age(fine[half:], ages)]


def over_sexes(fine: list[int]) -> list[int]:
    """Single ages of both sexes together."""
    half = len(SINGLE.starts)
    return [a + b for a, b in zip(fine[:half], fine[half:], strict=True)]
