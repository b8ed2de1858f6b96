"""One run a night, begun by one of the two, by that region's own clock."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.exchange.reconciliation.nightly import begin_of_night, begins_here
from tests.exchange.federation import Federation


@pytest.fixture(scope="module")
def federation(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    return Federation(tmp_path_factory.mktemp("federation"), {"north": "https://n", "south": "https://s"})


def test_of_two_the_first_by_name_begins_or_whoever_cannot_be_reached(federation: Federation) -> None:
    assert begins_here(federation.members("north"), "south")
    assert not begins_here(federation.members("south"), "north")

    def pull(document: dict[str, Any]) -> None:
        next(each for each in document["members"] if each["region"] == "south")["pulls"] = True

    federation.change(pull)
    assert not begins_here(federation.members("north"), "south")
    assert begins_here(federation.members("south"), "north")


def test_a_night_begins_at_two_by_the_regions_clock_in_summer_and_in_winter(federation: Federation) -> None:
    members = federation.members("north")
    calendar = members.get("north").calendar
    assert calendar is not None
    for day in (datetime(2026, 1, 15, tzinfo=calendar.zone), datetime(2026, 7, 15, tzinfo=calendar.zone)):
        two = day.replace(hour=2)
        assert begin_of_night(two, members) == two
        assert begin_of_night(two + timedelta(hours=21), members) == two
        assert begin_of_night(two - timedelta(seconds=1), members).date() == (day - timedelta(days=1)).date()
