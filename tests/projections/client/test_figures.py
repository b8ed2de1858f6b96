"""`domicile indicator`, `population`, `flows`: figures on a terminal and as pictures, from the real services."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from click.testing import Result
from typer.testing import CliRunner

from deploy.domicile import make_app
from deploy.local.stack import Running
from tests.ingest.offices import Office, area, birth, new_id

Run = Callable[..., Result]


class Island(NamedTuple):
    """Two villages, and where the last post about them is on the log."""

    code: str
    west: str
    east: str
    last: str


@pytest.fixture(scope="module")
def island(stack: Running) -> Island:
    """Born from 2003 to 2006: 13 girls in the west, 4 boys in the east. Two of the girls move east in 2010."""
    region = stack.regions["north"]
    office, geographer = Office(region, "registrar"), Office(region, "geographer")
    code = f"F{uuid4().hex[:8]}"
    west, east = f"{code}-W", f"{code}-E"
    for each, parent in ((code, None), (west, code), (east, code)):
        assert geographer.post(area(each, parent)).status_code == 201
    girls = []
    for number in range(17):
        village, sex = (west, "female") if number < 13 else (east, "male")
        place = {"residence_area": village, "occurrence_area": village, "office": f"{code}-1", "sex": sex}
        day = f"{2003 + number % 4}-05-17"
        posted = office.post(birth(**place, occurred_on=day, registered_at=f"{day}T12:00:00Z"))
        assert posted.status_code == 201, posted.text
        girls.append((posted.json()["subjects"][0]["person_id"], day))
    for person, day in girls[:2]:
        move = {"type": "AddressChanged", "event_id": new_id(), "occurred_on": "2010-06-01", "office": f"{code}-1"}
        move |= {"registered_at": "2010-06-02T12:00:00Z", "from_area": west, "to_area": east, "residence_area": east}
        move |= {"sex": "female", "birth_on": day, "reason": "housing"}
        move |= {"subjects": [{"role": "mover", "person_id": person}]}
        posted = office.post(move)
        assert posted.status_code == 201, posted.text
    place = posted.json()["position"]
    return Island(code, west, east, f"{place['topic']}:{place['partition']}:{place['offset']}")


@pytest.fixture
def run(stack: Running, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DOMICILE_HOME", str(stack.home))
    monkeypatch.setenv("COLUMNS", "220")
    return lambda *arguments: CliRunner().invoke(make_app(), list(arguments))


def flat(text: str) -> str:
    return " ".join(text.split())


def test_the_catalogue_is_listed_by_family_with_what_is_not_computed_here(run: Run) -> None:
    shown = run("indicator", "north")
    assert shown.exit_code == 0, shown.output
    for words in ("vital", "crude-birth-rate", "Live births per 1,000 person-years.", "mobility", "Not computed here:"):
        assert words in shown.output
    names = [each["id"] for each in json.loads(run("indicator", "north", "--format", "json").output)["indicators"]]
    assert "crude-birth-rate" in names


def test_a_figure_is_printed_with_its_parts_map_vintage_and_rule(run: Run, island: Island) -> None:
    shown = run("indicator", "north", "births", "--area", island.code, "--from", "2003", "--wait-for", island.last)
    assert shown.exit_code == 0, shown.output
    said = flat(shown.output)
    assert f"Area {island.code} ({island.code}) 2003 5 5" in said
    for words in (
        "areas as they were at each event",
        "Disclosure control: none",
        "as known on",
        "Definition: births/1",
    ):
        assert words in said


def test_a_figure_that_is_not_defined_says_why_in_its_place(run: Run, island: Island) -> None:
    shown = run("indicator", "north", "crude-death-rate", "--area", island.code, "--from", "1950")
    assert shown.exit_code == 0, shown.output
    assert "- 0 0 The denominator is zero" in flat(shown.output)


def test_a_series_with_two_vintages_is_drawn_and_both_are_named(run: Run, island: Island, tmp_path: Path) -> None:
    file = tmp_path / "births.svg"
    shown = run(
        "indicator", "north", "births", "--area", island.code, "--from", "2003", "--to", "2007", "--every", "year",
        "--as-known-at", "2020-01-01", "--as-known-at", "now", "--wait-for", island.last, "--chart", str(file),
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert str(file) in shown.stderr
    picture = file.read_text()
    for words in (
        f"ive births, Area {island.code}",
        "known 1 Jan 2020",
        "Open circles",
        "population register of north",
    ):
        assert words in picture, words
    assert "vintage" in shown.output.splitlines()[2]


def test_a_table_for_programs_and_for_spreadsheets(run: Run, island: Island) -> None:
    asked = ("indicator", "north", "births", "--area", island.code, "--from", "2003", "--to", "2005", "--every", "year")
    told = json.loads(run(*asked, "--wait-for", island.last, "--format", "json").output)
    assert [figure["value"] for figure in told["figures"]] == [5, 4]
    vintages = ("--as-known-at", "2020-01-01", "--as-known-at", "now")
    rows = list(csv.DictReader(io.StringIO(run(*asked, *vintages, "--format", "csv").output)))
    assert [float(row["value"]) for row in rows] == [0, 0, 5, 4]
    assert len({row["vintage"] for row in rows}) == 2


def test_areas_are_compared_in_bars(run: Run, island: Island, tmp_path: Path) -> None:
    file = tmp_path / "areas.PNG"
    areas = ("--area", island.west, "--area", island.east, "--from", "2003", "--to", "2007")
    shown = run("indicator", "north", "births", *areas, "--wait-for", island.last, "--chart", str(file))
    assert shown.exit_code == 0, shown.output
    assert file.read_bytes().startswith(b"\x89PNG")


def test_people_by_sex_and_age_become_a_pyramid(run: Run, island: Island, tmp_path: Path) -> None:
    file = tmp_path / "pyramid.svg"
    shown = run(
        "population", "north", "--area", island.code, "--at", "2006-12-31", "--at", "2009-12-31", "--by", "sex,age",
        "--wait-for", island.last, "--chart", str(file),
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert f"Area {island.code} ({island.code}) 31 Dec 2009 female 6 4" in flat(shown.output)
    picture = file.read_text()
    for words in ("Men  4", "Women  13", "end of 2006", "end of 2009", "Usual residents"):
        assert words in picture, words


def test_an_analyst_sees_small_numbers_hidden_and_so_does_the_picture(run: Run, island: Island, tmp_path: Path) -> None:
    file = tmp_path / "hidden.svg"
    shown = run(
        "population", "north", "--area", island.code, "--at", "2009-12-31", "--by", "sex,age", "--ages", "five",
        "--wait-for", island.last, "--role", "analyst", "--chart", str(file),
    )  # fmt: skip
    assert shown.exit_code == 0, shown.output
    assert "Hidden" in shown.output
    assert "10-5" in shown.output
    assert "Hatched: hidden by disclosure control" in file.read_text()


def test_moves_of_two_villages_are_told_and_drawn(run: Run, island: Island, tmp_path: Path) -> None:
    file = tmp_path / "moves.svg"
    shown = run(
        "flows", "north", "--area", island.west, "--from", "2010", "--wait-for", island.last, "--chart", str(file)
    )
    assert shown.exit_code == 0, shown.output
    assert f"({island.west}) Area {island.east} ({island.east}) internal 2010 2" in flat(shown.output)
    assert "Moves in and out of" in file.read_text()


def test_what_stands_in_the_way_is_said_in_a_sentence_with_a_remedy(run: Run, island: Island, tmp_path: Path) -> None:
    def refused(*arguments: str) -> str:
        ran = run(*arguments)
        assert ran.exit_code == 1, ran.output
        return flat(ran.stderr)

    assert "crude-birth-rate" in refused("indicator", "north", "crude-brith-rate", "--from", "2003")
    assert "unknown-area" in refused("indicator", "north", "births", "--area", "nowhere", "--from", "2003")
    assert ".png or .svg" in refused("indicator", "north", "births", "--from", "2003", "--chart", "births.jpg")
    assert "no folder" in refused("population", "north", "--chart", str(tmp_path / "none" / "a.png"))
    assert "NAME=VALUE" in refused("indicator", "north", "births", "--convention", "basis")
    assert "not at both" in refused("population", "north", "--at", "2003-01-01", "--from", "2003")
    one = ("indicator", "north", "births", "--area", island.code, "--from", "2003", "--chart", str(tmp_path / "a.png"))
    assert "One figure makes no picture" in refused(*one)
    assert not (tmp_path / "a.png").exists()
