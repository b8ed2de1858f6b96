"""Published tables turned into the cells that give them. Outside the repository; tests without them are skipped."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.projections.statistics.cells import Change, Move, Occurrence
from services.projections.statistics.indicators.spans import day_of

SHARED = Path(__file__).resolve().parents[5] / "shared" / "data"


def rows(folder: str, name: str) -> Iterator[dict[str, str]]:
    path = SHARED / folder / name
    if not path.exists():
        pytest.skip(f"the published tables are not beside this clone (../shared/data/{folder})")
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        yield from csv.DictReader(file)


def swedish_cells(years: set[int], counties: set[str] | None = None) -> tuple[list[Change], list[Occurrence]]:
    """Cells whose year ends and ages are those of the tables; moves fill the differences on 31 December."""
    return list(_population(years, counties)), [*_births(years, counties), *_deaths(years, counties)]


def _population(years: set[int], counties: set[str] | None) -> Iterator[Change]:
    ends = sorted(years | {year - 1 for year in years})
    stocks: dict[int, Counter[tuple[str, str, int]]] = defaultdict(Counter)
    for row in rows("sweden", "sweden_population.csv.gz"):
        year = int(row["year"])
        if year in ends and (counties is None or row["county"] in counties):
            age = int(row["age"].rstrip("+"))
            stocks[year][row["county"], row["sex"], year - age] += int(row["population"])
    before: Counter[tuple[str, str, int]] = Counter()
    for year in ends:
        for cell in {*stocks[year], *before}:
            if n := stocks[year][cell] - before[cell]:
                county, sex, born = cell
                yield Change("usual", county, None, sex, day_of(born, 7), day_of(year, 12, 31), n)
        before = stocks[year]


def _births(years: set[int], counties: set[str] | None) -> Iterator[Occurrence]:
    ages = {"<15": 14, "49+": 49, "no information": None}
    for row in rows("sweden", "sweden_births.csv.gz"):
        year, n = int(row["year"]), int(row["births"])
        if n and year in years and (counties is None or row["county"] in counties):
            text = row["mother_age"]
            age = ages[text] if text in ages else int(text)
            mother = None if age is None else day_of(year - age, 7)
            yield Occurrence("birth", row["county"], day_of(year, 6, 1), row["child_sex"], mother, None, None, None, n)


def _deaths(years: set[int], counties: set[str] | None) -> Iterator[Occurrence]:
    for row in rows("sweden", "sweden_deaths.csv.gz"):
        year, n = int(row["year"]), int(row["deaths"])
        if n and year in years and (counties is None or row["county"] in counties):
            born = day_of(year - int(row["age"].rstrip("+")))
            yield Occurrence("death", row["county"], day_of(year, 6, 1), row["sex"], born, None, None, None, n)


def korean_moves(year: int) -> Iterator[Move]:
    for row in rows("korea", "korea_migration_quarterly.csv.gz"):
        if int(row["year"]) == year:
            day = day_of(year, 3 * int(row["quarter"]) - 1, 15)
            yield Move("internal", "usual", row["origin"], row["destination"], day, None, None, int(row["moves"]))
