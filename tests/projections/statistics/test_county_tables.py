"""Gotland's published tables, from the cells of its people: population, births and deaths, exactly."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from deploy.demo.exploder.tables import OPEN_AGE, Tables
from services.projections.register.life.days import as_date, as_day
from services.projections.statistics.cells import Cell, Change, Move, Occurrence
from services.projections.statistics.contributions import contributions
from tests.projections.register.life.gotland import fold_gotland, read_gotland

Table = Counter[tuple[Any, ...]]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_gotland()


@pytest.fixture(scope="module")
def cells() -> list[Cell]:
    return [cell for life in fold_gotland().values() for cell in contributions(life)]


def test_population_by_sex_and_age_at_the_end_of_every_year(cells: list[Cell], tables: Tables) -> None:
    stock: Table = Counter()
    for cell in cells:
        if isinstance(cell, Change) and cell.population == "usual":
            stock[cell.sex, year_of(cell.born), year_of(cell.day)] += cell.n
    found: Table = Counter()
    last = max(year for year, _, _ in tables.population)
    for (sex, born, since), n in stock.items():
        for year in range(since, last + 1):
            found[year, sex, min(year - born, OPEN_AGE)] += n
    assert +found == Counter(tables.population)
    assert min(found.values()) >= 0


def test_births_by_age_of_the_mother_and_sex(cells: list[Cell], tables: Tables) -> None:
    found: Table = Counter()
    for cell in cells:
        if isinstance(cell, Occurrence) and cell.kind == "birth":
            found[year_of(cell.day), year_of(cell.day) - year_of(cell.born), cell.sex] += cell.n
    assert found == Counter(tables.births)


def test_deaths_by_sex_and_age(cells: list[Cell], tables: Tables) -> None:
    found: Table = Counter()
    for cell in cells:
        if isinstance(cell, Occurrence) and cell.kind == "death":
            found[year_of(cell.day), cell.sex, min(completed_age(cell.born, cell.day), OPEN_AGE)] += cell.n
    assert found == Counter(tables.deaths)


def test_every_year_balances(cells: list[Cell], tables: Tables) -> None:
    change: Table = Counter()
    flow: Table = Counter()
    for cell in cells:
        year = year_of(cell.day)
        if isinstance(cell, Change) and cell.population == "usual":
            change[year,] += cell.n
        elif isinstance(cell, Occurrence):
            flow[year,] += {"birth": 1, "death": -1}[cell.kind] * cell.n
        elif isinstance(cell, Move) and cell.track == "usual":
            flow[year,] += {"in": 1, "found": 1, "internal": 0, "out": -1}[cell.kind] * cell.n
    assert change == flow
    assert len(change) == len(tables.years())


def year_of(day: int | None) -> int:
    assert day is not None
    return as_date(day).year


def completed_age(born: int | None, day: int) -> int:
    assert born is not None
    birth, on = as_date(born), as_date(day)
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def test_the_day_of_a_figure_is_the_day_of_the_event(cells: list[Cell]) -> None:
    assert {type(cell.day) for cell in cells} == {int}
    assert min(cell.day for cell in cells) >= as_day(date(1994, 1, 1))
