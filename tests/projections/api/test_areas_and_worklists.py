"""Counts of an area, and what waits for its office."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from deploy.local.stack import Region
from tests.ingest.offices import Office, area, new_id, refusal
from tests.projections.api.conftest import Born, Desk, about, wait_for

OpenDesk = Callable[..., Desk]
PostBirth = Callable[..., Born]


@pytest.fixture(scope="module")
def island(reading_region: Region) -> str:
    """An area of its own, with a village in it."""
    code = f"I{uuid4().hex[:8]}"
    geographer = Office(reading_region, "geographer")
    assert geographer.post(area(code)).status_code == 201
    assert geographer.post(area(f"{code}-V", code)).status_code == 201
    return code


def in_area(code: str) -> dict[str, Any]:
    return {"residence_area": code, "occurrence_area": code, "office": f"{code.split('-')[0]}-1"}


def test_residents_are_counted_with_all_that_lies_under_an_area(
    island: str, born: PostBirth, open_desk: OpenDesk
) -> None:
    subject = [{"role": "child", "civil": {"given_names": "Ex", "family_name": "Ample"}}]
    lives = ((island, "male"), (f"{island}-V", "female"))
    people = [born(**in_area(code), sex=sex, subjects=subject) for code, sex in lives]
    clerk = open_desk("registrar", (island,))
    for person in people:
        clerk.person(person.person_id, person.answer)
    path = f"/v1/areas/{island}/residents:count"
    told = clerk.get(path, at="2012-12-31", by="sex,age", **wait_for(people[-1].answer)).json()
    assert (told["total"], told["areas"], told["at"]) == (2, 2, "2012-12-31")
    assert told["counts"] == [{"sex": sex, "age": 9, "residents": 1} for sex in ("female", "male")]
    assert clerk.get(path, at="2003-05-16").json()["total"] == 0
    assert clerk.get(path, at="2003-05-17").json()["total"] == 2
    assert clerk.get(path, at="2012-05-16", by="age").json()["counts"] == [{"age": 8, "residents": 2}]
    assert clerk.get(path, track="registered").json()["total"] == 2
    assert clerk.get(f"/v1/areas/{island}-V/residents:count").json()["total"] == 1


def test_a_count_is_for_the_office_in_charge_and_by_nothing_else(island: str, open_desk: OpenDesk) -> None:
    path = f"/v1/areas/{island}/residents:count"
    assert refusal(open_desk("registrar", ("2380",)).get(path)) == (403, "area-not-yours", "")
    clerk = open_desk("registrar")
    assert refusal(clerk.get("/v1/areas/nowhere/residents:count"))[:2] == (404, "unknown-area")
    for by in ("civil_status", "sex,civil_status", "children", "sex,sex", ","):
        assert refusal(clerk.get(path, by=by))[:2] == (400, "wrong-parameter")
    assert refusal(clerk.get(path, at="31.12.2012"))[:2] == (400, "wrong-parameter")


@pytest.fixture
def waiting(island: str, born: PostBirth, office: Office, clerk: Desk) -> list[str]:
    """Seven people who left and whose destination has not confirmed it."""
    gone = []
    for number in range(7):
        child = born(**in_area(island))
        fields = {"residence_area": island, "from_area": island, "sex": "female", "birth_on": "2003-05-17"}
        fields |= {"to_kind": "region", "to_region": "north", "to_area": "0980", "confirmation_expected": True}
        fields |= {"reason": "study", "office": f"{island}-1", "occurred_on": f"2012-03-{number + 1:02}"}
        answer = office.post(about(child.person_id, "DepartureRegistered", role="mover", **fields))
        assert answer.status_code == 201, answer.text
        clerk.person(child.person_id, answer)
        gone.append(child.person_id)
    return gone


def test_a_worklist_is_read_page_by_page(island: str, waiting: list[str], open_desk: OpenDesk) -> None:
    clerk, path = open_desk("registrar", (island,)), "/v1/worklists/unconfirmed-departures"
    pages, cursor = [], None
    while True:
        told = clerk.get(path, limit=3, **({"cursor": cursor} if cursor else {})).json()
        pages.append([item["person_id"] for item in told["items"]])
        cursor = told["next"]
        if cursor is None:
            break
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [person for page in pages for person in page] == waiting
    assert told["items"][0]["to_region"] == "north"
    assert open_desk("registrar", ("2380",)).get(path).json() == {"items": [], "next": None}
    assert clerk.get(path, area=f"{island}-V").json()["items"] == []
    assert refusal(clerk.get(path, area="2380"))[:2] == (403, "area-not-yours")
    assert refusal(clerk.get(path, cursor="bm9uZQ"))[:2] == (400, "wrong-parameter")
    other = open_desk("registrar", (island,)).get("/v1/worklists/findings", cursor=cursor or "WyJhIl0")
    assert refusal(other)[:2] == (400, "wrong-parameter")


def test_a_kind_that_there_is_not_is_no_empty_list(open_desk: OpenDesk) -> None:
    desk = open_desk("registrar", purpose="quality-assurance")
    for name in ("findings", "possible-duplicates"):
        answer = desk.get(f"/v1/worklists/{name}", kind="second-berth")
        assert refusal(answer) == (400, "wrong-parameter", "?kind")


def test_a_zero_character_in_a_parameter_is_refused(open_desk: OpenDesk) -> None:
    desk, operator = open_desk("registrar"), open_desk("operator", purpose=None)
    assert refusal(desk.get("/v1/worklists/set-aside", kind="\0")) == (400, "wrong-parameter", "?kind")
    assert refusal(desk.person(new_id(), wait_for="a\0:0:0"))[:2] == (400, "wrong-parameter")
    assert refusal(operator.get("/v1/set-aside", after="\0:a:1:1"))[:2] == (400, "wrong-parameter")
    assert refusal(operator.get("/v1/set-aside/%00/a/1/1"))[:2] == (404, "unknown-set-aside")


def test_findings_are_listed_by_area_and_kind(
    island: str, born: PostBirth, office: Office, clerk: Desk, open_desk: OpenDesk
) -> None:
    child = born(**in_area(island))
    death = {"role": "deceased", "residence_area": island, "sex": "female", "office": f"{island}-1"}
    for day in ("2010-01-01", "2011-01-01"):
        answer = office.post(about(child.person_id, "DeathRegistered", occurred_on=day, **death))
        assert answer.status_code == 201, answer.text
    clerk.person(child.person_id, answer)
    desk = open_desk("registrar", (island,), "quality-assurance")
    (item,) = desk.get("/v1/worklists/findings", kind="second-death").json()["items"]
    assert (item["person_id"], item["on"], item["area"]) == (child.person_id, "2011-01-01", island)
    assert desk.get("/v1/worklists/findings", kind="second-birth").json()["items"] == []
    elsewhere = open_desk("registrar", ("2380",), "quality-assurance").get("/v1/worklists/findings").json()["items"]
    assert child.person_id not in [each["person_id"] for each in elsewhere]


async def test_what_is_the_matter_with_services_is_on_no_worklist_of_the_register(
    island: str, open_desk: OpenDesk, reading_region: Region
) -> None:
    connection = await asyncpg.connect(reading_region.database)
    topics = {uuid4(): "south.service", uuid4(): "south.registration"}
    for event_id, topic in topics.items():
        await connection.execute(
            "INSERT INTO register.event SELECT $1, NULL, 1, 1, 0, false, $2, '\\x00'::bytea", event_id, topic
        )
        await connection.execute(
            "INSERT INTO register.finding (person_id, kind, event_id, day, area, office)"
            " VALUES ($1, 'target-missing', $1, 15000, $2, $2)",
            event_id,
            island,
        )
    desk = open_desk("registrar", (island,), "quality-assurance")
    items = desk.get("/v1/worklists/findings", kind="target-missing").json()["items"]
    assert [topics[UUID(item["event_id"])] for item in items] == ["south.registration"]
    for table in ("finding", "event"):
        await connection.execute(f"DELETE FROM register.{table} WHERE event_id = ANY ($1)", list(topics))
    await connection.close()


def test_records_that_may_be_of_one_person_are_offered_and_never_merged(
    island: str, born: PostBirth, office: Office, open_desk: OpenDesk, clerk: Desk
) -> None:
    civil = {"given_names": f"Twice {uuid4().hex}", "family_name": "Ample"}
    pair = [born(**in_area(island), subjects=[{"role": "child", "civil": civil}]) for _ in range(2)]
    question = {"full_name": f"Ample {civil['given_names']}", "birth_on": "2003-05-17"}
    for one in pair:
        assert clerk.find(one.answer, **question).json()["found"]
    desk, path = open_desk("registrar", (island,), "quality-assurance"), "/v1/worklists/possible-duplicates"
    items = desk.get(path).json()["items"]
    ids = sorted(one.person_id for one in pair)
    assert [item["rule"] for item in items if [item["person_id"], item["other_id"]] == ids] == ["name-and-birth-date"]
    merge = about(ids[0], "PersonsMerged", role="kept", evidence="same-identifier", office=f"{island}-1")
    merge["subjects"].append({"role": "merged", "person_id": ids[1]})
    answer = office.post(merge)
    assert answer.status_code == 201, answer.text
    clerk.person(ids[0], answer)
    assert ids not in [[item["person_id"], item["other_id"]] for item in desk.get(path).json()["items"]]


def test_a_worklist_asks_for_a_purpose_and_no_case(open_desk: OpenDesk) -> None:
    desk = open_desk("registrar", purpose=None)
    assert refusal(desk.get("/v1/worklists/findings"))[:2] == (400, "purpose-required")
    assert desk.get("/v1/worklists/findings", purpose="quality-assurance").status_code == 200
    assert refusal(desk.get("/v1/worklists/findings", purpose="exchange", limit=0))[:2] == (400, "wrong-parameter")
