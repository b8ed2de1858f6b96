from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from services.kernel.errors import Corrupt, Unavailable
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of, recorded_at


@pytest.fixture
def topic(stack: Any) -> Iterator[str]:
    """A topic of two partitions with ten records in each."""
    name = f"reader-{uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": stack.kafka})
    for made in admin.create_topics([NewTopic(name, 2, 1)]).values():
        made.result()
    producer = Producer({"bootstrap.servers": stack.kafka})
    for number in range(20):
        producer.produce(name, str(number), partition=number % 2)
    assert producer.flush(20) == 0
    yield name
    for gone in admin.delete_topics([name]).values():
        gone.result()


@pytest.fixture
def reader(stack: Any) -> Iterator[LogReader]:
    opened = LogReader(stack.kafka)
    yield opened
    opened.close()


def test_ranges_are_read_to_their_end_and_not_beyond(reader: LogReader, topic: str) -> None:
    partitions = reader.partitions([topic, "no-such-topic"])
    assert partitions == [Partition(topic, 0), Partition(topic, 1)]
    assert reader.ranges(partitions) == dict.fromkeys(partitions, Range(0, 10))
    wanted = {partitions[0]: Range(0, 10), partitions[1]: Range(4, 6)}
    read = [(partition_of(m).number, offset_of(m), m.value()) for batch in reader.read_range(wanted, 3) for m in batch]
    assert sorted(read) == sorted(
        [(0, n, str(2 * n).encode()) for n in range(10)] + [(1, n, str(2 * n + 1).encode()) for n in (4, 5)]
    )
    assert [offset for number, offset, _ in read if number == 0] == list(range(10))


def test_reading_goes_on_from_a_position(reader: LogReader, topic: str) -> None:
    reader.assign({Partition(topic, 1): 8})
    read: list[int] = []
    while len(read) < 2:
        read += [offset_of(message) for message in reader.read(10, 5.0)]
    assert read == [8, 9]
    assert reader.read(10, 0.1) == []


def test_the_broker_says_when_a_record_was_recorded(reader: LogReader, topic: str) -> None:
    (first, *_) = next(reader.read_range({Partition(topic, 0): Range(0, 1)}))
    at = recorded_at(first)
    assert at is not None
    assert at.tzinfo is not None


def test_a_position_outside_the_log_is_never_skipped_over(reader: LogReader, topic: str) -> None:
    reader.assign({Partition(topic, 0): 500})
    with pytest.raises(Corrupt, match="position-outside-log"):
        read_often(reader)


def read_often(reader: LogReader) -> None:
    for _ in range(50):
        reader.read(10, 0.2)


def test_a_broker_that_is_away_is_unavailable() -> None:
    reader = LogReader("127.0.0.1:9", timeout_s=0.5)
    with pytest.raises(Unavailable):
        reader.partitions(["north.registration"])
    reader.close()
