"""A retry is always safe: through any process, after a restart, and from many at once."""

import asyncio
import json
import signal
from collections import Counter
from typing import Any

import httpx
import pytest

from deploy.local.stack import Running
from tests.ingest_process import IngestProcess
from tests.office import Office, Post
from tests.on_the_log import find_copies, read_log


def told(answer: httpx.Response) -> dict[str, Any]:
    """The answer without the word that tells a repeat from the first time."""
    document: dict[str, Any] = answer.json()
    return {name: value for name, value in document.items() if name != "outcome"}


def count_copies(stack: Running, office: Office) -> Counter[str]:
    """Event id → records, of all that this office posted."""
    found = read_log(stack.kafka, "north", ["registration"], holding=office.code.encode())
    return Counter(each.event_id for each in found)


def test_an_acknowledged_event_stands_where_the_answer_says_with_what_was_posted(
    stack: Running, office: Office
) -> None:
    birth = office.birth()
    answer = office.post(birth)
    assert answer.status_code == 201
    (copy,) = find_copies(stack.kafka, "north", birth["event_id"])
    assert answer.json()["position"] == copy.position
    assert copy.headers["ce_id"].decode() == birth["event_id"]
    (child,) = answer.json()["subjects"]
    assert copy.key.decode() == child["person_id"].replace("-", "")
    assert copy.record["subjects"][0]["person_id"].hex() == child["person_id"].replace("-", "")
    assert (copy.record["office"], copy.record["sex"]) == (office.code, "female")


def test_another_process_gives_the_same_answer_and_sees_another_content(
    stack: Running, office: Office, beside: IngestProcess
) -> None:
    here, there = office, office.at(beside.url)
    for first, second in ((here, there), (there, here)):
        birth = first.birth()
        recorded, repeated = first.post(birth), second.post(birth)
        assert (recorded.status_code, repeated.status_code) == (201, 200)
        assert told(recorded) == told(repeated)
        conflict = second.post(birth | {"sex": "male"})
        assert (conflict.status_code, conflict.json()["code"]) == (409, "event-id-taken")
        assert second.post(birth, "?dry_run=true").status_code == 200
        assert second.post(birth | {"sex": "male"}, "?dry_run=true").status_code == 409
        assert len(find_copies(stack.kafka, "north", birth["event_id"])) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_after_a_restart_the_answers_are_the_same(
    stack: Running, office: Office, beside: IngestProcess, number: signal.Signals
) -> None:
    there = office.at(beside.url)
    births = [there.birth() for _ in range(20)]
    first = [there.post(births[0]), *there.post_many(births[1:]).json()["outcomes"]]
    beside.end(number)
    beside.start()
    again = [there.post(births[0]), *there.post_many(births[1:]).json()["outcomes"]]
    assert told(again[0]) == told(first[0])
    kept = ("event_id", "subjects", "position", "recorded_at", "findings")
    assert [[a[name] for name in kept] for a in again[1:]] == [[f[name] for name in kept] for f in first[1:]]
    assert {outcome["outcome"] for outcome in again[1:]} == {"repeated"}
    assert there.post(births[0] | {"sex": "male"}).status_code == 409
    ids = {birth["event_id"] for birth in births}
    copies = count_copies(stack, office)
    assert {copies[event_id] for event_id in ids} == {1}


async def test_many_who_send_the_same_at_once_through_two_processes_leave_one_record(
    stack: Running, office: Office, beside: IngestProcess
) -> None:
    births = [office.birth() for _ in range(8)]
    posts = [posted for birth in births for posted in (birth, birth | {"sex": "male"})]
    answers = await race(office, [office.url, beside.url], posts * 12)
    copies = count_copies(stack, office)
    for birth in births:
        mine = [(post["sex"], answer) for post, answer in answers if post["event_id"] == birth["event_id"]]
        assert Counter(answer.status_code for _, answer in mine)[201] == 1
        (winner,) = {sex for sex, answer in mine if answer.status_code == 201}
        assert {answer.status_code for sex, answer in mine if sex == winner} <= {200, 201}
        assert {answer.status_code for sex, answer in mine if sex != winner} == {409}
        assert len({json.dumps(told(answer)) for sex, answer in mine if sex == winner}) == 1
        assert copies[birth["event_id"]] == 1


async def test_batches_that_overlap_through_two_processes_leave_one_record_of_each(
    stack: Running, office: Office, beside: IngestProcess
) -> None:
    births = [office.birth() for _ in range(120)]
    windows = [births[start : start + 40][:: 1 if start % 20 else -1] for start in range(0, 100, 10)]
    async with httpx.AsyncClient(headers=office.headers, timeout=60) as client:
        answers = await asyncio.gather(
            *(
                client.post(f"{url}/v1/events:batch", content=json.dumps(window))
                for window in windows
                for url in (office.url, beside.url)
            )
        )
    assert {answer.status_code for answer in answers} == {200}
    recorded = sum(answer.json()["recorded"] for answer in answers)
    posted = {birth["event_id"] for window in windows for birth in window}
    assert recorded == len(posted)
    assert all(answer.json()["refused"] == 0 for answer in answers)
    copies = count_copies(stack, office)
    assert {copies[event_id] for event_id in posted} == {1}


async def test_offices_that_race_with_one_identifier_through_two_processes_name_one_person(
    office: Office, beside: IngestProcess
) -> None:
    civil = {"family_name": "Ample", "identifiers": [{"kind": "local", "value": f"R-{office.area}"}]}
    posts = [office.birth(civil=civil) for _ in range(30)]
    answers = await race(office, [office.url, beside.url], posts)
    assert {answer.status_code for _, answer in answers} == {201}
    assert len({answer.json()["subjects"][0]["person_id"] for _, answer in answers}) == 1
    other = office.post(office.birth(civil=civil, occurred_on="2001-01-01")).json()
    assert other["subjects"][0]["identified_by"] == "identifier_conflict"
    assert other["findings"] == ["identifier-with-other-birth-date"]


async def race(office: Office, urls: list[str], posts: list[Post]) -> list[tuple[Post, httpx.Response]]:
    """All at once, every other one to another process."""
    async with httpx.AsyncClient(headers=office.headers, timeout=60) as client:
        answers = await asyncio.gather(
            *(
                client.post(f"{urls[number % len(urls)]}/v1/events", content=json.dumps(post))
                for number, post in enumerate(posts)
            )
        )
    return list(zip(posts, answers, strict=True))
