"""Formats, pages, vintages, the map, and that whatever is asked has an answer."""

import csv
import io
import json
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import pyarrow.parquet as parquet  # type: ignore[import-untyped]
import pytest

from deploy.local.stack import Region
from services.kernel.contract.catalog import DEFAULT_FOLDER
from services.kernel.contract.lints import forbidden
from services.projections.statistics.indicators import CATALOGUE
from tests.ingest.offices import Office, area, refusal
from tests.projections.api.conftest import Desk, wait_for
from tests.projections.api.statistics.conftest import Island

BIRTHS = "/v1/indicators/births"


def series(island: Island, **more: Any) -> dict[str, Any]:
    """Births by year and sex, in the two parishes."""
    return {"area": [island.north, island.south], "from": "2003", "to": "2005", "every": "year", "by": "sex"} | more


def test_all_formats_say_the_same(island: Island, statistician: Desk) -> None:
    told = statistician.get(BIRTHS, **series(island)).json()["figures"]
    expected = [(f["place"], f["period"][:4], f["by"]["sex"], f["value"], f["numerator"]["value"]) for f in told]
    assert [(place[-1], *rest) for place, *rest in expected] == [
        ("N", "2003", "female", 12, 12),
        ("S", "2004", "male", 2, 2),
    ]
    text = statistician.get(BIRTHS, **series(island, format="csv"))
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert [
        (r["place"], r["period_start"][:4], r["by_sex"], float(r["value"]), float(r["numerator"])) for r in rows
    ] == expected
    file = statistician.get(BIRTHS, **series(island, format="parquet"))
    table = parquet.read_table(io.BytesIO(file.content))
    assert [
        (r["place"], str(r["period_start"])[:4], r["by_sex"], r["value"], r["numerator"]) for r in table.to_pylist()
    ] == expected
    assert json.loads(table.schema.metadata[b"domicile"])["indicator"]["id"] == "births"
    assert table.column_names == list(rows[0])
    assert {row["rule"] for row in rows} == {"none"}


def test_sdmx_json_numbers_its_dimensions_and_attributes(island: Island, statistician: Desk) -> None:
    answer = statistician.get(BIRTHS, **series(island, format="sdmx-json"))
    assert answer.headers["content-type"] == "application/vnd.sdmx.data+json;version=2.0.0"
    data = answer.json()["data"]
    (structure,), (data_set,) = data["structures"], data["dataSets"]
    dimensions = structure["dimensions"]["observation"]
    assert [each["id"] for each in dimensions] == ["REF_AREA", "TIME_PERIOD", "SEX", "AGE", "ORDER", "MONTH"]
    attributes = structure["attributes"]["observation"]
    found = {}
    for key, (value, *said) in data_set["observations"].items():
        numbers = [int(number) for number in key.split(":")]
        words = [each["values"][number]["id"] for each, number in zip(dimensions, numbers, strict=True)]
        meant = {
            each["id"]: each["values"][number]["id"]
            for each, number in zip(attributes, said, strict=True)
            if number is not None
        }
        found[words[0][-1], words[1], words[2]] = value
        assert (meant["OBS_STATUS"], meant["RULE"], meant["NUMERATOR"]) == ("A", "none", f"births={value}")
    assert found == {("N", "2003-01-01/2004-01-01", "female"): 12, ("S", "2004-01-01/2005-01-01", "male"): 2}
    assert refusal(statistician.get("/v1/population", format="sdmx-json"))[:2] == (400, "wrong-parameter")


def test_a_format_may_be_named_by_accept(island: Island, statistician: Desk) -> None:
    for accept, media in (("text/csv", "text/csv; charset=utf-8"), ("text/html, */*", "application/json")):
        answer = statistician.http.get("/v1/population", params={"area": island.code}, headers={"accept": accept})
        assert answer.headers["content-type"] == media


def test_pages_put_together_are_the_whole(island: Island, statistician: Desk) -> None:
    question = series(island, by="age", **{"from": "2003", "to": "2009", "every": "year"})
    whole = statistician.get("/v1/population", **question).json()
    assert whole["next"] is None
    rows, cursor = [], ...
    while cursor is not None:
        page = statistician.get("/v1/population", **question, limit=2, cursor=cursor).json()
        assert 0 < len(page["rows"]) <= 2
        rows += page["rows"]
        cursor, last = page["next"], cursor
    assert rows == whole["rows"]
    other = statistician.get("/v1/population", **question | {"by": "sex"}, cursor=last)
    assert refusal(other) == (400, "wrong-parameter", "?cursor")
    assert refusal(statistician.get("/v1/population", format="csv", limit=5))[:2] == (400, "wrong-parameter")


def test_a_figure_is_asked_for_as_it_was_known(island: Island, statistician: Desk) -> None:
    def births(**asked: str) -> tuple[str, int]:
        figure = statistician.get(BIRTHS, area=island.code, **{"from": "2003"}, **asked).json()["figures"][0]
        return figure["vintage"], figure["value"]

    assert births() == ("current", 12)
    assert births(as_known_at="2012-03-14") == ("2012-03-14T23:59:59.999Z", 0)
    assert births(as_known_at="2100-01-01")[1] == 12


def test_the_map_of_a_day_says_what_lies_where_and_since_when(
    island: Island, statistician: Desk, reading_region: Region
) -> None:
    geographer = Office(reading_region, "geographer")
    new = f"{island.code}-M"
    answer = geographer.post(area(new, island.code, occurred_on="2020-01-01"))
    assert answer.status_code == 201, answer.text
    told = statistician.get("/v1/areas", area=island.code, at="2019-12-31", **wait_for(answer)).json()
    assert [each["code"] for each in told["areas"]] == [island.code, island.north, island.south]
    later = statistician.get("/v1/areas", area=island.code, level=2, at="2020-01-01", limit=2).json()
    assert [each["code"] for each in later["areas"]] == [new, island.north]
    rest = statistician.get("/v1/areas", area=island.code, level=2, at="2020-01-01", cursor=later["next"]).json()
    assert [each["code"] for each in rest["areas"]] == [island.south]
    assert rest["next"] is None
    assert later["areas"][0] == {
        "code": new,
        "name": f"Area {new}",
        "name_local": None,
        "kind": later["areas"][0]["kind"],
        "level": 2,
        "parent": island.code,
        "valid_from": "2020-01-01",
        "valid_to": None,
        "predecessors": [{"code": None, "on": "2020-01-01", "kind": "new"}],
        "successors": [],
    }


def test_a_token_for_some_areas_asks_for_these(island: Island, open_desk: Callable[..., Desk]) -> None:
    local = open_desk("statistician", (island.north,), purpose=None)
    assert [row["place"] for row in local.get("/v1/population").json()["rows"]] == [island.north]
    assert refusal(local.get("/v1/population", area=island.south)) == (403, "area-not-yours", "?area")
    assert refusal(local.get("/v1/population", area="nowhere"))[:2] == (404, "unknown-area")
    assert refusal(local.get("/v1/flows", area=island.code)) == (403, "area-not-yours", "?area")
    rows = local.get("/v1/flows", **{"from": "1900", "to": "2100"}).json()["rows"]
    assert {(row["origin"], row["destination"]) for row in rows} == {(island.north, island.south)}


def test_an_analyst_sees_no_small_number_in_any_format(island: Island, analyst: Desk) -> None:
    question = {"area": [island.north, island.south], "at": "2010-12-31"}
    told = analyst.get("/v1/population", **question, by="sex").json()
    assert told["rule"] == "10-5/1"
    assert {row["people"] for row in told["rows"]} == {None}
    assert {row["reason"]["code"] for row in told["rows"]} == {"disclosure-control"}
    assert ",12," not in analyst.get("/v1/population", **question, format="csv").text
    flows = analyst.get("/v1/flows", area=island.code, **{"from": "2010"}).json()
    assert [row["moves"] for row in flows["rows"]] == [None]
    assert refusal(analyst.get("/v1/population", area=island.code, at="2010-12-30"))[:2] == (400, "wrong-parameter")


def test_nobody_who_reads_records_reads_figures_and_the_other_way_round(
    island: Island, open_desk: Callable[..., Desk], statistician: Desk
) -> None:
    for role in ("registrar", "approver", "auditor", "operator"):
        assert refusal(open_desk(role).get("/v1/population", area=island.code))[:2] == (403, "role-may-not")
        assert open_desk(role).get("/v1/areas", area=island.code).status_code == 200
    assert refusal(statistician.get(f"/v1/areas/{island.code}/residents:count"))[:2] == (403, "role-may-not")


def test_every_indicator_answers_for_everybody_and_none_has_a_value_without_its_parts(
    island: Island, statistician: Desk, analyst: Desk
) -> None:
    listed = {each["id"]: each for each in statistician.get("/v1/indicators").json()["indicators"]}
    assert listed.keys() == CATALOGUE.keys()
    for name, entry in listed.items():
        for desk in (statistician, analyst):
            by = ",".join(entry["by"][:2]) or ...
            answer = desk.get(f"/v1/indicators/{name}", area=[island.north, island.south], by=by, **{"from": "2003"})
            assert answer.status_code == 200, (name, answer.text)
            for figure in answer.json()["figures"]:
                assert (figure["value"] is None) == (figure["reason"] is not None)
                assert figure["value"] is None or figure["numerator"] is not None
                assert (figure["reason"] is None) or entry["computable"] or figure["reason"] == entry["reason"]


CHOICES: dict[str, list[Any]] = {
    "area": [..., ["0980"], ["0980-N", "2380"], ["nowhere"], [""], ["0980", "0980-N"]],
    "level": [..., "1", "2", "9", "-1", "x"],
    "from": [..., "2011", "2011-05", "2011-02-29", "1799", "2200", "2011-05-09", "x"],
    "to": [..., "2013", "2011", "2200-12-31", "2011-06"],
    "at": [..., ..., "2011-12-31", "2200-12-31", "1800-01-01", "31.12.2011"],
    "every": [..., "year", "month", "week"],
    "by": [..., "sex", "sex,age", "age", "month", "order", "elsewhere", "children", ",", "sex,sex"],
    "ages": [..., "single", "five", "0,15,65", "65,15", "0", "999"],
    "population": [..., "usual", "registered", "temporary", "inflow", "outflow", "all"],
    "map": [..., "event", "2012-01-01", "1800-01-01", "2200-12-31", "now"],
    "as_known_at": [..., "2012-03-14", "2012-03-14T09:30:00Z", "2200-12-31", "yesterday"],
    "basis": [..., "person-years", "mid-year-population", "mean"],
    "age_at": [..., "completed", "year-end"],
    "women_until": [..., "44", "45"],
    "edge_ages": [..., "folded"],
    "unstated_ages": [..., "pro-rated"],
    "legal_days": [..., "30", "x"],
    "format": [..., "json", "csv", "parquet", "sdmx-json", "xml"],
    "limit": [..., "1", "5000", "0", "x"],
    "cursor": [..., ..., "abc", "W10"],
}
PATHS = ["/v1/population", "/v1/flows", "/v1/areas", *(f"/v1/indicators/{name}" for name in CATALOGUE)]


@pytest.mark.parametrize("role", ["statistician", "analyst"])
def test_whatever_is_asked_has_an_answer_or_a_refusal_that_says_why(
    island: Island, open_desk: Callable[..., Desk], role: str
) -> None:
    chance, desk = Random(5), open_desk(role, purpose=None)
    good = 0
    for number in range(110):
        # A question with too much in it that is wrong is refused for the first of it: most have one or two.
        names = chance.sample(sorted(CHOICES), chance.choice((1, 2, 3, 5, 8)))
        asked = {name: chance.choice(CHOICES[name]) for name in names}
        answer = desk.get(PATHS[number % len(PATHS)], **asked)
        if answer.status_code == 200:
            good += 1
        else:
            assert answer.status_code in (400, 404), (asked, answer.text)
            refusal(answer)
    assert good > 20


def test_the_description_has_no_name_that_this_register_must_not_know(reading_region: Region) -> None:
    document = httpx.get(f"{reading_region.read}/openapi.json").json()
    names = [*forbidden.names_in_json(document, "/openapi.json")]
    assert len(names) > 500
    assert not forbidden.find_forbidden(names, forbidden.read_phrases(DEFAULT_FOLDER))
