"""The lives of a Swedish county add up to its published tables."""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from deploy.demo.exploder.tables import OPEN_AGE
from services.projections.register.life import LifeCourse
from services.projections.register.life.days import as_date, as_day
from services.projections.register.life.episodes import residences
from tests.projections.register.life.gotland import fold_gotland, read_gotland

FIRST_YEAR, LAST_YEAR = 1994, 2015


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
    lives, published = fold_gotland(), dict(read_gotland().population)
    assert count_residents(lives) == published
    assert [life.findings for life in lives.values() if "findings" in life.made] == []
    assert sum(n for (year, _, _), n in published.items() if year == LAST_YEAR) == 57_391
