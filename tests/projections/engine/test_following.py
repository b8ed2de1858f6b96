"""Every record is applied once, whoever follows the log and however often it is handed over."""

import asyncio
from collections import Counter

import asyncpg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from services.kernel.errors import Unavailable
from services.projections.engine.projection import Place
from services.projections.engine.waiting import parse_place, wait_until_applied
from tests.projections.engine.lab import PARTITIONS, Lab


async def test_what_is_on_the_log_and_what_comes_is_applied_once_and_can_be_waited_for(lab: Lab) -> None:
    lab.append(["before"] * 100)
    service = await asyncio.to_thread(lab.start)
    await lab.until_applied(100)
    lab.append(["after"] * 50)
    await lab.until_applied(150)
    assert await lab.rows() == await lab.counts() == Counter(before=100, after=50)
    pool = await asyncpg.create_pool(lab.settings["DOMICILE_DATABASE_URL"], min_size=1)
    await wait_until_applied(pool, lab.names, Place(lab.topic, 1, 37), 5.0)
    await wait_until_applied(pool, lab.names, Place("lab.audit", 0, 10**6), 0.0)  # which it does not read
    with pytest.raises(Unavailable, match=rf"next record to be applied is {lab.topic}:1:38\."):
        await wait_until_applied(pool, lab.names, parse_place(f"{lab.topic}:1:38"), 0.1)
    await pool.close()
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


async def test_offsets_that_hold_no_record_are_passed_over(lab: Lab) -> None:
    """The end of a Kafka transaction takes an offset."""
    producer = Producer({"bootstrap.servers": lab.stack.kafka, "transactional.id": lab.region})
    await asyncio.to_thread(producer.init_transactions, 30)
    for word in ("one", "two", "three"):
        producer.begin_transaction()
        producer.produce(lab.topic, word.encode(), partition=0)
        await asyncio.to_thread(producer.commit_transaction, 30)
    lab.start_worker(lab.names[0])
    await lab.until_applied(5)
    assert await lab.rows() == await lab.counts() == Counter(one=1, two=1, three=1)
