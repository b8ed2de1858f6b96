"""An edition of Gotland, from the cells of its people: the published tables exactly, and what of them stands under the
rule of 10 and 5.
"""

from collections import Counter
from typing import Any

import pytest

from deploy.demo.exploder.tables import Tables
from services.projections.analysis.compiling import Rows
from services.projections.analysis.publishing import compile_rows
from services.projections.analysis.sums import Event, Move, Quarter, Stock, Sums
from services.projections.analysis.trees import REGION
from services.projections.statistics import cells
from services.projections.statistics.contributions import contributions
from services.projections.statistics.disclosure import TEN_FIVE
from services.projections.statistics.indicators.spans import age_on, as_date, day_of
from tests.projections.register.life.gotland import fold_gotland, read_gotland

OPEN = 85


@pytest.fixture(scope="module")
def tables() -> Tables:
    return read_gotland()


@pytest.fixture(scope="module")
def sums() -> Sums:
    """As the database adds them up."""
    stocks: Counter[Any] = Counter()
    quarters: Counter[Any] = Counter()
    days: Counter[Any] = Counter()
    events: Counter[Any] = Counter()
    moves: Counter[Any] = Counter()
    for life in fold_gotland().values():
        for cell in contributions(life):
            on = as_date(cell.day)
            born = None if cell.born is None else as_date(cell.born).year
            if isinstance(cell, cells.Change) and cell.population == cells.USUAL:
                stocks[cell.area, cell.sex, born, on.year] += cell.n
                quarters[cell.area, on.year, (on.month - 1) // 3] += cell.n
                days[cell.area, on.year, (on.month - 1) // 3] += cell.n * (day_of(on.year + 1) - cell.day)
            elif isinstance(cell, cells.Occurrence) and cell.area is not None:
                age = None if cell.born is None else age_on(cell.born, cell.day)
                delay = 3 if cell.delay is None else 0 if cell.delay <= 30 else 1 if cell.delay <= 365 else 2
                events[cell.kind, cell.area, on.year, cell.sex, age, delay] += cell.n
            elif isinstance(cell, cells.Move) and cell.track == cells.USUAL:
                moves[cell.kind, cell.origin, cell.destination, on.year] += cell.n
    return Sums(
        [Stock(*key, n) for key, n in stocks.items()],
        [Quarter(*key, n, days[key]) for key, n in quarters.items()],
        [Event(*key, n) for key, n in events.items()],
        [Move(*key, n) for key, n in moves.items()],
    )


@pytest.fixture(scope="module")
def exact(sums: Sums) -> Rows:
    return compile_rows(sums, None, 2100)


@pytest.fixture(scope="module")
def protected(sums: Sums) -> Rows:
    return compile_rows(sums, TEN_FIVE, 2100)


def test_without_a_rule_it_is_the_published_population_to_the_last_person(exact: Rows, tables: Tables) -> None:
    published: Counter[Any] = Counter()
    for (year, sex, age), n in tables.population.items():
        published[year, sex, min(age, OPEN)] += n
    found = {
        (row[0], row[3], row[4]): row[6] for row in exact["population"] if row[1:3] == (REGION, "sex-age1") and row[6]
    }
    assert found == +published


def test_and_the_published_births_and_deaths(exact: Rows, tables: Tables) -> None:
    for table, published in (("births", tables.births), ("deaths", tables.deaths)):
        by_year: Counter[int] = Counter()
        for key, n in published.items():
            by_year[key[0]] += n
        found = {row[0]: row[6] for row in exact[table] if row[1:3] == (REGION, "total") and row[6]}
        assert found == by_year


def test_without_a_rule_every_year_balances_exactly(exact: Rows) -> None:
    for row in exact["balance"]:
        _, area, before, births, deaths, came, went, found, after, _ = row
        assert before + births - deaths + came - went + found == after, area


def test_under_the_rule_every_figure_is_within_two_of_the_exact_one(exact: Rows, protected: Rows) -> None:
    for table, at in (("population", 6), ("births", 6), ("deaths", 6), ("population_quarters", 2), ("marriages", 3)):
        true = {row[:at]: row[at] for row in exact[table]}
        assert all(abs(row[at] - true[row[:at]]) <= 2 for row in protected[table] if row[at] is not None)


def test_under_the_rule_little_is_held_back_of_an_island_of_sixty_thousand(protected: Rows) -> None:
    def share(table: str, breakdown: str) -> float:
        rows = [row for row in protected[table] if row[2] == breakdown]
        return sum(row[-1] for row in rows) / max(len(rows), 1)

    for table, breakdown in (
        ("population", "total"),
        ("population", "sex"),
        ("population", "sex-age5"),
        ("births", "sex"),
        ("deaths", "sex"),
    ):
        assert share(table, breakdown) == 0, (table, breakdown)
    assert any(row[2] == "sex-age1" for row in protected["population"])
    names = ("crude-birth-rate", "crude-death-rate", "in-migration-rate")
    rates = [row for row in protected["rates"] if row[2] in names and row[0] > 1994]
    assert len(rates) == 2 * 3 * 21
    assert all(row[8] is not None for row in rates), "the register begins on the last day of 1994"
