"""Who reads somebody stands on the log before the answer is given, and the person can see it."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from deploy.local.stack import Running
from tests.ingest.offices import refusal
from tests.on_the_log import Logged, read_log
from tests.projections.api.conftest import CASE, Born, Desk

PostBirth = Callable[..., Born]
OpenDesk = Callable[..., Desk]


def readings(stack: Running, desk: Desk) -> list[Logged]:
    found = read_log(stack.kafka, "south", ["audit"], holding=desk.sub.encode())
    return [logged for logged in found if logged.record["actor"] == desk.sub]


def people_of(reading: Logged) -> set[str]:
    return {str(UUID(bytes=subject["person_id"])) for subject in reading.record["subjects"]}


def test_a_look_is_on_the_log_with_everything_that_was_shown(
    stack: Running, born: PostBirth, open_desk: OpenDesk
) -> None:
    child, desk = born(), open_desk("registrar")
    assert desk.person(child.person_id, child.answer).status_code == 200
    (reading,) = readings(stack, desk)
    told = reading.record
    assert (reading.type, people_of(reading)) == ("PersonRead", {child.person_id})
    assert (told["reader_role"], told["purpose"], told["outcome"]) == ("registrar", "civil-registration", "shown")
    assert (told["case_reference"], told["route"]) == (CASE, "GET /v1/persons/{id}")
    assert (told["office"], told["compartments"]) == ("projections", ["civil", "contact"])
    assert {"current.born_on", "particulars.civil.given_names", "timeline.type"} <= set(told["fields"])
    assert child.civil["given_names"].encode() not in reading.value
    assert reading.headers["ce_type"] == b"domicile.audit.PersonRead"


def test_what_is_withheld_is_recorded_too_and_who_is_not_there_is_not(
    stack: Running, born: PostBirth, open_desk: OpenDesk
) -> None:
    child, desk = born(), open_desk("registrar", ("2380",))
    assert desk.person(child.person_id, child.answer).status_code == 404
    assert desk.find(person_id=child.person_id, birth_on="2003-05-17").json()["found"] == []
    assert desk.person("013499d0-2ec0-7b34-a2c3-967044ab0864").status_code == 404
    assert desk.person("no-uuid").status_code == 404
    told = readings(stack, desk)
    assert [people_of(each) for each in told] == [{child.person_id}] * 2
    assert {(each.record["outcome"], tuple(each.record["fields"])) for each in told} == {("withheld", ())}


def test_a_search_is_a_look_at_everybody_whom_it_shows(stack: Running, born: PostBirth, open_desk: OpenDesk) -> None:
    child, desk = born(), open_desk("registrar")
    assert desk.find(child.answer, person_id=child.person_id, birth_on="2003-05-17").json()["found"]
    (reading,) = readings(stack, desk)
    assert (people_of(reading), reading.record["route"]) == ({child.person_id}, "POST /v1/persons:find")
    assert "civil.family_name" in reading.record["fields"]


def test_the_log_does_not_tell_who_has_services(stack: Running, born: PostBirth, open_desk: OpenDesk) -> None:
    child, desk = born(), open_desk("service-worker")
    desk.person(child.person_id, child.answer)
    (reading,) = readings(stack, desk)
    assert reading.record["compartments"] == ["service"]
    assert people_of(reading) == {child.person_id}


def test_whoever_read_a_record_is_shown_newest_first(stack: Running, born: PostBirth, open_desk: OpenDesk) -> None:
    child, auditor = born(), open_desk("auditor")
    desks = [open_desk("registrar") for _ in range(3)]
    for desk in desks:
        assert desk.person(child.person_id, child.answer).status_code == 200
    last = readings(stack, desks[-1])[0]
    place = f"{last.topic}:{last.partition}:{last.offset}"
    path = f"/v1/persons/{child.person_id}/readers"
    told = auditor.get(path, case=CASE, wait_for=place).json()
    assert [each["actor"] for each in told["readers"]] == [desk.sub for desk in reversed(desks)]
    assert {(each["role"], each["case_reference"]) for each in told["readers"]} == {("registrar", CASE)}
    pages = [auditor.get(path, case=CASE, limit=2).json()]
    pages.append(auditor.get(path, case=CASE, limit=2, cursor=pages[0]["next"]).json())
    assert {each["actor"] for page in pages for each in page["readers"]} >= {desk.sub for desk in desks}
    assert refusal(auditor.get(path, case=CASE, cursor="x"))[:2] == (400, "wrong-parameter")
    assert len(readings(stack, auditor)) >= 3


def test_without_the_log_there_is_no_answer(stack: Running, born: PostBirth, clerk: Desk) -> None:
    child = born()
    assert clerk.person(child.person_id, child.answer).status_code == 200
    broker = stack.get_process("kafka-1")
    broker.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(clerk.person, child.person_id)
            search = pool.submit(clerk.find, person_id=child.person_id, birth_on="2003-05-17")
            both = [answer.result(), search.result()]
    finally:
        broker.send_signal(signal.SIGCONT)
    for refused in both:
        assert refusal(refused)[:2] == (503, "audit-unavailable")
        assert child.civil["given_names"] not in refused.text
    assert clerk.person(child.person_id).status_code == 200
