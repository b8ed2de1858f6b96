"""Appending: a position means that the broker has it; no position means that nobody knows."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local.stack import Running
from services.kernel.log.producer import LogProducer, Record
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of

TOPIC = f"appending-{uuid4().hex[:8]}"


@pytest.fixture(scope="module", autouse=True)
def topic(stack: Running) -> None:
    """Of our own: what stands here is no event."""
    admin = AdminClient({"bootstrap.servers": stack.kafka})
    for made in admin.create_topics(
        [NewTopic(TOPIC, 4, 1, config={"message.timestamp.type": "LogAppendTime"})], operation_timeout=10
    ).values():
        made.result()


@pytest.fixture
async def producer(stack: Running) -> AsyncIterator[LogProducer]:
    opened = LogProducer(stack.kafka, client_id="test")
    yield opened
    await opened.close()


def records(count: int, topic: str = TOPIC) -> list[Record]:
    return [Record(topic, uuid4().hex.encode(), b"value %d" % n, [("ce_id", b"%d" % n)]) for n in range(count)]


async def test_each_position_holds_exactly_the_record_that_was_appended(stack: Running, producer: LogProducer) -> None:
    bursts = [records(30) for _ in range(10)]
    positions = await asyncio.gather(*(producer.append(burst) for burst in bursts))
    reader = LogReader(stack.kafka)
    for burst, told in zip(bursts, positions, strict=True):
        assert len(burst) == len(told)
        for position in told:
            assert position is not None
            assert position.recorded_at_ms > 1_600_000_000_000
    flat = [
        (p, r) for burst, told in zip(bursts, positions, strict=True) for r, p in zip(burst, told, strict=True) if p
    ]
    assert len({(p.topic, p.partition, p.offset) for p, _ in flat}) == 300
    expected = {(Partition(p.topic, p.partition), p.offset): r for p, r in flat}
    spans = {place: Range(min(o for q, o in expected if q == place), max(o for q, o in expected if q == place) + 1)
             for place in {place for place, _ in expected}}  # fmt: skip
    found = {(partition_of(m), offset_of(m)): m for batch in reader.read_range(spans) for m in batch}
    reader.close()
    for place, record in expected.items():
        assert (found[place].key(), found[place].value()) == (record.key, record.value)
        assert found[place].headers() == record.headers


async def test_one_key_always_goes_to_one_partition_the_one_that_java_clients_choose(producer: LogProducer) -> None:
    """Murmur2 of "21" is -973932308, as Kafka's own tests have it."""
    for key in (b"21", uuid4().hex.encode()):
        positions = await producer.append([Record(TOPIC, key, b"x", []) for _ in range(20)])
        assert len({position.partition for position in positions if position}) == 1
    (position,) = await producer.append([Record(TOPIC, b"21", b"x", [])])
    assert position is not None
    assert position.partition == (-973932308 & 0x7FFFFFFF) % 4


async def test_a_record_that_the_broker_refuses_has_no_position_and_takes_no_other_with_it(
    stack: Running,
) -> None:
    producer = LogProducer(stack.kafka, client_id="test", delivery_timeout_s=1.0)
    good, bad = records(2), records(1, "north.no-such-topic")
    positions = await producer.append([good[0], *bad, good[1]])
    await producer.close()
    assert [position is not None for position in positions] == [True, False, True]


async def test_a_broker_that_is_not_there_leaves_every_outcome_unknown(capfd: pytest.CaptureFixture[str]) -> None:
    producer = LogProducer("127.0.0.1:1", client_id="test", delivery_timeout_s=0.5)
    assert await producer.append(records(3)) == [None, None, None]
    await producer.close(0.5)
    # Our logs are JSON lines: the client of the broker has no say in them.
    assert "FAIL" not in capfd.readouterr().err


async def test_nothing_to_append_is_done_at_once(producer: LogProducer) -> None:
    assert await producer.append([]) == []
    assert len(producer) == 0
