"""Which deaths fall to which year of birth, and who moves between counties: arithmetic on one year of one
table.

A *row* is a year of birth, named by its age at the end of the year (0 to 99; 100 holds everybody older
too). Deaths at completed age x come from two rows: from row x after the birthday of that year ("young" of
row x), and from row x + 1 before it ("old" of row x + 1): the two triangles of a Lexis diagram. No table
says how many fall into each, so a rule does: half and half, infants 85 to 15, and never more than there are
people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.demo.exploder.tables import OPEN_AGE

_INFANTS_BEFORE_BIRTHDAY_PERCENT = 15


@dataclass
class RowDeaths:
    """Deaths of one row in one year.

    `young`: after this year's birthday; `old`: before it; `older`: on any day, of people who were 100 or
    older when the year began (row 100 only); `doomed`: more than lived here when the year began, so that
    they must have arrived first.
    """

    young: int = 0
    old: int = 0
    older: int = 0
    doomed: int = 0

    def of_residents(self) -> int:
        return self.young + self.old + self.older

    def total(self) -> int:
        return self.of_residents() + self.doomed


def split_deaths(deaths: Sequence[int], stock: Sequence[int], older_stock: int, year: int) -> list[RowDeaths]:
    """Deaths by completed age (0 to 100+) to rows.

    `stock`: for row 0 the year's births, for rows 1 to 100 those who reach that age in the year;
    `older_stock`: those who were 100 or older when the year began.
    """
    rows = [RowDeaths() for _ in range(OPEN_AGE + 1)]
    rest = list(stock)
    _split_open_age(rows[OPEN_AGE], deaths[OPEN_AGE], rest, older_stock)
    for age in range(OPEN_AGE - 1, -1, -1):
        count = deaths[age]
        wanted = _wanted_old(count, age, year)
        old = min(wanted, rest[age + 1])
        young = min(count - old, rest[age])
        old += min(count - old - young, rest[age + 1] - old)
        rows[age + 1].old = old
        rows[age].young = young
        rows[age].doomed = count - old - young
        rest[age + 1] -= old
        rest[age] -= young
    return rows


def _split_open_age(row: RowDeaths, count: int, rest: list[int], older_stock: int) -> None:
    # Those who turn 100 in the year are exposed for half of it.
    exposed = rest[OPEN_AGE] + 2 * older_stock
    young = min(rest[OPEN_AGE], count * rest[OPEN_AGE] // exposed if exposed else 0)
    row.older = min(count - young, older_stock)
    row.young = min(count - row.older, rest[OPEN_AGE])
    row.doomed = count - row.older - row.young
    rest[OPEN_AGE] -= row.young


def _wanted_old(count: int, age: int, year: int) -> int:
    if age == 0:
        return (count * _INFANTS_BEFORE_BIRTHDAY_PERCENT + 50) // 100
    return (count + (age + year) % 2) // 2


def match_moves(nets: Sequence[int], reserved: Sequence[int]) -> dict[tuple[int, int], int]:
    """Moves between counties: where one loses what another gains, in the order given.

    `nets`: net migration of one row in each county; `reserved`: gains that may not be matched. Returns the
    number of moves by (from, to). What is left over goes to or comes from elsewhere.
    """
    gains = [max(net - kept, 0) for net, kept in zip(nets, reserved, strict=True)]
    moves: dict[tuple[int, int], int] = {}
    for origin, net in enumerate(nets):
        losses = -net
        for destination, gain in enumerate(gains):
            count = min(losses, gain)
            if count > 0:
                moves[origin, destination] = count
                gains[destination] -= count
                losses -= count
    return moves
