"""Who reads the particulars in a draft says what for, and stands on the log before the answer is given."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from deploy.local.stack import Running
from services.ingest.corrections.draft import PENDING, Draft
from services.ingest.corrections.reading import describe_reading
from services.kernel.identity.caller import Caller
from tests.ingest.corrections.drafts import annulment, correction, drafted, recorded
from tests.ingest.offices import SCHEMAS, Office, birth, new_id, refusal
from tests.on_the_log import Logged, read_log

OpenOffice = Callable[..., Office]
NOW = datetime(2020, 5, 1, 10, 30, tzinfo=UTC)


def readings(stack: Running, reader: str) -> list[Logged]:
    found = read_log(stack.kafka, "north", ["audit"], holding=reader.encode())
    return [logged for logged in found if logged.record["actor"] == reader]


def people_of(reading: Logged) -> set[str]:
    return {str(UUID(bytes=subject["person_id"])) for subject in reading.record["subjects"]}


def reader(*roles: str, sub: str = "reader", purpose: str | None = None) -> Caller:
    return Caller(sub, frozenset(roles), ("*",), purpose, "north")


def draft_about(count: int, post: dict[str, Any]) -> Draft:
    people = tuple(("north", uuid4()) for _ in range(count))
    content = msgspec.json.encode(post)
    return Draft(uuid4(), "EventCorrected", ("0980",), reader("registrar"), NOW, PENDING, post=content, people=people)


def test_a_look_at_a_draft_is_on_the_log_of_everybody_whom_it_names(
    stack: Running, registrar: Office, open_office: OpenOffice
) -> None:
    event, people = recorded(registrar)
    draft = correction(event, people, occurred_on="2003-05-18") | {"case_reference": "2012/0980/7"}
    place = drafted(registrar, draft)
    somebody = f"approver-{new_id()}"
    office = open_office("approver", sub=somebody, purpose="quality-assurance")
    assert office.get(place).json()["post"] == draft
    (reading,) = readings(stack, somebody)
    assert (reading.type, people_of(reading)) == ("PersonRead", set(people))
    told = reading.record
    assert (told["reader_role"], told["purpose"]) == ("approver", "quality-assurance")
    assert (told["case_reference"], told["route"]) == ("2012/0980/7", "GET /v1/corrections/{draft_id}")
    assert (told["source"], told["compartments"]) == ("system", ["civil"])
    assert {"replacement.occurred_on", "replacement.subjects.civil.given_names"} <= set(told["fields"])
    office.get(place)
    assert len(readings(stack, somebody)) == 2


def test_somebody_whom_only_the_replacement_names_learns_of_it_too(
    stack: Running, registrar: Office, open_office: OpenOffice
) -> None:
    known = birth()
    other = registrar.post(known).json()["subjects"][1]["person_id"]
    event, people = recorded(registrar)
    draft = correction(event, people)
    # By her identifier, not by her id.
    draft["replacement"]["subjects"][1] = {"role": "mother", "civil": known["subjects"][1]["civil"]}
    somebody = f"approver-{new_id()}"
    open_office("approver", sub=somebody, purpose="quality-assurance").get(drafted(registrar, draft))
    (reading,) = readings(stack, somebody)
    assert people_of(reading) == {*people, other}


def test_without_a_purpose_nothing_is_shown(stack: Running, registrar: Office, open_office: OpenOffice) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    somebody = f"approver-{new_id()}"
    office = open_office("approver", sub=somebody)
    assert refusal(office.get(place)) == (400, "purpose-required", "?purpose")
    assert refusal(office.get(f"{place}?purpose=curiosity")) == (400, "purpose-required", "?purpose")
    assert refusal(office.get(f"{place}?purpos=supervision"))[:2] == (400, "wrong-parameter")
    assert readings(stack, somebody) == []
    assert office.get(f"{place}?purpose=supervision").json()["post"]
    assert readings(stack, somebody)[0].record["purpose"] == "supervision"


def test_a_token_s_purpose_is_not_exchanged_for_another(registrar: Office, open_office: OpenOffice) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    office = open_office("approver", purpose="quality-assurance")
    assert refusal(office.get(f"{place}?purpose=supervision")) == (403, "purpose-not-yours", "?purpose")
    assert office.get(f"{place}?purpose=quality-assurance").status_code == 200


def test_a_draft_that_is_not_there_for_the_caller_asks_for_no_purpose(
    registrar: Office, open_office: OpenOffice
) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    elsewhere = open_office("approver", ["2380"], sub="approver-elsewhere")
    assert refusal(elsewhere.get(place)) == refusal(elsewhere.get(f"/v1/corrections/{new_id()}"))


def test_what_shows_no_particulars_is_no_reading(stack: Running, registrar: Office, open_office: OpenOffice) -> None:
    place = drafted(registrar, annulment(recorded(registrar)[0]))
    somebody = f"approver-{new_id()}"
    office = open_office("approver", sub=somebody)
    listed = next(each for each in office.get("/v1/corrections").json()["drafts"] if each["draft_id"] in place)
    assert "post" not in listed
    registrar.post(b"", f"{place}:withdraw")
    assert office.get(place).json()["post"] is None
    assert readings(stack, somebody) == []


def test_a_service_s_draft_is_told_of_the_pseudonym_never_of_the_person(
    stack: Running, registrar: Office, open_office: OpenOffice
) -> None:
    """And a registrar, who keeps the register, sees no draft about a service."""
    person = recorded(registrar)[1][0]
    example = json.loads((SCHEMAS / "service" / "ServiceOffered" / "examples" / "vaccination.json").read_text())
    offered = example | {"event_id": new_id(), "subjects": [{"role": "person", "person_id": person}]}
    answer = open_office("service-worker").post(offered)
    assert answer.status_code == 201, answer.text
    pseudonym = answer.json()["subjects"][0]["person_id"]
    draft = annulment(offered, type="EventCorrected", reason="wrong-date", replacement=offered)
    worker = open_office("service-worker", purpose="voluntary-service")
    place = drafted(worker, draft)
    assert refusal(registrar.get(place))[:2] == (404, "unknown-draft")
    assert worker.get(place).json()["post"] == draft
    somebody = f"approver-{new_id()}"
    open_office("approver", sub=somebody, purpose="quality-assurance").get(place)
    (reading,) = readings(stack, somebody)
    assert people_of(reading) == {pseudonym}
    assert UUID(person).bytes not in reading.value


def test_the_fields_are_names_without_values() -> None:
    post = {"type": "X", "replacement": {"subjects": [{"civil": {"family_name": "Ample"}}, {"civil": {"note": None}}]}}
    reading = describe_reading(draft_about(1, post), reader("approver"), "x", "GET /x")
    assert reading is not None
    assert reading.fields == ("replacement.subjects.civil.family_name", "type")
    assert describe_reading(replace(draft_about(1, post), post=None), reader("approver"), "x", "GET /x") is None


def test_an_author_reads_as_what_they_are() -> None:
    draft = replace(draft_about(1, {}), author=reader("registrar", "approver", sub="both"))

    def role(caller: Caller) -> str:
        reading = describe_reading(draft, caller, "x", "GET /x")
        return reading.role if reading else ""

    assert role(reader("registrar", "approver", sub="both")) == "registrar"
    assert role(reader("registrar", "approver", sub="other")) == "approver"
    assert role(reader("registrar", sub="other")) == "registrar"
    draft = replace(draft, author=reader("service-worker"))
    assert role(reader("registrar", "service-worker", sub="other")) == "service-worker"
    assert role(reader("registrar", "approver", sub="other")) == "approver"
