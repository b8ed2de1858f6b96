"""Tables in, events out: the whole explosion, checked against the tables at the end of every year."""

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from itertools import count

from deploy.demo.exploder.people import People, Residents, birthday
from deploy.demo.exploder.posts import Post, Posts
from deploy.demo.exploder.rules import Lots, ordinal
from deploy.demo.exploder.tables import OPEN_AGE, SEXES, County, Imbalance, Tables
from deploy.demo.exploder.year import Year

SEED = 1994
_OLDER_THAN_OPEN_AGE_PERCENT = (100, 40, 15, 5)
_UNIX_EPOCH = ordinal(1970, 0)
_DAY_MS = 86_400_000


def explode(tables: Mapping[County, Tables], *, seed: int = SEED) -> Iterator[tuple[County, Post]]:
    """Events of all counties in the order of their registration, the enumeration first.

    The counties share people: who moves from one to another keeps the identifier. All tables must cover the
    same years. The same tables, counties (in the same order) and seed give the same events.

    Raises: Imbalance when a year's population by age and sex does not follow exactly.
    """
    return _Explosion(tables, seed).run()


class _Explosion:
    def __init__(self, tables: Mapping[County, Tables], seed: int) -> None:
        self._lots = Lots(seed)
        self._people = People()
        self._counties = [Residents(county, known) for county, known in tables.items()]
        self._waiting: list[tuple[int, int, County, Post]] = []
        self._tick = count()
        self._posts = Posts(self._people, self._lots, self._keep)
        self._years = common_years(tables)

    def run(self) -> Iterator[tuple[County, Post]]:
        first, *rest = self._years
        for residents in self._counties:
            yield from self._enumerate(residents, first)
        for year in rest:
            Year(year, self._counties, self._people, self._lots, self._posts).run()
            for residents in self._counties:
                check_balance(residents, year)
            yield from self._registered_before(year + 1)
        yield from self._registered_before(9999)

    def _keep(self, county: County, unix_ms: int, post: Post) -> None:
        heappush(self._waiting, (unix_ms, next(self._tick), county, post))

    def _registered_before(self, year: int) -> Iterator[tuple[County, Post]]:
        limit_ms = (ordinal(year, 0) - _UNIX_EPOCH) * _DAY_MS
        while self._waiting and self._waiting[0][0] < limit_ms:
            _, _, county, post = heappop(self._waiting)
            yield county, post

    def _enumerate(self, residents: Residents, year: int) -> Iterator[tuple[County, Post]]:
        people, lots = self._people, self._lots
        for sex in SEXES:
            for age in range(OPEN_AGE + 1):
                size = residents.tables.population.get((year, sex, age), 0)
                for place in range(size):
                    born = year - age - (_years_over_open_age(place, size) if age == OPEN_AGE else 0)
                    number = people.add(lots, sex, born, birthday(lots))
                    residents.settle(people, lots, number)
                    self._posts.enumeration(residents, number, year)
                    _, _, county, post = self._waiting.pop()
                    yield county, post
        check_balance(residents, year)


def _years_over_open_age(place: int, size: int) -> int:
    """How far the n-th of those who are 100 or older is beyond 100: six in ten are 100, two or three
    101, ...
    """
    return sum(100 * place >= size * (100 - percent) for percent in _OLDER_THAN_OPEN_AGE_PERCENT[1:])


def common_years(tables: Mapping[County, Tables]) -> range:
    """The years that all tables cover. Raises: Imbalance when they differ."""
    spans = {known.years() for known in tables.values()}
    if len(spans) != 1:
        raise Imbalance(f"the tables cover different years: {sorted(map(str, spans))}")
    return spans.pop()


def check_balance(residents: Residents, year: int) -> None:
    """Raises: Imbalance unless every sex and age has exactly the people of the table at the end of the
    year.
    """
    for sex in SEXES:
        for age in range(OPEN_AGE + 1):
            expected = residents.tables.population.get((year, sex, age), 0)
            found = residents.count(sex, year, age)
            if found != expected:
                where = f"{residents.county.name}, end of {year}, {sex}, age {age}"
                raise Imbalance(f"{where}: the table has {expected}, the events give {found}")
