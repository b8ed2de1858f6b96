"""Made-up regions: areas in areas, and plain sums as the database gives them."""

from random import Random

from services.projections.analysis.sums import Event, Move, Quarter, Stock, Sums
from services.projections.geography.atlas import Atlas, Version
from services.projections.geography.atlas.hierarchy import link
from services.projections.statistics.cells import BIRTH, DEATH, MARRIAGE
from services.projections.statistics.indicators.spans import day_of


def make_atlas(parents: dict[str, str | None]) -> Atlas:
    """A map that never changes."""
    versions = [
        Version(area, day_of(1900), None, area.title(), None, "area", None, parent, bytes(16))
        for area, parent in sorted(parents.items())
    ]
    return Atlas(versions, (), link(versions)[0])


def make_sums(seed: int, years: range = range(2000, 2003), size: int = 40) -> Sums:
    """Three counties with one to four municipalities each; small ones and large ones."""
    chance = Random(seed)
    parents: dict[str, str | None] = {}
    for county in "abc":
        parents[county] = None
        parents |= {f"{county}{number}": county for number in range(chance.randint(1, 4))}
    leaves = [area for area, parent in parents.items() if parent] + ["a"]
    sums = Sums(atlas=make_atlas(parents))
    for area in leaves:
        scale = chance.choice((1, 3, size))
        for year in years:
            _fill(sums, chance, area, year, scale, leaves)
    return sums


def _fill(sums: Sums, chance: Random, area: str, year: int, scale: int, leaves: list[str]) -> None:
    total = 0
    for sex in ("female", "male", *([None] if chance.random() < 0.2 else [])):
        for born in range(1900, year + 1, chance.choice((1, 2, 3))):
            n = chance.randint(0, scale) if year == 2000 or born == year else 0
            if n:
                sums.stocks.append(Stock(area, sex, born, year, n))
                total += n
    sums.quarters.append(Quarter(area, year, 0, total, total * 365))
    for kind in (BIRTH, DEATH, MARRIAGE):
        for age in (20, 31, 0, 77):
            for sex in ("female", "male"):
                n = chance.randint(0, scale)
                if n:
                    sums.events.append(Event(kind, area, year, sex, age, chance.randint(0, 3), n))
    for other in leaves:
        if n := chance.randint(0, scale) * chance.randint(0, 1):
            sums.moves.append(Move("internal", area, other, year, n))
    sums.moves.append(Move("in", "country:NO", area, year, chance.randint(1, scale)))
