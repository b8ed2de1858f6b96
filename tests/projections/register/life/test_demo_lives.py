"""The lives of a Swedish county add up to its published tables."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from deploy.demo.exploder.explode import explode
from deploy.demo.exploder.tables import DEMO_COUNTIES, OPEN_AGE
from deploy.demo.sweden import read_tables
from services.projections.register.life import HANDLERS, Fact, LifeCourse, Subject, fold_people
from services.projections.register.life.days import as_date, as_day
from services.projections.register.life.episodes import residences

FIRST_YEAR, LAST_YEAR = 1994, 2015


@cache
def to_day(text: str) -> int:
    return as_day(date.fromisoformat(text))


def to_fact(post: Mapping[str, Any], position: int) -> Fact:
    values = dict(post)
    for name in ("birth_on", "mother_birth_on"):
        if name in post:
            values[name], values[f"{name}_precision"] = to_day(post[name]), "day"
    event_id = bytes.fromhex(post["event_id"].replace("-", ""))
    subjects = tuple(
        Subject(each["role"], "gotland", each["civil"]["identifiers"][0]["value"].encode(), "identifier")
        for each in post["subjects"]
    )
    return Fact(
        event_id, event_id, position, "gotland.migration", 0, position, b"", post["type"], to_day(post["occurred_on"]),
        "day", position, post["residence_area"], post["occurrence_area"], post["office"], "import", None, None,
        subjects, tuple(values.get(field) for field in HANDLERS[post["type"]].fields),
    )  # fmt: skip


def count_residents(lives: Mapping[bytes, LifeCourse]) -> Counter[tuple[int, str, int]]:
    """By (year, sex, age) at the end of every year, like the published tables."""
    ends = {year: as_day(date(year, 12, 31)) for year in range(FIRST_YEAR, LAST_YEAR + 1)}
    found: Counter[tuple[int, str, int]] = Counter()
    for life in lives.values():
        assert life.born is not None
        assert life.sex is not None
        birth_year = as_date(life.born).year
        for episode in residences(life):
            if episode.usual[0] is not None:
                assert episode.registered == episode.usual
                for year, end in ends.items():
                    if episode.from_day <= end and (episode.to_day is None or end < episode.to_day):
                        found[year, life.sex, min(year - birth_year, OPEN_AGE)] += 1
    return found


def test_residents_at_the_end_of_every_year_by_age_and_sex_are_the_published_ones() -> None:
    tables = {county: each for county, each in read_tables(DEMO_COUNTIES).items() if county.region == "gotland"}
    facts = [to_fact(post, position) for position, (_, post) in enumerate(explode(tables))]
    lives = fold_people(facts, {subject.person_id for fact in facts for subject in fact.subjects})
    (published,) = (dict(each.population) for each in tables.values())
    assert count_residents(lives) == published
    assert [life.findings for life in lives.values() if "findings" in life.made] == []
    assert sum(n for (year, _, _), n in published.items() if year == LAST_YEAR) == 57_391
