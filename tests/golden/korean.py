"""Korea's moves between regions, quarter by quarter, as the moves of people who are enumerated once.

The table counts moves, and one person may move several times in a year: so people go on trails through the matrix.
Every cell of the matrix is posted move by move; who moves, and on which day of the quarter, is invented.
"""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from deploy.demo.exploder.rules import Lots, event_id
from tests.ingest.offices import area

Post = Mapping[str, Any]
Matrix = Counter[tuple[str, str]]
STEPS = 20
"""The longest trail of a person in one quarter."""
_DISTRICTS = ("a", "b")
_EPOCH = date(1970, 1, 1)


def read_moves(folder: Path, year: int) -> dict[int, Matrix]:
    """Quarter → (origin, destination) → moves; those within a region are in it."""
    found: dict[int, Matrix] = defaultdict(Counter)
    with gzip.open(folder / "korea_migration_quarterly.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            if int(row["year"]) == year:
                found[int(row["quarter"])][row["origin"], row["destination"]] += int(row["moves"])
    return dict(found)


def read_expected(folder: Path, year: int) -> dict[tuple[str, str], str]:
    """(indicator, region) → value, as printed in the file."""
    with (folder / "korea_expected.csv").open(newline="") as file:
        return {
            (row["indicator"], row["region"]): row["value"] for row in csv.DictReader(file) if int(row["year"]) == year
        }


def only_with(region: str, quarters: Mapping[int, Matrix]) -> dict[int, Matrix]:
    """The moves into and out of one region: all that its own figures are made of."""
    return {
        quarter: Counter({(start, end): n for (start, end), n in cells.items() if (start == region) != (end == region)})
        for quarter, cells in quarters.items()
    }


def divided(quarters: Mapping[int, Matrix], by: int) -> dict[int, Matrix]:
    """Every cell divided, the rest thrown away."""
    return {quarter: Counter({pair: n // by for pair, n in cells.items()}) for quarter, cells in quarters.items()}


def only_among(regions: Collection[str], cells: Matrix) -> Matrix:
    """The moves within and among some regions."""
    return Counter({pair: n for pair, n in cells.items() if pair[0] in regions and pair[1] in regions})


class Movers:
    """Turns matrices into posts, the earlier quarter first.

    Each region is an area `<mark><region>` with two districts, `…-a` and `…-b`: who moves within it goes from one to
    the other.
    """

    def __init__(self, mark: str, year: int) -> None:
        self._mark, self._year = mark, year
        self._lots = Lots(crc32(mark.encode()))
        self._waiting: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self._moved: list[tuple[str, tuple[int, str]]] = []
        self._people = 0

    def map(self, regions: Collection[str]) -> Iterator[Post]:
        for region in sorted(regions):
            yield area(self._mark + region, None, name=region)
            for district in _DISTRICTS:
                yield area(f"{self._mark}{region}-{district}", self._mark + region)

    def posts(self, quarters: Mapping[int, Matrix]) -> Iterator[Post]:
        """Enumerations on the last day of the year before, and moves."""
        for quarter in sorted(quarters):
            left: dict[str, Counter[str]] = defaultdict(Counter)
            for (start, end), n in quarters[quarter].items():
                if n:
                    left[start][end] = n
            for start in sorted(left):
                while left[start]:
                    yield from self._trail(start, left, quarter)
            for here, person in self._moved:
                self._waiting[here].append(person)
            self._moved.clear()

    def _trail(self, here: str, left: Mapping[str, Counter[str]], quarter: int) -> Iterator[Post]:
        """One person's moves in the quarter, a day apart, until there is none to go on with or there are many."""
        if self._waiting[here]:
            number, district = self._waiting[here].pop()
        else:
            number, district = self._people, _DISTRICTS[0]
            self._people += 1
            at = f"{self._mark}{here}-{district}"
            yield self._post("PersonEnumerated", number, date(self._year - 1, 12, 31), at, {})
        first = date(self._year, 3 * quarter - 2, 1) + timedelta(self._lots.below(60))
        for step in range(STEPS):
            onward = left.get(here)
            if not onward:
                break
            there = max(onward, key=lambda region: (onward[region], region))
            onward[there] -= 1
            if not onward[there]:
                del onward[there]
            start = f"{self._mark}{here}-{district}"
            district = _DISTRICTS[district == _DISTRICTS[0]] if here == there else district
            here = there
            end = f"{self._mark}{here}-{district}"
            moved = {"from_area": start, "to_area": end}
            yield self._post("AddressChanged", number, first + timedelta(step), end, moved)
        self._moved.append((here, (number, district)))  # not again before the next quarter

    def _post(self, kind: str, number: int, on: date, at: str, more: Post) -> Post:
        civil = {"identifiers": [{"kind": "local", "value": f"MOVER-{self._mark}{number}"}]}
        return {
            "type": kind,
            "event_id": event_id(self._lots, (on - _EPOCH).days * 86_400_000),
            "source": "import",
            "occurred_on": on.isoformat(),
            "registered_at": f"{on + timedelta(3)}T09:00:00Z",
            "residence_area": at,
            "occurrence_area": at,
            "office": at,
            "subjects": [{"role": "person" if kind == "PersonEnumerated" else "mover", "civil": civil}],
            "sex": ("female", "male")[number % 2],
            "birth_on": (date(1950, 1, 1) + timedelta(number % 20_000)).isoformat(),
            **more,
        }
