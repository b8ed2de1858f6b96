"""Boundary changes as published, posted as geography events: births and moves are asked for on another day's map."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import Running
from services.ingest.client.maps.sources import draft_files
from tests.golden.asking import Statistician
from tests.golden.posting import post_map, wait_until_counted
from tests.ingest.offices import Office, area, new_id

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
GB2260 = [DATA / "gb2260" / name for name in ("gb2260.csv.gz", "gb2260_changes.csv", "areas_2023.csv.gz")]
PSGC = DATA / "philippines" / "philippines_boundary_changes.csv.gz"
_CODES = ("area", "predecessor_areas", "into_areas", "merged_areas", "successor_areas")

pytestmark = pytest.mark.skipif(not PSGC.is_file(), reason="the changes are not beside this clone (../shared/data)")

KAI, KAI_IN_CHONGQING = "cn-511221", "cn-500234"
"""A county whose code changed when Chongqing became a province."""
BAGO, BAGO_AGAIN = "ph-184502000", "ph-064502000"
"""A city that went to another region, and back two months later."""
BOLOH, *PARTS = "ph-150705037", "ph-150713003", "ph-150713004"
"""A village that was split in two."""
ELSEWHERE = "cn-rest"


def changes(draft: Sequence[Mapping[str, Any]], mark: str, codes: set[str]) -> Iterator[Mapping[str, Any]]:
    """What the published list says of a few areas, under codes of their own, in one country."""
    yield area(mark, None, level=0)
    for post in draft:
        if post["area"] in codes:
            marked = {name: post[name] for name in _CODES if name in post}
            for name, value in marked.items():
                marked[name] = [f"{mark}-{each}" for each in value] if isinstance(value, list) else f"{mark}-{value}"
            parent = {"parent_area": mark} if "parent_area" in post else {}
            yield dict(post) | marked | parent | {"event_id": new_id(), "registered_at": "2020-01-01T00:00:00Z"}


@pytest.fixture(scope="module")
def ask(stack: Running) -> Statistician:
    region = stack.regions["north"]
    china = draft_files(GB2260, "gb2260", "north", "map", True).posts
    philippines = draft_files([PSGC], "psgc", "north", "map").posts
    post_map(region, [*changes(china, "cn", {code[3:] for code in (KAI, KAI_IN_CHONGQING)}), area(ELSEWHERE, "cn")])
    post_map(region, list(changes(philippines, "ph", {code[3:] for code in (BAGO, BAGO_AGAIN, BOLOH, *PARTS)})))
    answer = Office(region, "registrar").post_lines(list(happened()))
    assert answer.status_code == 200, answer.text
    assert answer.json()["refused"] == 0, answer.text
    wait_until_counted(region)
    return Statistician(region)


def happened() -> Iterator[Mapping[str, Any]]:
    for number in range(3):
        yield about("PersonEnumerated", "person", number, KAI, date(1995, 12, 31), birth_on="1960-04-01")
    yield from births(4, KAI, date(1998, 5, 1))
    moved = {"from_area": KAI, "to_area": ELSEWHERE, "birth_on": "1960-04-01"}
    yield about("AddressChanged", "mover", 0, ELSEWHERE, date(1999, 3, 1), **moved)
    yield from births(2, KAI_IN_CHONGQING, date(2007, 5, 1))
    yield from births(3, BAGO, date(2017, 8, 1))
    yield from births(2, BAGO_AGAIN, date(2017, 10, 1))
    yield from births(5, BOLOH, date(2008, 2, 1))


def births(n: int, at: str, first: date) -> Iterator[Mapping[str, Any]]:
    for number in range(n):
        child = f"{at}-{first}-{number}"
        yield about("BirthRegistered", "child", child, at, first + timedelta(number), live_birth=True)


def about(kind: str, role: str, number: int | str, at: str, on: date, **more: Any) -> Mapping[str, Any]:
    return {
        "type": kind,
        "event_id": new_id(),
        "occurred_on": on.isoformat(),
        "registered_at": f"{on}T20:00:00Z",
        "residence_area": at,
        "office": at,
        "subjects": [{"role": role, "civil": {"identifiers": [{"kind": "local", "value": f"MAPS-{number}"}]}}],
        "sex": "female",
        **more,
    }


def count_births(ask: Statistician, at: str, from_: str, to: str, **more: Any) -> dict[str, int]:
    """Place → births; places between which a count falls are there too."""
    return {each["place"]: each["value"] for each in ask.figures("births", area=at, from_=from_, to=to, **more)}


def test_a_recoded_county_has_its_births_on_either_map(ask: Statistician) -> None:
    years = ("1995", "2012")
    assert count_births(ask, KAI, *years, map="event") == {KAI: 4}
    assert count_births(ask, KAI_IN_CHONGQING, *years, map="event") == {KAI_IN_CHONGQING: 2}
    assert count_births(ask, KAI_IN_CHONGQING, *years, map="2011-12-31") == {KAI_IN_CHONGQING: 6}
    assert count_births(ask, KAI, *years, map="1996-01-01") == {KAI: 6}
    assert count_births(ask, "cn", *years, map="2011-12-31") == {"cn": 6}


def test_its_people_and_its_moves_follow_it(ask: Statistician) -> None:
    (row,) = ask.population(area=KAI_IN_CHONGQING, at="1999-12-31", map="2011-12-31")
    assert row["people"] == 3 + 4 - 1
    flows = ask.flows(area=KAI_IN_CHONGQING, from_="1999", map="2011-12-31")
    assert [(each["origin"], each["destination"], each["moves"]) for each in flows] == [
        (KAI_IN_CHONGQING, ELSEWHERE, 1)
    ]


def test_a_city_that_went_to_another_region_and_back_has_all_its_births_on_each_map(ask: Statistician) -> None:
    year = ("2017", "2018")
    assert count_births(ask, BAGO_AGAIN, *year, map="2018-01-01") == {BAGO_AGAIN: 5}
    assert count_births(ask, BAGO, *year, map="2017-08-15") == {BAGO: 5}
    assert count_births(ask, "ph", *year, map="event") == {"ph": 5}


def test_births_of_a_village_that_was_split_are_shown_between_its_parts_and_counted_in_what_holds_both(
    ask: Statistician,
) -> None:
    year = ("2008", "2009")
    between = "|".join(sorted(PARTS))
    found = {each["place"]: each for each in ask.figures("births", area=PARTS, from_=year[0], map="2009-01-01")}
    assert {place: each["value"] for place, each in found.items()} == {PARTS[0]: 0, PARTS[1]: 0, between: 5}
    assert found[between]["candidates"] == sorted(PARTS)
    assert count_births(ask, "ph", *year, map="2009-01-01") == {"ph": 5}
    assert count_births(ask, BOLOH, *year, map="event") == {BOLOH: 5}
