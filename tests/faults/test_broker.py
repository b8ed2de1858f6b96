"""The broker is killed and paused: what was acknowledged stands on the log, and a retry finds out the rest."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
from confluent_kafka.admin import AdminClient

from deploy.local.stack import Running
from tests.faults.journal import Journal, read_copies
from tests.faults.load import EVENTS, Load, make_births
from tests.ingest_process import IngestProcess
from tests.office import Office
from tests.on_the_log import find_copies


def get_leader(kafka: str, topic: str) -> str:
    """The process that leads the first partition."""
    return (
        f"kafka-{AdminClient({'bootstrap.servers': kafka}).list_topics(topic, 10).topics[topic].partitions[0].leader}"
    )


async def test_nothing_acknowledged_is_lost_or_doubled_when_a_leading_broker_is_killed_under_load(
    three_brokers: Callable[..., Running], tmp_path: Path
) -> None:
    stack = three_brokers("north")
    office, journal = Office.open(stack.regions["north"]), Journal(tmp_path / "journal")
    load, births = Load(office, journal), make_births(office, EVENTS)
    sending = asyncio.create_task(load.send(births))
    await load.reach(EVENTS // 4, sending)
    stack.get_process(get_leader(stack.kafka, "north.registration")).kill()
    await sending
    await load.settle(births)
    verdict = journal.judge(read_copies(stack.kafka, "north", office.code))
    assert verdict.faults == {}
    assert verdict.acknowledged == EVENTS


async def test_while_the_broker_is_paused_the_outcome_is_unknown_and_a_retry_gives_one_record(
    stack: Running, office: Office, tmp_path: Path
) -> None:
    broker = stack.get_process("kafka-1")
    with IngestProcess(
        stack.regions["north"], tmp_path / "ingest.log", DOMICILE_INGEST_DELIVERY_TIMEOUT_S="2"
    ) as ingest:
        office = office.at(ingest.url)
        before, birth = office.birth(), office.birth()
        assert office.post(before).status_code == 201
        broker.send_signal(signal.SIGSTOP)
        try:
            paused = await asyncio.to_thread(office.post, birth)
            batch = await asyncio.to_thread(office.post_many, [before, birth])
        finally:
            broker.send_signal(signal.SIGCONT)
        assert paused.status_code == 503
        assert paused.json()["code"] == "log-unavailable"
        assert paused.json()["outcome_unknown"] is True
        assert int(paused.headers["retry-after"]) >= 1
        assert [told["outcome"] for told in batch.json()["outcomes"]] == ["repeated", "refused"]
        settled = await _retry(office, birth)
        again = office.post(birth)
    assert (again.status_code, again.json()["position"]) == (200, settled.json()["position"])
    copies = find_copies(stack.kafka, "north", birth["event_id"])
    assert settled.json()["position"] in [copy.position for copy in copies]
    assert len({copy.record["content_tag"] for copy in copies}) == 1


async def _retry(office: Office, birth: dict[str, object]) -> httpx.Response:
    async with asyncio.timeout(60):
        while True:
            answer = await asyncio.to_thread(office.post, birth)
            if answer.status_code != 503:
                break
            await asyncio.sleep(0.2)
    assert answer.status_code in (200, 201), answer.text
    return answer
