"""The invented people: who exists, and who lives in which county."""

from array import array
from bisect import bisect_left

from deploy.demo.exploder.rules import FAMILIES, LAST_DAY, Lots
from deploy.demo.exploder.tables import FEMALE, OPEN_AGE, County, Tables

_NUMBER_BITS = 26
_NUMBER_MASK = (1 << _NUMBER_BITS) - 1
NEVER = -1


class People:
    """What is known of each person, by number, in arrays (a country of ten million fits)."""

    def __init__(self) -> None:
        self.birth_year = array("h")
        self.birth_day = array("h")
        self.female = bytearray()
        self.family = bytearray()
        self.home = bytearray()  # index of the municipality within the county where the person lives
        self.children = bytearray()
        self.last_birth_year = array("h")

    def add(self, lots: Lots, sex: str, birth_year: int, birth_day: int, family: int | None = None) -> int:
        """Invent a person; the number is the order of invention."""
        self.birth_year.append(birth_year)
        self.birth_day.append(birth_day)
        self.female.append(sex == FEMALE)
        self.family.append(lots.below(len(FAMILIES)) if family is None else family)
        self.home.append(0)
        self.children.append(0)
        self.last_birth_year.append(NEVER)
        return len(self.birth_year) - 1


class Pool:
    """Residents of one county, sex and year of birth, in order of birthday."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: list[int] = []

    def __len__(self) -> int:
        return len(self._keys)

    def number_at(self, index: int) -> int:
        return self._keys[index] & _NUMBER_MASK

    def add(self, birth_day: int, number: int) -> None:
        key = birth_day << _NUMBER_BITS | number
        if not self._keys or key > self._keys[-1]:
            self._keys.append(key)
        else:
            self._keys.insert(bisect_left(self._keys, key), key)

    def take(self, birth_day: int) -> tuple[int, int]:
        """Remove and give (number, birthday) of the first person born on or after a day, else of the
        last one.
        """
        index = min(bisect_left(self._keys, birth_day << _NUMBER_BITS), len(self._keys) - 1)
        key = self._keys.pop(index)
        return key & _NUMBER_MASK, key >> _NUMBER_BITS

    def take_before(self, birth_day: int) -> tuple[int, int]:
        """The same for the last person born before a day, else the first one."""
        index = max(bisect_left(self._keys, birth_day << _NUMBER_BITS) - 1, 0)
        key = self._keys.pop(index)
        return key & _NUMBER_MASK, key >> _NUMBER_BITS


class Residents:
    """Everybody who lives in one county, by sex and year of birth, with the county's tables."""

    def __init__(self, county: County, tables: Tables) -> None:
        self.county = county
        self.tables = tables
        self._codes = [municipality.code for municipality in county.municipalities]
        self._pools: dict[tuple[str, int], Pool] = {}
        self.gone: dict[tuple[str, int], list[int]] = {}  # left for elsewhere, and may come back

    def pool(self, sex: str, birth_year: int) -> Pool:
        pool = self._pools.get((sex, birth_year))
        if pool is None:
            pool = self._pools[sex, birth_year] = Pool()
        return pool

    def cohorts(self, sex: str, year: int, age: int) -> list[int]:
        """Years of birth of those who are `age` at the end of `year`; the oldest first when the age is
        open.
        """
        if age < OPEN_AGE:
            return [year - age]
        limit = year - OPEN_AGE
        return sorted(born for (s, born), pool in self._pools.items() if s == sex and born <= limit and len(pool))

    def count(self, sex: str, year: int, age: int) -> int:
        """How many live here who are `age` at the end of `year`."""
        return sum(len(self.pool(sex, born)) for born in self.cohorts(sex, year, age))

    def settle(self, people: People, lots: Lots, number: int, home: int | None = None) -> None:
        """Let a person live here: in the given municipality, else in one by the county's wheel."""
        wheel = self.county.wheel
        people.home[number] = wheel[lots.below(len(wheel))] if home is None else home
        sex = FEMALE if people.female[number] else "male"
        self.pool(sex, people.birth_year[number]).add(people.birth_day[number], number)

    def home_code(self, people: People, number: int) -> str:
        return self._codes[people.home[number]]


def birthday(lots: Lots) -> int:
    """A birthday from 2 January on, so that everybody can die in any year before it."""
    return 1 + lots.below(LAST_DAY)
