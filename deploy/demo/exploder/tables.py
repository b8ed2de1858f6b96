"""The published tables that the exploder starts from, and the counties it knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FEMALE, MALE = "female", "male"
SEXES = (FEMALE, MALE)
OPEN_AGE = 100
"""The last age of the tables is open: 100 means "100 or older"."""

UNKNOWN_MOTHER_AGE = -1
"""Births whose mother's age the source does not know."""


class Imbalance(Exception):
    """The tables cannot be followed exactly: says the county, year, sex and age."""


@dataclass(frozen=True)
class Tables:
    """Counts of one county.

    `population` at 31 December by (year, sex, completed age 0..100), `deaths` of a calendar year by (year,
    sex, completed age at death 0..100), `births` of a calendar year by (year, mother's age at the end of
    that year, sex of the child). Missing keys mean none.
    """

    population: Mapping[tuple[int, str, int], int]
    deaths: Mapping[tuple[int, str, int], int]
    births: Mapping[tuple[int, int, str], int]

    def years(self) -> range:
        """The years whose end the tables know, the enumeration's year first."""
        found = {year for year, _sex, _age in self.population}
        if not found or found != set(range(min(found), max(found) + 1)):
            raise Imbalance(f"the population must be known at the end of consecutive years, not {sorted(found)}")
        return range(min(found), max(found) + 1)


@dataclass(frozen=True)
class Municipality:
    """A municipality and the share of its county's people that the rule gives it (any whole number)."""

    code: str
    name: str
    weight: int


@dataclass(frozen=True)
class County:
    """A county, the region that keeps its register, and its municipalities."""

    code: str
    name: str
    region: str
    table_name: str
    municipalities: tuple[Municipality, ...]
    wheel: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        turns = (index for index, m in enumerate(self.municipalities) for _ in range(m.weight))
        object.__setattr__(self, "wheel", tuple(turns))


# The weights are the municipalities' rough shares in per cent: a rule, not a published table.
GOTLAND = County("09", "Gotland", "gotland", "Gotland", (Municipality("0980", "Gotland", 1),))
JAMTLAND = County(
    "23",
    "Jämtland",
    "jamtland",
    "Jamtland",
    (
        Municipality("2303", "Ragunda", 5),
        Municipality("2305", "Bräcke", 6),
        Municipality("2309", "Krokom", 11),
        Municipality("2313", "Strömsund", 11),
        Municipality("2321", "Åre", 8),
        Municipality("2326", "Berg", 6),
        Municipality("2361", "Härjedalen", 9),
        Municipality("2380", "Östersund", 44),
    ),
)
DEMO_COUNTIES = (GOTLAND, JAMTLAND)
