"""One person's record: what it says, at which time, and to whom."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from deploy.local.stack import Region
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.projections.api.desk import NOBODY_S
from tests.ingest.corrections.drafts import correction, drafted
from tests.ingest.offices import Office, new_id, refusal
from tests.projections.api.conftest import CASE, Born, Desk, about

OpenDesk = Callable[..., Desk]
PostBirth = Callable[..., Born]


def test_what_was_just_posted_is_read(born: PostBirth, clerk: Desk) -> None:
    child = born()
    told = clerk.person(child.person_id, child.answer).json()
    assert told["current"]["born_on"] == "2003-05-17"
    assert told["current"]["usual"] == {"area": "0980"}
    assert told["particulars"]["civil"]["given_names"] == child.civil["given_names"]
    assert told["particulars"]["redacted"] == []
    assert [(entry["type"], entry["roles"]) for entry in told["timeline"]] == [("BirthRegistered", ["child"])]
    assert told["incomplete"] is False


def test_a_place_that_the_tables_have_not_reached_is_waited_for_and_no_longer(clerk: Desk, born: PostBirth) -> None:
    child = born()
    answer = clerk.person(child.person_id, wait_for="south.registration:0:999999999")
    assert refusal(answer) == (504, "not-applied-yet", "?wait_for")
    assert "south.registration:0:" in answer.json()["rule"]
    elsewhere = clerk.person(child.person_id, wait_for="nowhere.registration:0:0")
    assert refusal(elsewhere) == (400, "wrong-parameter", "?wait_for")
    assert refusal(clerk.person(child.person_id, wait_for="nonsense"))[:2] == (400, "wrong-parameter")


@pytest.fixture
def corrected(born: PostBirth, office: Office, reading_region: Region) -> tuple[Born, Any]:
    """A birth, and the answer to a correction of its day and its name."""
    child = born()
    post = correction(child.event, [child.person_id, child.mother_id or ""], occurred_on="2003-05-18")
    post["replacement"]["subjects"][0]["civil"] = {"given_names": "Corrected", "family_name": "Ample"}
    place = drafted(office, post)
    approved = Office(reading_region, "approver", purpose="quality-assurance").post(b"", f"{place}:approve")
    assert approved.status_code in (200, 201), approved.text
    return child, approved


def test_a_correction_restates_the_record_and_what_was_known_before_stays_known(
    corrected: tuple[Born, Any], clerk: Desk
) -> None:
    child, approved = corrected
    now = clerk.person(child.person_id, approved).json()
    assert now["current"]["born_on"] == "2003-05-18"
    assert now["particulars"]["civil"]["given_names"] == "Corrected"
    assert [entry["state"] for entry in now["timeline"]] == ["replaced", "in-force"]
    assert now["timeline"][0]["instead"]["occurred_on"] == "2003-05-18"
    before = clerk.person(child.person_id, as_known_at=child.answer.json()["recorded_at"]).json()
    assert before["current"]["born_on"] == "2003-05-17"
    assert before["particulars"]["civil"]["given_names"] == child.civil["given_names"]
    assert [entry["state"] for entry in before["timeline"]] == ["stands"]


def test_before_anything_was_known_there_is_nobody(born: PostBirth, clerk: Desk) -> None:
    child = born()
    assert refusal(clerk.person(child.person_id, child.answer, as_known_at="2001-01-01T00:00:00Z"))[0] == 404
    for wrong in ("yesterday", "2001-01-01T00:00:00", "0001-01-01T00:00:00Z", ""):
        assert refusal(clerk.person(child.person_id, as_known_at=wrong))[:2] == (400, "wrong-parameter")


def test_a_record_is_told_as_at_a_day(born: PostBirth, office: Office, clerk: Desk) -> None:
    child = born()
    move = about(child.person_id, "DeathRegistered", role="deceased", residence_area="0980", sex="female")
    died = office.post(move)
    assert died.status_code == 201, died.text
    then = clerk.person(child.person_id, died, as_at="2010-01-01").json()
    assert (then["current"]["vital"], then["current"]["died_on"]) == ("alive", None)
    assert [entry["type"] for entry in then["timeline"]] == ["BirthRegistered"]
    now = clerk.person(child.person_id).json()["current"]
    assert (now["vital"], now["died_on"], now["usual"]) == ("dead", "2012-03-14", None)


def test_purpose_and_case_are_asked_at_every_read(born: PostBirth, open_desk: OpenDesk) -> None:
    child = born()
    bare = open_desk("registrar", purpose=None)
    assert refusal(bare.person(child.person_id))[:2] == (400, "purpose-required")
    assert refusal(bare.person(child.person_id, purpose="curiosity"))[:2] == (400, "purpose-required")
    assert refusal(bare.person(child.person_id, purpose="statistics"))[:2] == (400, "purpose-required")
    assert refusal(bare.person(child.person_id, purpose="exchange", case=...))[:2] == (400, "case-required")
    assert refusal(bare.person(child.person_id, purpose="exchange", case="a name"))[:2] == (400, "case-required")
    assert refusal(open_desk("registrar").person(child.person_id, purpose="exchange"))[:2] == (403, "purpose-not-yours")
    assert bare.person(child.person_id, child.answer, purpose="exchange").status_code == 200


def test_somebody_outside_one_s_areas_looks_like_nobody(born: PostBirth, open_desk: OpenDesk) -> None:
    child = born(residence_area="0980-N", occurrence_area="0980-N")
    for areas in (("0980",), ("0980-N",), ("2380", "0980-N")):
        assert open_desk("registrar", areas).person(child.person_id, child.answer).status_code == 200
    for areas in (("2380",), ("0980-S",), ()):
        hidden = open_desk("registrar", areas).person(child.person_id).json()
        nobody = open_desk("registrar", areas).person(new_id()).json()
        assert hidden == nobody
        assert (hidden["status"], hidden["code"]) == (404, "unknown-person")


def test_a_protected_person_looks_like_nobody_to_ordinary_staff(
    born: PostBirth, office: Office, open_desk: OpenDesk, clerk: Desk
) -> None:
    child, marker = born(), new_id()
    fields = {"marker_id": marker, "withheld": ["address", "moves"]}
    protected = office.post(about(child.person_id, "ProtectionMarkerSet", **fields))
    assert protected.status_code == 201, protected.text
    assert clerk.person(child.person_id, protected).json() == clerk.person(new_id()).json()
    assert clerk.find(person_id=child.person_id, birth_on="2003-05-17").json()["found"] == []
    chief = open_desk("approver").person(child.person_id).json()
    assert chief["current"]["protected"] == ["address", "moves"]
    lifted = office.post(about(child.person_id, "ProtectionMarkerLifted", marker_id=marker, occurred_on="2013-01-01"))
    assert lifted.status_code == 201, lifted.text
    assert clerk.person(child.person_id, lifted).status_code == 200


def test_a_dispute_is_shown(born: PostBirth, office: Office, clerk: Desk) -> None:
    child = born()
    fields = {"dispute_id": new_id(), "path": "civil.family_name", "ground": "document-differs", "raised_by": "subject"}
    disputed = office.post(about(child.person_id, "FieldDisputed", **fields))
    assert disputed.status_code == 201, disputed.text
    told = clerk.person(child.person_id, disputed).json()
    assert told["current"]["disputed"] == ["civil.family_name"]
    assert told["history"]["disputes"][0]["ground"] == "document-differs"


def test_merged_records_are_one_person_under_either_id(born: PostBirth, office: Office, clerk: Desk) -> None:
    kept, other = born(), born(subjects=[{"role": "child", "civil": {"given_names": "Ex", "family_name": "Tra"}}])
    merge = about(kept.person_id, "PersonsMerged", role="kept", evidence="same-identifier")
    merge["subjects"].append({"role": "merged", "person_id": other.person_id})
    merged = office.post(merge)
    assert merged.status_code == 201, merged.text
    told = clerk.person(other.person_id, merged).json()
    assert (told["person_id"], told["asked_for"]) == (kept.person_id, other.person_id)
    assert told["also_known_as"] == [other.person_id]
    assert {entry["event_id"] for entry in told["timeline"]} >= {kept.event["event_id"], other.event["event_id"]}
    assert [finding["kind"] for finding in told["findings"]] == ["second-birth"]


@pytest.fixture
def parted(born: PostBirth, office: Office) -> tuple[Born, Born, Any, Any]:
    """Two records that were merged by mistake, and the answers to the merge and to its reversal."""
    kept, other = born(), born(subjects=[{"role": "child", "civil": {"given_names": "Ex", "family_name": "Tra"}}])
    answers: list[Any] = []
    for event_type in ("PersonsMerged", "MergeReversed"):
        more = {"merge_event_id": answers[0].json()["event_id"]} if answers else {}
        evidence = "different-identifiers" if answers else "same-identifier"
        event = about(kept.person_id, event_type, role="kept", evidence=evidence, **more)
        event["subjects"].append({"role": "merged", "person_id": other.person_id})
        answers.append(office.post(event))
        assert answers[-1].status_code == 201, answers[-1].text
    return kept, other, answers[0], answers[1]


def test_a_merge_that_was_reversed_is_still_known_and_a_look_at_it_is_one_at_both(
    parted: tuple[Born, Born, Any, Any], open_desk: OpenDesk
) -> None:
    kept, other, merged, reversed_merge = parted
    desk = open_desk("registrar")
    told = desk.person(kept.person_id, reversed_merge, as_known_at=merged.json()["recorded_at"]).json()
    assert told["also_known_as"] == [other.person_id]
    path, auditor = f"/v1/persons/{other.person_id}/readers", open_desk("auditor")
    for _ in range(100):
        readers = auditor.get(path, case=CASE).json()["readers"]
        if desk.sub in [each["actor"] for each in readers]:
            return
        time.sleep(0.05)
    raise AssertionError("the look is not among those of the other record")


def test_no_merge_of_the_past_shows_a_record_that_is_not_the_reader_s_to_see(
    parted: tuple[Born, Born, Any, Any], office: Office, clerk: Desk, open_desk: OpenDesk
) -> None:
    kept, other, merged, _ = parted
    marker = about(other.person_id, "ProtectionMarkerSet", marker_id=new_id(), withheld=["address"])
    protected = office.post(marker)
    then = merged.json()["recorded_at"]
    assert clerk.person(kept.person_id, protected).status_code == 200
    assert clerk.person(kept.person_id, as_known_at=then).json() == clerk.person(new_id()).json()
    assert open_desk("approver").person(kept.person_id, as_known_at=then).status_code == 200
    elsewhere = open_desk("registrar", ("2380",))
    assert elsewhere.person(kept.person_id, as_known_at=then).json() == clerk.person(new_id()).json()


def test_whoever_is_not_shown_is_denied_no_sooner_than_nobody(born: PostBirth, open_desk: OpenDesk) -> None:
    child, desk = born(), open_desk("registrar", ("2380",))
    for person_id in (child.person_id, new_id()):
        assert desk.person(person_id, child.answer).elapsed.total_seconds() > 0.9 * NOBODY_S
        assert desk.find(person_id=person_id, birth_on="2003-05-17").elapsed.total_seconds() > 0.9 * NOBODY_S


async def test_what_was_erased_is_redacted_and_everything_else_stays(
    born: PostBirth, office: Office, clerk: Desk, reading_region: Region
) -> None:
    child = born()
    region_key = RegionKey.read(Path(reading_region.settings["DOMICILE_REGION_KEY_FILE"]))
    person = UUID(child.person_id).bytes
    name = f"{child.civil['given_names']} {child.civil['family_name']}"
    found = clerk.find(child.answer, full_name=name, birth_on="2003-05-17").json()["found"]
    assert [each["person_id"] for each in found] == [child.person_id]
    connection = await asyncpg.connect(reading_region.database)
    assert await DataKeys(region_key).dangerous_destroy(connection, person, ["civil"]) == 1
    assert clerk.person(child.person_id).json()["particulars"] == {
        "civil": None,
        "contact": None,
        "redacted": ["civil"],
    }
    keys = [str(region_key.key_id(person, "civil"))]
    fields = {"compartments": ["civil"], "destroyed_key_ids": keys, "reason": "person-asked", "source": "system"}
    erased = Office(reading_region, "system").post(about(child.person_id, "SubjectErased", **fields))
    assert erased.status_code == 201, erased.text
    told = clerk.person(child.person_id, erased).json()
    assert told["particulars"]["redacted"] == ["civil"]
    assert told["current"]["born_on"] == "2003-05-17"
    assert [entry["type"] for entry in told["timeline"]] == ["BirthRegistered", "SubjectErased"]
    assert clerk.find(erased, full_name=name, birth_on="2003-05-17").json()["found"] == []
    count = "SELECT count(*) FROM lookup.entry WHERE person_id = $1"
    assert await connection.fetchval(count, UUID(child.person_id)) == 0
    await connection.close()


async def test_a_person_of_whom_something_is_set_aside_is_incomplete(
    born: PostBirth, clerk: Desk, open_desk: OpenDesk, reading_region: Region
) -> None:
    child = born(residence_area="0980-W")
    clerk.person(child.person_id, child.answer)
    connection = await asyncpg.connect(reading_region.database)
    place = ("register", "south.registration", 3, int.from_bytes(UUID(child.person_id).bytes[:5], "big"))
    await connection.execute(
        'INSERT INTO projection.set_aside (projection, topic, partition, "offset", reason, subjects, recorded_at)'
        " VALUES ($1, $2, $3, $4, 'bad-avro', $5, now())",
        *place,
        [child.person_id],
    )
    told = clerk.person(child.person_id).json()
    assert told["incomplete"] is True
    assert [(each["reason"], each["offset"]) for each in told["set_aside"]] == [("bad-avro", place[3])]
    mine = open_desk("registrar", ("0980-W",), "quality-assurance").get("/v1/worklists/set-aside").json()["items"]
    assert [child.person_id] in [item["subjects"] for item in mine]
    others = open_desk("registrar", ("2380",), "quality-assurance").get("/v1/worklists/set-aside").json()["items"]
    assert [child.person_id] not in [item["subjects"] for item in others]
    await connection.execute("DELETE FROM projection.set_aside WHERE subjects = $1", [child.person_id])
    await connection.close()
    assert clerk.person(child.person_id).json()["incomplete"] is False


def test_a_service_worker_sees_services_and_nothing_of_the_register(
    born: PostBirth, open_desk: OpenDesk, reading_region: Region, clerk: Desk
) -> None:
    child = born()
    worker = Office(reading_region, "service-worker", purpose="voluntary-service")
    fields = {"offer_id": new_id(), "service_code": "vaccination", "channel": "letter", "sex": "female"}
    fields |= {"age_group": "5-9", "registration_status": "registered-here", "residence_area": "0980"}
    subject = {"service": {"called_name": "Exie"}}
    offered = worker.post(about(child.person_id, "ServiceOffered", subject=subject, **fields))
    assert offered.status_code == 201, offered.text
    told = open_desk("service-worker").person(child.person_id, offered).json()
    assert "current" not in told
    assert "particulars" not in told
    assert [item["kind"] for item in told["services"]["items"]] == ["offer"]
    assert told["services"]["particulars"]["called_name"] == "Exie"
    assert "services" not in clerk.person(child.person_id).json()
    pseudonym = offered.json()["subjects"][0]["person_id"]
    assert pseudonym != child.person_id
    for desk in (clerk, open_desk("service-worker")):
        assert refusal(desk.person(pseudonym)) == refusal(desk.person(new_id()))
    assert refusal(open_desk("service-worker").person(child.person_id, include="current"))[1] == "wrong-parameter"
    assert refusal(open_desk("service-worker", purpose=None).person(child.person_id, purpose="exchange"))[0] == 400


def test_an_auditor_sees_no_particulars(born: PostBirth, open_desk: OpenDesk) -> None:
    child = born()
    auditor = open_desk("auditor")
    answer = auditor.person(child.person_id, child.answer)
    assert answer.json().keys() >= {"current", "history", "timeline", "findings"}
    assert "particulars" not in answer.json()
    assert child.civil["given_names"] not in answer.text
    assert refusal(auditor.person(child.person_id, include="particulars"))[1] == "wrong-parameter"
    assert auditor.person(child.person_id, include="current").json().keys() >= {"current"}


def test_times_are_told_in_utc_with_their_zone(born: PostBirth, clerk: Desk) -> None:
    child = born()
    entry = clerk.person(child.person_id, child.answer).json()["timeline"][0]
    assert datetime.fromisoformat(entry["recorded_at"]).tzinfo is not None
    assert entry["registered_at"] == "2003-05-20T07:30:00.000Z"
    assert CASE not in entry.values()
