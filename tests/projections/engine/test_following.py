"""Every record is applied once, whoever follows the log and however often it is handed over."""

import asyncio
from collections import Counter

from confluent_kafka import Consumer, TopicPartition

from tests.projections.engine.lab import PARTITIONS, Lab


async def test_what_is_on_the_log_and_what_comes_is_applied_once_and_can_be_waited_for(lab: Lab) -> None:
    lab.append(["before"] * 100)
    service = await asyncio.to_thread(lab.start)
    await lab.until_applied(100)
    lab.append(["after"] * 50)
    await lab.until_applied(150)
    assert await lab.rows() == await lab.counts() == Counter(before=100, after=50)
    told = lab.client(service).get("/v1/projections").json()
    (words,) = told["projections"]
    assert (words["projection"], words["version"], words["rebuild_wanted"]) == (lab.names[0], 1, False)
    assert [p["next_offset"] for p in words["partitions"]] == [38, 38, 37, 37]
    assert words["set_aside"] == {"waiting": 0, "skipped": 0}
    assert words["halted"] is None


async def test_what_the_group_has_committed_is_not_believed(lab: Lab) -> None:
    first = await asyncio.to_thread(lab.start)
    lab.append(["once"] * 100)
    await lab.until_applied(100)
    assert await asyncio.to_thread(first.end, 15) == 0
    group = f"{lab.region}.projections.{lab.names[0]}"
    consumer = Consumer({"bootstrap.servers": lab.stack.kafka, "group.id": group, "group.protocol": "consumer"})
    offsets = [TopicPartition(lab.topic, number, 1) for number in range(PARTITIONS)]
    await asyncio.to_thread(consumer.commit, offsets=offsets, asynchronous=False)
    consumer.close()
    await asyncio.to_thread(first.start)
    lab.append(["more"] * 20)
    await lab.until_applied(120)
    assert await lab.rows() == await lab.counts() == Counter(once=100, more=20)


async def test_nothing_is_lost_or_doubled_when_workers_come_and_go_under_load(lab: Lab) -> None:
    await asyncio.to_thread(lab.start, 1, DOMICILE_PROJECTIONS_BATCH_MAX="50")
    words = [f"word-{number}" for number in range(200)]

    async def load() -> None:
        for _ in range(12):
            await asyncio.to_thread(lab.append, words)

    loading = asyncio.create_task(load())
    second = await asyncio.to_thread(lab.start, 2, DOMICILE_PROJECTIONS_BATCH_MAX="30")
    await asyncio.to_thread(second.end, 15)
    await loading
    await lab.until_applied(2400)
    assert await lab.rows() == await lab.counts() == Counter(dict.fromkeys(words, 12))
