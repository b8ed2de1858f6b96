"""`domicile find` and `domicile worklist`: what an office looks for, and what waits for it."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from click.testing import Result
from typer.testing import CliRunner

from deploy.domicile import make_app
from deploy.local.stack import Running
from tests.ingest.offices import Office, area, birth, new_id

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def leaver(stack: Running) -> dict[str, Any]:
    """Somebody with a name and a number of her own, who left for another region that has not confirmed it."""
    region = stack.regions["north"]
    office, mark = Office(region, "registrar"), uuid4().hex[:8]
    code = f"W{mark}"
    assert Office(region, "geographer").post(area(code)).status_code == 201
    place = {"residence_area": code, "occurrence_area": code, "office": f"{code}-1"}
    civil = {"given_names": f"Elise {mark}", "family_name": "Ample"}
    civil |= {"identifiers": [{"kind": "passport", "value": f"P{mark}"}]}
    born = office.post(birth(**place, subjects=[{"role": "child", "civil": civil}])).json()
    person = born["subjects"][0]["person_id"]
    left = {"type": "DepartureRegistered", "event_id": new_id(), "occurred_on": "2012-03-01", "office": f"{code}-1"}
    left |= {"registered_at": "2012-03-02T12:00:00Z", "residence_area": code, "from_area": code, "sex": "female"}
    left |= {"birth_on": "2003-05-17", "to_kind": "region", "to_region": "south", "to_area": "2380"}
    left |= {"confirmation_expected": True, "reason": "study", "subjects": [{"role": "mover", "person_id": person}]}
    posted = office.post(left)
    assert posted.status_code == 201, posted.text
    position = posted.json()["position"]
    last = f"{position['topic']}:{position['partition']}:{position['offset']}"
    return {"id": person, "mark": mark, "area": code, "last": last}


@pytest.fixture
def run(stack: Running, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DOMICILE_HOME", str(stack.home))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(make_app(), list(arguments))


def test_two_things_that_are_known_find_a_person(run: Run, leaver: dict[str, Any]) -> None:
    name, number = f"ample, élise {leaver['mark']}", f"passport=P{leaver['mark']}"
    shown = run("find", "north", "--name", name, "--born", "2003-05-17", "--wait-for", leaver["last"])
    assert shown.exit_code == 0, shown.output
    for words in (leaver["id"], f"Elise {leaver['mark']} Ample", "2003-05-17"):
        assert words in shown.output
    told = json.loads(run("find", "north", "--identifier", number, "--born", "2003", "--json").output)
    assert [each["person_id"] for each in told["found"]] == [leaver["id"]]


def test_who_is_not_found_has_an_exit_code_and_one_thing_is_too_little(run: Run, leaver: dict[str, Any]) -> None:
    nobody = run("find", "north", "--name", "Nobody Known", "--born", "1950-01-01")
    assert (nobody.exit_code, "Nobody whom you may see" in nobody.output) == (3, True)
    little = run("find", "north", "--name", "Elise Ample")
    assert (little.exit_code, "too-few-traits" in little.stderr) == (1, True)
    assert "KIND=VALUE" in run("find", "north", "--identifier", "P1", "--born", "1950").stderr
    assert "--case" in run("find", "north", "--name", "A B", "--born", "1950", "--token", "x").stderr


def test_what_waits_for_an_office_is_listed_and_turned_page_by_page(run: Run, leaver: dict[str, Any]) -> None:
    run("find", "north", "--name", "A B", "--born", "1950", "--wait-for", leaver["last"])
    shown = run("worklist", "north", "unconfirmed-departures", "--area", leaver["area"])
    assert shown.exit_code == 0, shown.output
    for words in (leaver["id"], "south", "2012-03-01", "1 shown"):
        assert words in shown.output
    everything = run("worklist", "north", "unconfirmed-departures", "--all", "--json")
    assert leaver["id"] in {item["person_id"] for item in json.loads(everything.output)["items"]}
    assert "nothing waits" in run("worklist", "north", "findings", "--area", leaver["area"]).output


def test_a_list_or_kind_that_there_is_not_is_refused_with_those_that_there_are(run: Run) -> None:
    assert "possible-duplicates" in run("worklist", "north", "duplicates").output
    assert "wrong-parameter" in run("worklist", "north", "findings", "--kind", "odd").stderr
