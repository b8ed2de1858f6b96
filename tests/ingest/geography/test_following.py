"""Ingest follows the map on the log."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from os import urandom
from typing import Any

import pytest

from deploy.local.stack import Region, Running
from services.kernel.codec import Decoder
from services.kernel.contract.catalog import Catalog
from services.kernel.errors import Unavailable
from services.kernel.geography.follower import GeographyFollower
from services.kernel.log.producer import LogProducer, Record
from services.kernel.log.topics import ensure_topics
from services.kernel.telemetry.metrics import Metrics
from tests.ingest.offices import Office, area, birth, new_id, refusal
from tests.on_the_log import read_log

TOPIC = "north.geography"


def new_code() -> str:
    return f"x-{urandom(5).hex()}"


@asynccontextmanager
async def following(kafka: str, topic: str = TOPIC) -> AsyncIterator[GeographyFollower]:
    follower = GeographyFollower(kafka, topic, Decoder(Catalog.load()), Metrics())
    follower.start()
    try:
        yield follower
    finally:
        await follower.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - a thread of another kind sets it
            await asyncio.sleep(0.01)


def test_an_area_can_be_used_in_the_next_request(open_office: Callable[..., Office], registrar: Office) -> None:
    geographer = open_office("geographer")
    for _ in range(5):
        code = new_code()
        assert refusal(registrar.post(birth(residence_area=code)))[1] == "unknown-area"
        assert geographer.post(area(code, "0980")).status_code == 201
        assert registrar.post(birth(residence_area=code)).status_code == 201


def test_who_covers_an_area_covers_a_new_one_under_it(open_office: Callable[..., Office]) -> None:
    code = new_code()
    assert open_office("geographer").post(area(code, "0980-N")).status_code == 201
    assert open_office("registrar", ["0980"]).post(birth(residence_area=code)).status_code == 201
    assert refusal(open_office("registrar", ["0980-S"]).post(birth(residence_area=code)))[1] == "area-not-yours"


def test_the_map_tells_what_an_area_lies_in(registrar: Office) -> None:
    assert registrar.get("/v1/areas/0980-N").json() == {"area": "0980-N", "lies_in": ["0980"]}
    assert refusal(registrar.get("/v1/areas/nowhere"))[:2] == (404, "unknown-area")


async def test_a_process_that_starts_later_reads_the_whole_map_first(stack: Running, registrar: Office) -> None:
    async with following(stack.kafka) as follower:
        await until(lambda: follower.ready)
        tree = follower.current_tree()
        assert tree.covers("0980", "0980-N")
        assert follower.log_reachable


async def test_a_map_that_is_not_complete_is_not_used() -> None:
    async with following("127.0.0.1:9") as follower:
        with pytest.raises(Unavailable):
            follower.current_tree()
        assert not follower.ready
        assert not follower.log_reachable


async def test_bytes_that_nobody_can_read_leave_the_map_as_it_is(stack: Running, north: Region) -> None:
    """On a topic of its own: whoever else reads the log of a region must find it readable."""
    await asyncio.to_thread(ensure_topics, stack.kafka, "murky", 1)
    good = read_log(stack.kafka, "north", ["geography"])[0]
    producer = LogProducer(stack.kafka, client_id="test")
    async with following(stack.kafka, "murky.geography") as follower:
        await until(lambda: follower.ready)
        for value in (b"", b"\0", b"\0\0\0\0\1garbage", b"\0\x7f\xff\xff\xffx", b"{}", good.value[:-1], good.value):
            (position,) = await producer.append([Record("murky.geography", b"poison", value, [])])
            assert position is not None
            assert await follower.wait_for(position.offset, timeout_s=10)
            assert len(follower.current_tree()) == (value == good.value)
    await producer.close()


async def test_waiting_for_what_never_comes_ends(stack: Running, registrar: Office) -> None:
    async with following(stack.kafka) as follower:
        await until(lambda: follower.ready)
        assert not await follower.wait_for(10**9, timeout_s=0.05)


def test_a_correction_or_annulment_of_an_area_changes_the_map(
    open_office: Callable[..., Office], registrar: Office
) -> None:
    geographer, approver = open_office("geographer"), open_office("approver")
    code, established = new_code(), area("x", "0980-N")
    established |= {"area": code}
    assert geographer.post(established).status_code == 201
    act = {
        "event_id": new_id(),
        "occurred_on": "2012-03-20",
        "registered_at": "2012-03-20T10:05:00+01:00",
        "office": "map",
        "target_event_id": established["event_id"],
        "reason": "did-not-happen",
    }

    def settle(draft: dict[str, Any]) -> None:
        answer = geographer.post(draft, "/v1/corrections")
        assert answer.status_code == 201, answer.text
        assert approver.post(b"", f"/v1/corrections/{draft['event_id']}:approve").status_code == 201

    replacement = established | {"parent_area": "0980-W"}
    fix = {"type": "EventCorrected", "event_id": new_id(), "reason": "wrong-place", "replacement": replacement}
    settle(act | fix)
    assert registrar.get(f"/v1/areas/{code}").json()["lies_in"] == ["0980-W", "0980"]
    assert registrar.post(birth(residence_area=code)).status_code == 201
    settle(act | {"type": "EventAnnulled", "registered_at": "2012-03-21T10:05:00+01:00"})
    assert refusal(registrar.get(f"/v1/areas/{code}"))[:2] == (404, "unknown-area")
    assert refusal(registrar.post(birth(residence_area=code)))[1] == "unknown-area"
    assert geographer.post(area(code, "0980-S")).status_code == 201
    assert registrar.get(f"/v1/areas/{code}").json()["lies_in"] == ["0980-S", "0980"]
