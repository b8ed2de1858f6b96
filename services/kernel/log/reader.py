"""Reads topics by position, in batches: no group, no commits. Who reads keeps the positions (with the rows
they made).

    reader = LogReader(bootstrap)
    reader.assign({Partition("north.registration", 0): 0})
    while batch := reader.read(1000, timeout_s=1.0): ...

A batch is what librdkafka hands over, untouched: projections decode it by columns, others record by record.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from services.kernel.errors import Corrupt, Unavailable
from services.kernel.log.quiet import QUIET

_SETTINGS: Mapping[str, Any] = {
    "group.id": "by-position",  # demanded by the client, never used: nothing is committed
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "enable.partition.eof": False,
    "allow.auto.create.topics": False,
    "fetch.wait.max.ms": 50,
    "fetch.error.backoff.ms": 50,
    "queued.max.messages.kbytes": 16384,
}
_LEADER_MOVES = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
)


class Partition(NamedTuple):
    """One partition of one topic."""

    topic: str
    number: int


class Range(NamedTuple):
    """Offsets on the log: from `first` up to, not including, `next_offset`."""

    first: int
    next_offset: int


class LogReader:
    """Reads from positions that it is given. One thread at a time. `settings`: librdkafka's, over ours."""

    def __init__(self, bootstrap: str, settings: Mapping[str, Any] | None = None, timeout_s: float = 15.0) -> None:
        self._timeout_s = timeout_s
        self._consumer = Consumer({**_SETTINGS, "bootstrap.servers": bootstrap, **(settings or {})}, logger=QUIET)

    def partitions(self, topics: Sequence[str]) -> list[Partition]:
        """All partitions of the topics that exist, in order; Unavailable when no broker answers."""
        try:
            known = self._consumer.list_topics(timeout=self._timeout_s).topics
        except KafkaException as wrong:
            raise _unavailable(wrong) from wrong
        found = [topic for topic in topics if topic in known and known[topic].error is None]
        return [Partition(topic, number) for topic in found for number in sorted(known[topic].partitions)]

    def ranges(self, partitions: Sequence[Partition]) -> dict[Partition, Range]:
        """What the log holds now of each partition."""
        patience_until = time.monotonic() + self._timeout_s
        while True:
            try:
                return {partition: self._range(partition) for partition in partitions}
            except KafkaException as wrong:
                # After a change of leaders the client's map of them is old for a moment.
                if not wrong.args[0].retriable() and wrong.args[0].code() not in _LEADER_MOVES:
                    raise _unavailable(wrong) from wrong
                if time.monotonic() > patience_until:
                    raise _unavailable(wrong) from wrong
                self.partitions([partition.topic for partition in partitions])
                time.sleep(0.1)

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """Read these partitions, each from the offset of its next record. Replaces what was read before."""
        self._consumer.assign([TopicPartition(p.topic, p.number, offset) for p, offset in positions.items()])

    def read(self, records_max: int, timeout_s: float) -> list[Message]:
        """Up to `records_max` records, in order within each partition; fewer, or none, after `timeout_s`.

        Raises Unavailable while no broker answers (read again later: nothing is skipped), Corrupt when a
        position lies outside the log, which means that the log was cut or replaced.
        """
        batch = self._consumer.consume(records_max, timeout_s)
        for message in batch:
            if message.error() is not None:
                return self._without_errors(batch)
        return batch

    def read_range(self, ranges: Mapping[Partition, Range], records_max: int = 2000) -> Iterator[list[Message]]:
        """Batches up to the end of each range, and not beyond; then it ends. Unavailable as in `read`."""
        left = {p: r for p, r in ranges.items() if r.first < r.next_offset}
        self.assign({p: r.first for p, r in left.items()})
        patience_until = time.monotonic() + self._timeout_s
        expected = sum(r.next_offset - r.first for r in left.values())
        while left:
            # The client waits for as many as it is asked for: never ask for more than there are.
            batch = self.read(max(1, min(records_max, expected)), 0.5)
            if not batch and time.monotonic() > patience_until:
                raise Unavailable("log-unavailable")
            wanted = []
            for message in batch:
                partition = partition_of(message)
                span = left.get(partition)
                if span is None or offset_of(message) >= span.next_offset:
                    continue
                wanted.append(message)
                if offset_of(message) + 1 == span.next_offset:
                    del left[partition]
            if wanted:
                expected -= len(wanted)
                patience_until = time.monotonic() + self._timeout_s
                yield wanted

    def close(self) -> None:
        """Lets go of the broker."""
        self._consumer.close()

    def _range(self, partition: Partition) -> Range:
        low, high = self._consumer.get_watermark_offsets(
            TopicPartition(partition.topic, partition.number), timeout=self._timeout_s
        )
        return Range(low, high)

    def _without_errors(self, batch: list[Message]) -> list[Message]:
        good = []
        for message in batch:
            error = message.error()
            if error is None:
                good.append(message)
            elif error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
                raise Corrupt("position-outside-log", f"{message.topic()}/{message.partition()}/{message.offset()}")
            elif error.fatal() or (error.code() == KafkaError._ALL_BROKERS_DOWN and not good):
                raise Unavailable("log-unavailable")
        return good


def partition_of(message: Message) -> Partition:
    """Where a record stands."""
    topic, number = message.topic(), message.partition()
    if topic is None or number is None:
        raise Corrupt("record-without-position")
    return Partition(topic, number)


def offset_of(message: Message) -> int:
    """The offset of a record."""
    offset = message.offset()
    if offset is None:
        raise Corrupt("record-without-position")
    return offset


def recorded_at(message: Message) -> datetime | None:
    """When the log took the record, by the broker's clock."""
    kind, milliseconds = message.timestamp()
    return None if kind == TIMESTAMP_NOT_AVAILABLE else datetime.fromtimestamp(milliseconds / 1000, UTC)


def _unavailable(wrong: KafkaException) -> Unavailable:
    return Unavailable("log-unavailable", rule=str(wrong.args[0]))
