"""The breakdowns in which counts are published, declared before anything is asked: there are no free filters."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from services.projections.analysis.categories import (
    FIVE,
    OF_DEATH,
    OF_MOTHER,
    SEXES,
    SINGLE,
    Ages,
    by_age,
    by_sex,
    by_sex_and_age,
    over_sexes,
)
from services.projections.analysis.protecting import Tree, Vector, choose_shown
from services.projections.statistics.disclosure.rules import Rule

ALL: Final = "all"


class Category(NamedTuple):
    """One cell. `until`: last age; None: open, or all ages if there is no first one either."""

    sex: str
    since: int | None
    until: int | None


class Breakdown(NamedTuple):
    """`needs`: those that are sums of it. `told`: whether its cells stand as held back where they are."""

    name: str
    categories: tuple[Category, ...]
    add_up: Callable[[list[int]], list[int]]
    needs: tuple[str, ...] = ()
    told: bool = True


class Published(NamedTuple):
    """One figure; None: held back."""

    area: str
    breakdown: str
    category: Category
    n: int | None


def _cells(sexes: Sequence[str], ages: Ages | None) -> tuple[Category, ...]:
    bounds = ages.bounds if ages else ((None, None),)
    return tuple(Category(sex, since, until) for sex in sexes for since, until in bounds)


def _total(fine: list[int]) -> list[int]:
    return [sum(fine)]


def _under_one(fine: list[int]) -> list[int]:
    ages = over_sexes(fine)
    return [ages[0], sum(ages[1:])]


TOTAL: Final = Breakdown("total", _cells([ALL], None), _total)
SEX: Final = Breakdown("sex", _cells(SEXES, None), by_sex, ("total",))
POPULATION: Final = (
    TOTAL,
    SEX,
    Breakdown("sex-age5", _cells(SEXES, FIVE), lambda fine: by_sex_and_age(fine, FIVE), ("sex",)),
    Breakdown("sex-age1", _cells(SEXES, SINGLE), list, ("sex-age5",), told=False),
)
BIRTHS: Final = (
    TOTAL,
    SEX,
    Breakdown("mother-age5", _cells([ALL], OF_MOTHER), lambda fine: by_age(over_sexes(fine), OF_MOTHER), ("total",)),
)
DEATHS: Final = (
    TOTAL,
    SEX,
    Breakdown("under-1", _cells([ALL], Ages((0, 1))), _under_one, ("total",)),
    Breakdown("sex-age5", _cells(SEXES, OF_DEATH), lambda fine: by_sex_and_age(fine, OF_DEATH), ("sex", "under-1")),
)
"""From the coarsest to the finest. Deaths under 1 are apart from 1 to 4: they are published by themselves too."""


def publish(
    tree: Tree, fine: Mapping[str, list[int]], breakdowns: Iterable[Breakdown], rule: Rule | None
) -> Iterator[Published]:
    """All breakdowns of all areas of the tree. `fine`: the finest vector of each, all that lies in it included."""
    shown: dict[str, frozenset[str]] = {}
    for breakdown in breakdowns:
        cells: dict[str, Vector] = {area: breakdown.add_up(fine[area]) for area in tree.walk()}
        allowed = frozenset.intersection(*(shown[name] for name in breakdown.needs)) if breakdown.needs else None
        shown[breakdown.name] = choose_shown(tree, cells, rule, allowed)
        for area in tree.walk():
            published = area in shown[breakdown.name]
            if published or breakdown.told:
                for category, n in zip(breakdown.categories, cells[area], strict=True):
                    yield Published(area, breakdown.name, category, round_to(n, rule) if published else None)


def round_to(n: int, rule: Rule | None) -> int:
    return n if rule is None else rule.rounded(n)
