"""Populations and rates counted from the events, side by side with those that the published tables come to."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.demo.exploder.tables import DEMO_COUNTIES, OPEN_AGE, County
from deploy.demo.office import Office
from deploy.demo.published import Published
from deploy.demo.scene import Scene, must_be
from deploy.demo.sweden import read_tables

_BEFORE_ANY_CORRECTION = 2005
_DECIMALS = 4
_FERTILITY = "total-fertility-rate"
_OF_EVERY_YEAR = ("crude-birth-rate", "crude-death-rate", _FERTILITY)
"""The others are compared in the last year only, to keep the demo short; the tests compare all of all years."""
_CONVENTIONS = {"basis": "mid-year-population", "age_at": "year-end"}
Cells = Counter[tuple[Any, ...]]


def compare_with_published(scene: Scene) -> None:
    """Every cell of the tables, and the rates of every year; any difference ends the demo."""
    scene.stage.act("Figures are counted from the events, and they are the published ones")
    compared = 0
    rows: list[tuple[str, ...]] = []
    for county, tables in read_tables(DEMO_COUNTIES).items():
        ask, published = Office(scene, county.region, "statistician"), Published(tables)
        years = published.years if _is_first_play(scene) else range(published.years[0], _BEFORE_ANY_CORRECTION + 1)
        rates = _rates(ask, county, published)
        rows += _side_by_side(scene, county, published, rates)
        if not scene.fast:
            compared += _compare(ask, county, published, years, rates)
    heads = ("2015", "counted", "published", "difference")
    scene.stage.table(heads, [(row[0], row[1], "-", "-") for row in rows] if scene.fast else rows)
    if scene.fast:
        scene.stage.say("--fast: only some of the people live here, so there is nothing to compare with.")
        return
    must_be(all(row[3].strip("0.") == "" for row in rows), f"figures are not the published ones: {rows}")
    scene.stage.say(
        f"{years[0]} to {years[-1]}: people by sex and age, births by mother's age, deaths by age, and rates."
        f" {compared:,} figures, difference 0."
    )
    scene.stage.quiet("`domicile indicator gotland crude-birth-rate --from 1995 --to 2016 --every year` asks for one.")


def _is_first_play(scene: Scene) -> bool:
    """Each play corrects a birth of 2006; who plays again compares the years before it."""
    return not any(summary.repeated for summary in scene.imported.values())


def _rates(ask: Office, county: County, published: Published) -> dict[tuple[str, int], float | None]:
    """(indicator, year) → value."""
    last = published.years[-1]
    found = {(id, y): figure["value"] for id in _OF_EVERY_YEAR for y, figure in _each(ask, county, published, id)}
    for id in published.rates(last):
        if id not in _OF_EVERY_YEAR:
            found[id, last] = ask.figures(id, area=county.code, **{"from": last}, **_CONVENTIONS)[0]["value"]
    return found


def _each(
    ask: Office, county: County, published: Published, id: str, by: str | None = None
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """(year, figure) of all years. Mothers are counted by the age that they reach in the year, as in the tables."""
    conventions = {} if id == "deaths" else _CONVENTIONS
    span = {"from": published.years[0], "to": published.years[-1] + 1, "every": "year"}
    for figure in ask.figures(id, area=county.code, by=by, **span, **conventions):
        yield int(figure["period"][:4]), figure


def _side_by_side(
    scene: Scene, county: County, published: Published, rates: Mapping[tuple[str, int], float | None]
) -> Iterator[tuple[str, str, str, str]]:
    last = published.years[-1]
    ask = Office(scene, county.region, "statistician")
    people = ask.rows("/v1/population", area=county.code, at=f"{last}-12-31")[0]["people"]
    there = sum(published.population(last).values())
    yield f"{county.name}: people", f"{people:,}", f"{there:,}", f"{people - there:,}"
    expected = {id: value for id, (value, _, _) in published.rates(last).items()}
    expected[_FERTILITY] = published.total_fertility(last, same_age=False)
    for id, value in expected.items():
        found = rates[id, last]
        if found is not None and value is not None:
            apart = round(found - float(value), _DECIMALS)
            words = f"{county.name}: {id.replace('-', ' ')}"
            yield words, f"{found:.{_DECIMALS}f}", f"{float(value):.{_DECIMALS}f}", f"{apart + 0:.{_DECIMALS}f}"


def _compare(
    ask: Office, county: County, published: Published, years: range, rates: Mapping[tuple[str, int], float | None]
) -> int:
    """How many figures were compared; a difference ends the demo."""
    counted, expected = _count(ask, county, published), Cells()
    for year in years:
        expected.update({("people", year, *cell): n for cell, n in published.population(year).items()})
        expected.update({("births", year, *cell): n for cell, n in published.births(year).items()})
        expected.update({("deaths", year, *cell): n for cell, n in published.deaths(year).items()})
    counted = Cells({cell: n for cell, n in counted.items() if n and cell[1] in years})
    must_be(counted == expected, f"{county.name}: {len(counted - expected) + len(expected - counted)} cells differ")
    compared = 0
    for year in years:
        wanted = {id: value for id, (value, _, _) in published.rates(year).items()}
        wanted[_FERTILITY] = published.total_fertility(year, same_age=False)
        for id, value in wanted.items():
            if (id, year) in rates:
                same = rates[id, year] == (None if value is None else float(value))
                must_be(same, f"{county.name} {year}: {id} differs")
                compared += 1
    return compared + len(expected)


def _count(ask: Office, county: County, published: Published) -> Cells:
    """What the cells of the tables are by the events."""
    found = Cells()
    span = {"from": published.years[0], "to": published.years[-1] + 1, "every": "year"}
    for row in ask.rows("/v1/population", area=county.code, by="sex,age", **span):
        found["people", int(row["at"][:4]), row["sex"], min(int(row["age"]), OPEN_AGE)] += row["people"]
    for id in ("births", "deaths"):
        for year, figure in _each(ask, county, published, id, "sex,age"):
            found[id, year, figure["by"]["sex"], _age(figure["by"]["age"])] += figure["value"]
    return found


def _age(text: str) -> int | None:
    return min(int(text), OPEN_AGE) if text.isdigit() else None
