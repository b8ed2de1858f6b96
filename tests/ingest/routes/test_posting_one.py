"""POST /v1/events: one event, acknowledged when it is on the log."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Consumer, TopicPartition

from deploy.local.stack import Running
from tests.ingest.offices import Office, birth, new_id, refusal

OpenOffice = Callable[..., Office]


def test_a_recorded_event_is_answered_with_who_and_where(registrar: Office) -> None:
    event = birth()
    answer = registrar.post(event)
    told = answer.json()
    assert (answer.status_code, told["outcome"], told["event_id"]) == (201, "recorded", event["event_id"])
    assert [subject["role"] for subject in told["subjects"]] == ["child", "mother"]
    assert told["position"]["topic"] == "north.registration"
    assert told["recorded_at"].endswith("Z")


def test_what_was_acknowledged_stands_on_the_log_with_the_trace_it_came_with(stack: Running, registrar: Office) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    answer = registrar.post(birth(), headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})
    position = answer.json()["position"]
    consumer = Consumer({"bootstrap.servers": stack.kafka, "group.id": new_id(), "enable.auto.commit": False})
    try:
        consumer.assign([TopicPartition(position["topic"], position["partition"], position["offset"])])
        message = consumer.poll(10)
    finally:
        consumer.close()
    assert message is not None
    headers = dict(message.headers() or [])
    assert trace_id.encode() in headers["traceparent"]


def test_the_same_again_gets_the_same_answer(registrar: Office) -> None:
    event = birth()
    first, second = registrar.post(event), registrar.post(event)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["outcome"] == "repeated"
    assert {**first.json(), "outcome": ""} == {**second.json(), "outcome": ""}


def test_the_same_id_for_another_content_is_a_conflict(registrar: Office) -> None:
    event = birth()
    registrar.post(event)
    assert refusal(registrar.post(event | {"sex": "male"})) == (409, "event-id-taken", "/event_id")


def test_many_who_send_the_same_at_once_get_one_effect(registrar: Office) -> None:
    event = birth()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: registrar.post(event), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert len({(a.json()["position"]["partition"], a.json()["position"]["offset"]) for a in answers}) == 1


def test_a_dry_run_checks_everything_and_appends_nothing(registrar: Office) -> None:
    event = birth()
    checked = registrar.post(event, "/v1/events?dry_run=true")
    assert (checked.status_code, checked.json()["outcome"], checked.json()["position"]) == (200, "checked", None)
    assert refusal(registrar.post(event | {"sexx": 1}, "/v1/events?dry_run=true")) == (422, "unknown-field", "/sexx")
    assert registrar.post(event).status_code == 201


@pytest.mark.parametrize(
    ("query", "path"),
    [("?dryrun=true", ""), ("?dry_run=yes", "?dry_run"), ("?dry_run=true&dry_run=false", ""), ("?source=import", "")],
)
def test_a_misspelt_dry_run_does_not_append(registrar: Office, query: str, path: str) -> None:
    event = birth()
    assert refusal(registrar.post(event, f"/v1/events{query}")) == (400, "wrong-parameter", path)
    assert registrar.post(event).json()["outcome"] == "recorded"


def test_an_office_posts_for_its_own_areas_only(open_office: OpenOffice) -> None:
    office = open_office("registrar", ["0980-N"])
    assert refusal(office.post(birth()))[:2] == (403, "area-not-yours")
    assert office.post(birth(residence_area="0980-N", office="0980-N-1")).status_code == 201
    assert refusal(office.post(birth(residence_area="0980-N", office="0980-1")))[:3] == (
        403,
        "area-not-yours",
        "/office",
    )


@pytest.mark.parametrize("name", ["19800101-1234", "Zebra-Anna-19800101", "0980-19800101", "0980-", "1"])
def test_an_office_is_named_after_an_area_and_never_after_a_person(registrar: Office, name: str) -> None:
    assert refusal(registrar.post(birth(office=name)))[0] == 422


def test_a_role_posts_its_own_types_only(open_office: OpenOffice) -> None:
    assert refusal(open_office("geographer").post(birth())) == (403, "not-yours-to-post", "/type")
    assert refusal(open_office("auditor").post(birth())) == (403, "role-may-not", "")


def test_what_contradicts_the_record_is_recorded_all_the_same(registrar: Office) -> None:
    mother = registrar.post(birth()).json()["subjects"][1]["person_id"]
    event = birth(occurred_on="1980-01-01", mother_birth_on="1975-02-03")
    event["subjects"][1] = {"role": "mother", "person_id": mother}
    assert registrar.post(event).status_code == 201
