"""`domicile person`: a life course on a terminal, over HTTP, with a token like anybody."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.domicile import make_app
from deploy.local.stack import Region, Running
from services.projections.client.life import as_place
from tests.ingest.offices import Office, birth, new_id


@pytest.fixture(scope="module")
def child(stack: Running) -> tuple[Region, dict[str, Any]]:
    region = stack.regions["north"]
    registrar = Office(region, "registrar")
    for code in ("0980",):
        Office(region, "geographer").post(
            {"type": "AreaEstablished", "event_id": new_id(), "occurred_on": "1900-01-01"}
            | {"registered_at": "2000-01-01T00:00:00Z", "office": "map", "area": code, "name": code}
            | {"area_kind": "municipality", "level": 1}
        )
    civil = {"given_names": "Ex 44", "family_name": "Ample", "address": {"lines": ["Hill Road 9"]}}
    return region, registrar.post(birth(subjects=[{"role": "child", "civil": civil}])).json()


@pytest.fixture
def run(stack: Running, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DOMICILE_HOME", str(stack.home))
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments: CliRunner().invoke(make_app(), ["person", *arguments])


def arguments_of(posted: dict[str, Any]) -> list[str]:
    place = posted["position"]
    return [
        "north",
        posted["subjects"][0]["person_id"],
        "--wait-for",
        f"{place['topic']}:{place['partition']}:{place['offset']}",
    ]


def test_a_clerk_reads_a_life_course(run: Any, child: tuple[Region, dict[str, Any]]) -> None:
    _, posted = child
    shown = run(*arguments_of(posted))
    assert shown.exit_code == 0, shown.output
    for word in ("Ex 44 Ample", "Hill Road 9", "2003-05-17", "BirthRegistered", "child", "0980"):
        assert word in shown.output
    assert "INCOMPLETE" not in shown.output


def test_a_program_reads_json_as_known_at_a_time(run: Any, child: tuple[Region, dict[str, Any]]) -> None:
    _, posted = child
    shown = run(*arguments_of(posted), "--json", "--as-at", "2010-01-01", "--as-known-at", posted["recorded_at"])
    told = json.loads(shown.output)
    assert (told["as_at"], told["current"]["born_on"]) == ("2010-01-01", "2003-05-17")


def test_what_stands_in_the_way_is_said_in_a_sentence(run: Any, child: tuple[Region, dict[str, Any]]) -> None:
    region, _ = child
    assert "Nobody is found" in run("north", new_id()).output
    assert "no region 'nowhere'" in run("nowhere", new_id()).output
    mistyped = run("north", new_id(), "--role", "approvr")
    assert (mistyped.exit_code, "no such role: approvr" in mistyped.output) == (1, True)
    token = region.token("registrar")
    refused = run("north", new_id(), "--token", token)
    assert (refused.exit_code, "--case" in refused.output) == (1, True)
    assert run("north", new_id(), "--token", token, "--case", "2012/77").exit_code == 1


def test_places_are_told_in_words() -> None:
    places = [{"area": "0980"}, {"region": "jamtland", "region_area": "2380"}, {"country": "NO"}, {"country": "ZZ"}]
    told = [as_place(place) for place in (*places, {"unknown": True}, None)]
    assert told == ["0980", "region jamtland, 2380", "abroad, NO", "abroad", "nobody knows where", ""]
