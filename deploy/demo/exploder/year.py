"""One year in all counties: deaths, departures, births, arrivals, in the numbers that the tables ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.demo.exploder.elsewhere import draw_place
from deploy.demo.exploder.lexis import RowDeaths, match_moves, split_deaths
from deploy.demo.exploder.people import People, Pool, Residents, birthday
from deploy.demo.exploder.posts import Place, Posts
from deploy.demo.exploder.rules import DAYS, LAST_DAY, Lots
from deploy.demo.exploder.tables import FEMALE, OPEN_AGE, SEXES, UNKNOWN_MOTHER_AGE, Imbalance

_YEARS_BETWEEN_BIRTHS = 2
_ONE_IN_SO_MANY_COMES_BACK = 8


@dataclass
class Row:
    """What one year does to one row (see `lexis`) of one county."""

    deaths: RowDeaths
    net_migration: int
    home_matches: int = 0


@dataclass(frozen=True)
class Move:
    """Somebody who left one of the counties for another this year, and arrives there when all have left."""

    number: int
    day: int
    destination: int
    origin: Place


class Year:
    """Takes all counties from the end of one year to the end of the next."""

    def __init__(self, year: int, counties: Sequence[Residents], people: People, lots: Lots, posts: Posts) -> None:
        self._year = year
        self._counties = counties
        self._people = people
        self._lots = lots
        self._posts = posts

    def run(self) -> None:
        """Everybody dies or leaves before anybody arrives, so that nobody does two things in one year
        by accident.
        """
        rows = {sex: [self._plan(residents, sex) for residents in self._counties] for sex in SEXES}
        arriving: list[Move] = []
        for sex in SEXES:
            for age in range(1, OPEN_AGE + 1):
                arriving += self._deaths_and_departures(sex, age, [plan[age] for plan in rows[sex]])
        for residents in self._counties:
            self._births(residents)
        for sex in SEXES:
            arriving += self._deaths_and_departures(sex, 0, [plan[0] for plan in rows[sex]])
        for move in arriving:
            self._arrive(self._counties[move.destination], move.number, move.day, move.origin)
        for sex in SEXES:
            for residents, plan in zip(self._counties, rows[sex], strict=True):
                for age, row in enumerate(plan):
                    self._arrivals_from_elsewhere(residents, sex, age, row)

    def _plan(self, residents: Residents, sex: str) -> list[Row]:
        tables, year = residents.tables, self._year
        births = sum(count for (y, _age, s), count in tables.births.items() if y == year and s == sex)
        stock = [births] + [len(residents.pool(sex, year - age)) for age in range(1, OPEN_AGE + 1)]
        older = residents.count(sex, year - 1, OPEN_AGE)
        deaths = [tables.deaths.get((year, sex, age), 0) for age in range(OPEN_AGE + 1)]
        rows = []
        for age, row in enumerate(split_deaths(deaths, stock, older, year)):
            start = stock[age] + (older if age == OPEN_AGE else 0)
            net = tables.population.get((year, sex, age), 0) - start + row.total()
            rows.append(Row(row, net))
        return rows

    def _deaths_and_departures(self, sex: str, age: int, rows: Sequence[Row]) -> list[Move]:
        moves = match_moves([row.net_migration for row in rows], [row.deaths.doomed for row in rows])
        arriving: list[Move] = []
        for origin, (residents, row) in enumerate(zip(self._counties, rows, strict=True)):
            self._deaths(residents, sex, age, row.deaths)
            for (start, destination), count in moves.items():
                if start == origin:
                    row.home_matches += count
                    rows[destination].home_matches += count
                    arriving += [self._leave_for(residents, destination, sex, age) for _ in range(count)]
            for _ in range(-row.net_migration - row.home_matches):
                self._leave_for_elsewhere(residents, sex, age)
        return arriving

    def _deaths(self, residents: Residents, sex: str, age: int, deaths: RowDeaths) -> None:
        lots, pool = self._lots, residents.pool(sex, self._year - age)
        for _ in range(deaths.old):
            day, born = sorted((lots.below(DAYS), lots.below(DAYS)))
            number, birth_day = pool.take(born)
            self._die(residents, number, day if day < birth_day else lots.below(birth_day))
        for _ in range(deaths.young):
            born, day = sorted((lots.below(DAYS), lots.below(DAYS)))
            number, birth_day = pool.take_before(born + 1)
            self._die(residents, number, max(day, birth_day))
        for _ in range(deaths.older):
            number, _ = self._any_pool(residents, sex, self._year - 1, OPEN_AGE).take(lots.below(DAYS))
            self._die(residents, number, lots.below(DAYS))

    def _die(self, residents: Residents, number: int, day: int) -> None:
        self._posts.death(residents, number, self._year, day)

    def _any_pool(self, residents: Residents, sex: str, year: int, age: int) -> Pool:
        cohorts = [born for born in residents.cohorts(sex, year, age) if len(residents.pool(sex, born))]
        if not cohorts:
            raise Imbalance(f"{residents.county.name} {self._year}: nobody left of {sex} {age}")
        return residents.pool(sex, cohorts[self._lots.below(len(cohorts))])

    def _leaver(self, residents: Residents, sex: str, age: int) -> tuple[int, int]:
        pool = self._any_pool(residents, sex, self._year, age)
        if age > 0:
            number, _ = pool.take(self._lots.below(DAYS))
            return number, self._lots.below(DAYS)
        number, birth_day = pool.take_before(self._lots.below(LAST_DAY) + 1)
        return number, min(birth_day + 1 + self._lots.below(DAYS), LAST_DAY)

    def _leave_for(self, residents: Residents, destination: int, sex: str, age: int) -> Move:
        number, day = self._leaver(residents, sex, age)
        other = self._counties[destination].county
        wheel = other.wheel
        home = wheel[self._lots.below(len(wheel))]
        origin = Place("region", residents.county.region, residents.home_code(self._people, number))
        target = Place("region", other.region, other.municipalities[home].code)
        self._posts.departure(residents, number, self._year, day, target)
        self._people.home[number] = home
        return Move(number, day, destination, origin)

    def _leave_for_elsewhere(self, residents: Residents, sex: str, age: int) -> None:
        number, day = self._leaver(residents, sex, age)
        residents.gone.setdefault((sex, self._people.birth_year[number]), []).append(number)
        self._posts.departure(residents, number, self._year, day, draw_place(self._lots, residents.county))

    def _arrive(self, residents: Residents, number: int, day: int, origin: Place) -> None:
        residents.settle(self._people, self._lots, number, self._people.home[number])
        self._posts.arrival(residents, number, self._year, day, origin)

    def _births(self, residents: Residents) -> None:
        births = residents.tables.births
        for (year, mother_age, sex), count in births.items():
            if year == self._year:
                for _ in range(count):
                    self._birth(residents, mother_age, sex)

    def _birth(self, residents: Residents, mother_age: int, sex: str) -> None:
        people, lots = self._people, self._lots
        if mother_age == UNKNOWN_MOTHER_AGE:
            child = people.add(lots, sex, self._year, birthday(lots))
            residents.settle(people, lots, child)
            self._posts.birth(residents, child, None, None)
            return
        mother = self._mother(residents, mother_age)
        people.children[mother] += 1
        people.last_birth_year[mother] = self._year
        child = people.add(lots, sex, self._year, birthday(lots), people.family[mother])
        residents.settle(people, lots, child, people.home[mother])
        self._posts.birth(residents, child, mother, people.children[mother])

    def _mother(self, residents: Residents, age: int) -> int:
        """A woman of that age at the end of the year who lives here all the year and gave birth longest
        ago.
        """
        pool = residents.pool(FEMALE, self._year - age)
        first, long_ago = self._lots.below(max(len(pool), 1)), self._year - _YEARS_BETWEEN_BIRTHS
        best, best_last = None, self._year
        for step in range(len(pool)):
            number = pool.number_at((first + step) % len(pool))
            last = self._people.last_birth_year[number]
            if last < best_last:
                best, best_last = number, last
            if best_last <= long_ago:
                break
        if best is None:
            raise Imbalance(f"{residents.county.name} {self._year}: no mother aged {age} for a birth")
        return best

    def _arrivals_from_elsewhere(self, residents: Residents, sex: str, age: int, row: Row) -> None:
        for _ in range(row.deaths.doomed):
            self._arrive_and_die(residents, sex, age)
        for _ in range(row.net_migration - row.home_matches - row.deaths.doomed):
            number, day = self._newcomer(residents, sex, age)
            self._arrive(residents, number, day, draw_place(self._lots, residents.county))

    def _newcomer(self, residents: Residents, sex: str, age: int) -> tuple[int, int]:
        people, lots = self._people, self._lots
        gone = residents.gone.get((sex, self._year - age))
        if gone and age > 0 and lots.below(_ONE_IN_SO_MANY_COMES_BACK) == 0:
            return gone.pop(0), lots.below(DAYS)
        born, day = birthday(lots), lots.below(DAYS)
        if age == 0:
            born, day = sorted((1 + lots.below(LAST_DAY - 1), 2 + lots.below(LAST_DAY - 1)))
            day = max(day, born + 1)
        number = people.add(lots, sex, self._year - age, born)
        people.home[number] = residents.county.wheel[lots.below(len(residents.county.wheel))]
        return number, day

    def _arrive_and_die(self, residents: Residents, sex: str, age: int) -> None:
        """More died at this age than lived here: one more arrives after the birthday, and dies."""
        people, lots = self._people, self._lots
        number = people.add(lots, sex, self._year - age, 1 + lots.below(100))
        people.home[number] = residents.county.wheel[lots.below(len(residents.county.wheel))]
        self._posts.arrival(residents, number, self._year, 101 + lots.below(100), draw_place(lots, residents.county))
        self._die(residents, number, 201 + lots.below(DAYS - 201))
