"""Small populations, written by hand."""

from services.projections.statistics.cells import Change, Move, Occurrence
from services.projections.statistics.indicators import CountsInMemory, Question, Zone, calendar_year
from services.projections.statistics.indicators.spans import day_of

TOWN, VILLAGE = Zone("town", frozenset({"T"})), Zone("village", frozenset({"V"}))
Y2015 = calendar_year(2015)
BEFORE = day_of(2000)


def people(
    n: int, area: str = "T", sex: str | None = "female", born: int | None = day_of(1985), day: int = BEFORE
) -> Change:
    return Change("usual", area, None, sex, born, day, n)


def births(
    n: int,
    area: str | None = "T",
    sex: str = "male",
    mother: int | None = day_of(1985),
    day: int = day_of(2015, 7),
    order: int | None = 1,
    delay: int | None = 10,
) -> Occurrence:
    return Occurrence("birth", area, day, sex, mother, order, delay, area, n)


def deaths(
    n: int, area: str = "T", sex: str = "male", born: int | None = day_of(1940), day: int = day_of(2015, 7)
) -> Occurrence:
    return Occurrence("death", area, day, sex, born, None, 3, area, n)


def unions(kind: str, n: int, area: str = "T") -> Occurrence:
    return Occurrence(kind, area, day_of(2015, 7), None, None, None, 3, None, n)


def move(n: int, origin: str | None, destination: str | None, kind: str = "internal") -> Move:
    return Move(kind, "usual", origin, destination, day_of(2015, 7), "female", day_of(1985), n)


def counted(*cells: Change | Occurrence | Move) -> CountsInMemory:
    return CountsInMemory(
        [cell for cell in cells if isinstance(cell, Change)],
        [cell for cell in cells if isinstance(cell, Occurrence)],
        [cell for cell in cells if isinstance(cell, Move)],
    )


def asking(**choices: object) -> Question:
    return Question(**{"span": Y2015, "zones": (TOWN,), **choices})  # type: ignore[arg-type]
