"""People of a register, made up with a seed: households at addresses, twins, shared names, numbers or none."""

from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from tests.benchmarks.pairing.names import Culture, list_cultures

TWINS = 0.015
"""Of children, those born with another one."""
NUMBERED = 0.9
STREETS = (
    "Hill Road",
    "Shore Road",
    "Church Street",
    "Mill Lane",
    "Station Road",
    "Storgatan",
    "Kyrkvägen",
    "Östra gatan",
)
_COUNTIES = ("110101", "110105", "120101", "310101")
_FACTORS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


class Person(NamedTuple):
    number: int
    culture: Culture
    family: str
    given: str
    sex: str
    born: date
    identifier: str | None
    address: str
    household: int

    @property
    def full(self) -> str:
        return f"{self.family}{self.given}" if self.culture.unspaced else f"{self.given} {self.family}"


def make_people(count: int, seed: int) -> list[Person]:
    """So many people, in households of one to five."""
    random, people, household, cultures = Random(f"people {seed}"), [], 0, list_cultures()
    weights = {culture.name: _Weights(culture) for culture in cultures}
    shares = list(accumulate(culture.share for culture in cultures))
    while len(people) < count:
        household += 1
        culture = random.choices(cultures, cum_weights=shares)[0]
        draw = weights[culture.name]
        family, address = draw.family(random), _draw_address(random, household)
        size = random.choices((1, 2, 3, 4, 5), (40, 30, 13, 12, 5))[0]
        first = date(random.randint(1930, 1994), 1, 1)
        members: list[tuple[str, str, str, date]] = []
        for place in range(size):
            sex = random.choice(("female", "male"))
            own = family if place == 0 or random.random() < 0.7 else draw.family(random)
            start = first if place < 2 else date(min(first.year + random.randint(20, 38), 2019), 1, 1)
            born = start + timedelta(days=random.randrange(365 * (4 if place < 2 else 1)))
            members.append((own, draw.given(random, sex), sex, born))
            if place >= 2 and random.random() < TWINS * 2:
                twin_sex = sex if random.random() < 0.6 else random.choice(("female", "male"))
                members.append((own, draw.given(random, twin_sex), twin_sex, born))
        for own, given, sex, born in members:
            number = _draw_number(random, born) if random.random() < NUMBERED else None
            people.append(Person(len(people), culture, own, given, sex, born, number, address, household))
    return people[:count]


class _Weights:
    def __init__(self, culture: Culture) -> None:
        self._culture = culture
        self._of = {size: [1 / (rank + 3) for rank in range(size)] for size in (
            len(culture.families), len(culture.female), len(culture.male))}  # fmt: skip

    def family(self, random: Random) -> str:
        families = self._culture.families
        return random.choices(families, self._of[len(families)])[0]

    def given(self, random: Random, sex: str) -> str:
        names = self._culture.female if sex == "female" else self._culture.male
        first = random.choices(names, self._of[len(names)])[0]
        if not self._culture.unspaced and random.random() < 0.35:
            second = random.choices(names, self._of[len(names)])[0]
            return f"{first} {second}" if second != first else first
        return first


def _draw_address(random: Random, household: int) -> str:
    return f"{random.choice(STREETS)} {random.randint(1, 400)}, Flat {household % 97}"


def _draw_number(random: Random, born: date) -> str:
    """A resident identity card number with its check digit (GB 11643)."""
    digits = f"{random.choice(_COUNTIES)}{born:%Y%m%d}{random.randint(1, 999):03}"
    return digits + _CHECKS[sum(int(digit) * factor for digit, factor in zip(digits, _FACTORS, strict=True)) % 11]
