"""Answers that say wait, and answers to our own mistakes. The pipeline here is a stand-in that only answers."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.ingest.pipeline import Outcome
from services.kernel.errors import Corrupt, DomicileError, TooMany, Unavailable
from services.kernel.identity.local_keys import issue_token
from tests.ingest.offices import birth, refusal

MakeApp = Callable[..., FastAPI]
UNKNOWN = Unavailable("log-unavailable", retry_after_s=2.5, outcome_unknown=True)


class Answers:
    """Answers every item with the same outcome, or raises."""

    def __init__(self, answer: BaseException | Outcome, gate: asyncio.Event | None = None) -> None:
        self.answer = answer
        self.gate = gate
        self.posts = 0

    async def submit(self, items: Sequence[bytes], *_: object, **__: object) -> list[Outcome]:
        self.posts += 1
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(self.answer, BaseException):
            raise self.answer
        return [self.answer for _ in items]


@pytest.fixture
def client_of(tmp_path: Path) -> Callable[[FastAPI], httpx.AsyncClient]:
    def opened(app: FastAPI) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://ingest",
            headers={"authorization": f"Bearer {issue_token(tmp_path, 'north', 'registrar')}"},
        )

    return opened


@pytest.mark.parametrize(
    ("error", "status", "retry_after"),
    [
        (UNKNOWN, 503, "3"),
        (TooMany("too-busy", retry_after_s=0.2), 429, "1"),
        (Unavailable("database-unavailable", retry_after_s=7), 503, "7"),
    ],
)
async def test_who_has_to_wait_is_told_how_long(
    ingest_app: MakeApp, client_of: Any, error: Unavailable, status: int, retry_after: str
) -> None:
    for answers in (Answers(Outcome.refused(error)), Answers(error)):
        async with client_of(ingest_app(answers)) as http:
            for answer in (
                await http.post("/v1/events", json=birth()),
                await http.post("/v1/events:batch", json=[birth(), birth()]),
            ):
                assert refusal(answer)[:2] == (status, error.code)
                assert answer.headers["retry-after"] == retry_after
                assert answer.json()["outcome_unknown"] is error.outcome_unknown


async def test_in_a_mixed_batch_each_item_says_for_itself_that_it_has_to_wait(
    ingest_app: MakeApp, client_of: Any
) -> None:
    class Mixed(Answers):
        async def submit(self, items: Sequence[bytes], *_: object, **__: object) -> list[Outcome]:
            return [Outcome.refused(UNKNOWN), Outcome("checked", event_id="x")]

    async with client_of(ingest_app(Mixed(UNKNOWN))) as http:
        told = (await http.post("/v1/events:batch", json=[birth(), birth()])).json()
    assert [one["status"] for one in told["outcomes"]] == [503, 200]
    assert (told["outcomes"][0]["retry_after_s"], told["outcomes"][0]["outcome_unknown"]) == (2.5, True)


@pytest.mark.parametrize("error", [ValueError("Canary-1"), Corrupt("bad-seal", rule="Canary-2"), RecursionError()])
async def test_our_own_mistake_has_an_id_and_shows_nothing_inside(
    ingest_app: MakeApp, client_of: Any, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(ingest_app(Answers(error))) as http:
        answer = await http.post("/v1/events", json=birth())
    status, code, _ = refusal(answer)
    assert (status, code) == (500, error.code if isinstance(error, DomicileError) else "bug")
    assert "Canary-1" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json()["answer_id"] in str([vars(record) for record in caplog.records])


async def test_no_more_requests_are_served_at_once_than_allowed(ingest_app: MakeApp, client_of: Any) -> None:
    gate = asyncio.Event()
    answers = Answers(Outcome("checked", event_id="x"), gate)
    async with client_of(ingest_app(answers, requests_max=2)) as http, asyncio.TaskGroup() as group:
        held = [group.create_task(http.post("/v1/events", json=birth())) for _ in range(2)]
        async with asyncio.timeout(10):
            while answers.posts < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        assert refusal(await http.post("/v1/events", json=birth()))[:2] == (429, "too-busy")
        assert (await http.get("/livez")).status_code == 200
        gate.set()
    assert [task.result().status_code for task in held] == [200, 200]


async def test_no_more_bytes_are_held_at_once_than_allowed(ingest_app: MakeApp, client_of: Any) -> None:
    gate = asyncio.Event()
    answers = Answers(Outcome("checked", event_id="x"), gate)
    lines = {"content-type": "application/x-ndjson"}
    async with client_of(ingest_app(answers, bytes_max=1500)) as http, asyncio.TaskGroup() as group:
        held = group.create_task(http.post("/v1/events:batch", content=b"x" * 1000, headers=lines))
        async with asyncio.timeout(10):
            while not answers.posts:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        refused = await http.post("/v1/events:batch", content=b"x" * 1000, headers=lines)
        assert refusal(refused)[:2] == (429, "too-busy")
        metrics = (await http.get("/metrics")).text
        assert "domicile_http_bytes_in_flight 1000.0" in metrics
        gate.set()
        await held
        # What was given back can be taken again.
        assert (await http.post("/v1/events:batch", content=b"x" * 1000, headers=lines)).status_code == 200
        assert "domicile_http_bytes_in_flight 0.0" in (await http.get("/metrics")).text


async def test_the_echo_answers_what_it_was_sent(ingest_app: MakeApp, client_of: Any) -> None:
    async with client_of(ingest_app(echo=True)) as http:
        assert (await http.post("/v1/echo", content=b"abc")).content == b"abc"
        answer = await http.post("/v1/echo", content=b"abc", headers={"authorization": "Bearer x"})
        assert refusal(answer)[0] == 401
