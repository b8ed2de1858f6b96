"""Of years in which nobody at all was registered there is no figure, rather than 0."""

import pytest

from services.projections.geography.atlas import fold_atlas
from services.projections.statistics.indicators import calendar_year
from services.projections.statistics.indicators.spans import day_of
from tests.projections.api.statistics.kits import ask, lives, make_counts, make_study
from tests.projections.geography.sayings import established

ATLAS = fold_atlas([established(0, "P"), established(0, "Q")])
COUNTS = make_counts(lives("P", day_of(2010, 6, 1), 40, "female", day_of(1970, 3, 1)))


@pytest.mark.parametrize("indicator", ["births", "population", "crude-birth-rate"])
def test_before_anybody_was_registered_nothing_is_known(indicator: str) -> None:
    (told,) = ask(make_study(ATLAS, ("P",), calendar_year(2008)), COUNTS, indicator)
    assert told.figure.value is None
    assert told.figure.reason is not None


@pytest.mark.parametrize(("place", "year"), [("P", 2011), ("Q", 2011), ("P", 2010)])
def test_where_the_register_has_begun_no_births_are_no_births(place: str, year: int) -> None:
    (births,) = ask(make_study(ATLAS, (place,), calendar_year(year)), COUNTS, "births")
    assert (births.figure.value, births.figure.reason) == (0, None)
