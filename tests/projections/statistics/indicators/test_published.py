"""The library returns published figures: exactly where arithmetic allows, else to the decimals of the source."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.projections.statistics.cells import Change, Occurrence
from services.projections.statistics.indicators import (
    CATALOGUE,
    WHOLE,
    CountsInMemory,
    Question,
    RememberingCounts,
    Zone,
    calendar_year,
    compute,
)
from services.projections.statistics.indicators.claims import rounded
from services.projections.statistics.indicators.spans import day_of
from tests.projections.statistics.indicators.published import korean_moves, rows, swedish_cells

SWEDISH = {
    "cbr": "crude-birth-rate",
    "cdr": "crude-death-rate",
    "srb": "sex-ratio-at-birth",
    "imr": "infant-mortality-rate",
    "tfr_birth_cohort": "total-fertility-rate",
    "tfr_same_age": "total-fertility-rate-mixed-ages",
}


@pytest.fixture(scope="module")
def sweden() -> RememberingCounts:
    return RememberingCounts(CountsInMemory(*swedish_cells({2000, 2005, 2010, 2015}), []))


def places(published: list[dict[str, str]]) -> dict[str, Zone]:
    return {
        row["area"]: WHOLE if row["level"] == "national" else Zone(row["area"], frozenset({row["area"]}))
        for row in published
    }


def year_of_sweden(year: int, zones: dict[str, Zone]) -> Question:
    return Question(calendar_year(year), tuple(zones.values()), basis="mid-year-population", age_at="year-end")


def test_every_published_swedish_rate_is_reproduced(sweden: RememberingCounts) -> None:
    published = list(rows("sweden", "sweden_published_rates.csv"))
    zones = places(published)
    assert len(published) == 39
    found = {
        (year, name, figure.place): figure
        for year, name in sorted({(row["year"], row["indicator"]) for row in published})
        for figure in compute(CATALOGUE[SWEDISH[name]], sweden, year_of_sweden(int(year), zones))
    }
    for row in published:
        figure = found[row["year"], row["indicator"], zones[row["area"]].code]
        assert isinstance(figure.value, Fraction), row
        assert rounded(figure.value, Decimal(row["value"])) == Decimal(row["value"]), (row, float(figure.value))
        assert figure.numerator is not None
        assert figure.denominator is not None
        if row["numerator"]:
            assert figure.numerator.value == int(row["numerator"])
            assert figure.denominator.value == Fraction(row["denominator"])


def test_swedish_women_and_men_live_as_long_as_the_human_mortality_database_says(sweden: RememberingCounts) -> None:
    """Life expectancy 2010 there: 83.5 and 79.5 years (whole tenths)."""
    question = Question(calendar_year(2010), by=("sex",), basis="mid-year-population")
    found = {f.by["sex"]: f.value for f in compute(CATALOGUE["life-expectancy-at-birth"], sweden, question)}
    assert found == {"female": pytest.approx(83.5, abs=0.1), "male": pytest.approx(79.5, abs=0.1)}


@pytest.mark.parametrize("year", [2012, 2020])
def test_the_korean_indices_follow_from_the_matrix_of_moves(year: int) -> None:
    expected = [row for row in rows("korea", "korea_expected.csv") if int(row["year"]) == year]
    regions = sorted({row["region"] for row in expected} - {"Korea"})
    question = Question(calendar_year(year), tuple(Zone(name, frozenset({name})) for name in regions))
    counts = CountsInMemory([], [], korean_moves(year))
    names = {
        "total_moves": "all-moves",
        "inter_regional_moves": "moves-between",
        "migration_effectiveness_index": "migration-effectiveness-index",
        "in_moves": "in-moves",
        "out_moves": "out-moves",
        "net_migration": "net-migration",
    }
    found = {
        (name, figure.place.replace("all places", "Korea")): figure.value
        for name, id in names.items()
        for figure in compute(CATALOGUE[id], counts, question)
    }
    assert len(expected) == 54
    for row in expected:
        value = found[row["indicator"], row["region"]]
        assert isinstance(value, int | Fraction)
        assert rounded(Fraction(value), Decimal(row["value"])) == Decimal(row["value"]), row
    assert sum(int(found["net_migration", name] or 0) for name in regions) == 0


def test_rates_of_moves_without_a_population_are_refused() -> None:
    counts = CountsInMemory([], [], korean_moves(2012))
    question = Question(calendar_year(2012), (Zone("Seoul", frozenset({"Seoul"})),))
    (figure,) = compute(CATALOGUE["out-migration-rate"], counts, question)
    assert figure.value is None
    assert figure.reason is not None
    assert figure.reason.code == "denominator-zero"


def test_the_identities_of_world_population_prospects_hold() -> None:
    """Of each location and year: births and the person-years that they imply give back all its other rates."""
    checked = 0
    for row in rows("wpp2024", "wpp2024_china_world.csv"):
        year, births = int(row["year"]), Fraction(row["births_thousands"]) * 1000
        lived = births / Fraction(row["cbr"]) * 1000
        boys = births * Fraction(row["sex_ratio_at_birth"]) / (1 + Fraction(row["sex_ratio_at_birth"]))
        deaths = Fraction(row["deaths_thousands"]) * 1000
        day = day_of(year, 7)
        counts = CountsInMemory(
            [Change("usual", "A", None, None, None, day_of(1900), round(lived))],
            [
                Occurrence("birth", "A", day, "male", None, None, None, None, round(boys)),
                Occurrence("birth", "A", day, "female", None, None, None, None, round(births) - round(boys)),
                Occurrence("death", "A", day, None, None, None, None, None, round(deaths)),
            ],
            [],
        )
        question = Question(calendar_year(year))
        ids = ("crude-birth-rate", "crude-death-rate", "natural-increase-rate", "sex-ratio-at-birth")
        cbr, cdr, rni, srb = (compute(CATALOGUE[id], counts, question)[0].value for id in ids)
        assert isinstance(cbr, Fraction)
        assert isinstance(cdr, Fraction)
        assert rni == cbr - cdr
        # Rates have three decimals: the person-years that they imply agree to about four digits.
        assert float(cbr) == pytest.approx(float(row["cbr"]), abs=0.001)
        assert float(cdr) == pytest.approx(float(row["cdr"]), rel=5e-4, abs=0.001)
        assert float(rni) == pytest.approx(float(row["natural_change_rate"]), abs=0.006)
        assert float(srb or 0) == pytest.approx(float(row["sex_ratio_at_birth"]), abs=0.002)
        assert row["location"] != "World" or float(row["cnmr"]) == 0
        checked += 1
    assert checked == 238
