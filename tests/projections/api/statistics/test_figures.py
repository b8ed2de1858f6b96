"""Figures over HTTP, as the statistical office reads them: exactly."""

from tests.ingest.offices import refusal
from tests.projections.api.conftest import Desk
from tests.projections.api.statistics.conftest import Island

HEAD = {"map", "vintage", "answered_at", "rule", "set_aside", "next"}


def test_a_figure_comes_with_everything_that_it_is_made_of(island: Island, statistician: Desk) -> None:
    answer = statistician.get("/v1/indicators/crude-birth-rate", area=island.code, **{"from": "2003"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.keys() == {"indicator", "figures"} | HEAD
    (figure,) = told["figures"]
    assert figure["place"] == island.code
    assert figure["place_name"] == f"Area {island.code}"
    assert figure["definition"] == "crude-birth-rate/1"
    assert figure["period"] == "2003-01-01/2004-01-01"
    assert (figure["numerator"]["value"], figure["numerator"]["unit"]) == (12, "events")
    assert figure["denominator"]["unit"] == "person-years"
    assert figure["value"] == 12000 / figure["denominator"]["value"]
    assert len(figure["checks"]) == 6
    assert (figure["map"], figure["vintage"], figure["rule"]) == ("event", "current", "none")


def test_a_series_has_one_figure_for_each_year(island: Island, statistician: Desk) -> None:
    told = statistician.get(
        "/v1/indicators/births", area=island.code, every="year", **{"from": "2002", "to": "2006"}
    ).json()
    (before, *rest) = [(figure["period"][:4], figure["value"]) for figure in told["figures"]]
    # None where no other test has registered anybody in the region who lived there then.
    assert before in (("2002", 0), ("2002", None))
    assert rest == [
        ("2003", 12),
        ("2004", 2),
        ("2005", 0),
    ]


def test_people_are_told_by_sex_and_age_where_they_live_on_the_day(island: Island, statistician: Desk) -> None:
    def people(**asked: str) -> dict[tuple[str, ...], int]:
        answer = statistician.get("/v1/population", area=[island.north, island.south], **asked)
        assert answer.status_code == 200, answer.text
        rows = answer.json()["rows"]
        return {(row["place"], row.get("sex", ""), row.get("age", "")): row["people"] for row in rows}

    before, after = people(at="2009-12-31"), people(at="2010-12-31", by="sex,age")
    assert before == {(island.north, "", ""): 12, (island.south, "", ""): 2}
    assert after == {
        (island.north, "female", "7"): 9,
        (island.south, "female", "7"): 3,
        (island.south, "male", "6"): 2,
    }
    assert people(at="2010-12-31", by="age", ages="5,7")[island.south, "", "5-6"] == 2


def test_moves_are_told_by_origin_and_destination(island: Island, statistician: Desk) -> None:
    def flows(**asked: str) -> list[tuple[str, str, str, int]]:
        answer = statistician.get("/v1/flows", **{"from": "2010"}, **asked)
        assert answer.status_code == 200, answer.text
        return [(row["origin"], row["destination"], row["kind"], row["moves"]) for row in answer.json()["rows"]]

    assert flows(area=island.north) == [(island.north, island.south, "internal", 3)]
    assert flows(area=island.code, level="1") == [(island.code, island.code, "internal", 3)]
    row = statistician.get("/v1/flows", area=island.south, by="sex,age", **{"from": "2010-06"}).json()["rows"][0]
    assert (row["sex"], row["age"], row["moves"], row["period"]) == ("female", "7", 3, "2010-06-01/2010-07-01")


def test_wrong_names_suggest_the_right_ones(island: Island, statistician: Desk) -> None:
    def rule(path: str, **asked: str) -> str:
        answer = statistician.get(path, **asked)
        refusal(answer)
        return str(answer.json()["rule"])

    assert "Did you mean crude-birth-rate?" in rule("/v1/indicators/crude-brith-rate")
    assert f"Did you mean {island.code}?" in rule("/v1/population", area=f"{island.code}0")
    assert "Did you mean area?" in rule("/v1/population", aera=island.code)
    assert "Did you mean registered?" in rule("/v1/population", population="registerd")
    assert "by sex" in rule("/v1/indicators/crude-death-rate", by="order", area=island.code)
