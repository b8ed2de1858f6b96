"""Takes records in from the partitions that the group gives us, from the positions that the database holds.

What the group has committed is never asked: it is written for tools that show lag. A partition that is ours has an
*epoch*; it changes whenever the partition is given, taken away or found to be elsewhere than we thought, and what was
taken in an older epoch is dropped.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from services.kernel.errors import Corrupt, Unavailable
from services.kernel.log.quiet import QUIET
from services.kernel.log.reader import Partition
from services.projections.engine.positions import Step
from services.projections.engine.projection import Place, Record

_SETTINGS: Mapping[str, Any] = {
    "group.protocol": "consumer",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "allow.auto.create.topics": False,
    # What comes is handed over at once; this is how often an idle broker is asked again, by every consumer there is.
    "fetch.wait.max.ms": 250,
    "fetch.error.backoff.ms": 50,
    "queued.min.messages": 20000,
    "queued.max.messages.kbytes": 8192,
    "reconnect.backoff.max.ms": 1000,
    "topic.metadata.refresh.interval.ms": 5000,
    # Who does not come back for so long is taken for dead, although it breathes.
    "max.poll.interval.ms": 60000,
}
IDLE_S = 0.25
SETTLE_S = 3.0
COMMIT_EVERY_S = 1.0
_OUTSIDE = (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE)

FindPositions = Callable[[Sequence[Partition]], Mapping[Partition, int]]


class Stretch(NamedTuple):
    """What was taken of one partition, and in which epoch."""

    epoch: int
    step: Step


@dataclass(frozen=True, slots=True)
class Taken:
    """Records in order within each partition, and how far they reach."""

    records: list[Record]
    stretches: dict[Partition, Stretch]


class Intake:
    """A member of the group. `take` and `close` belong to one thread; the rest may be called from any.

    `find_positions` is called on that thread and may block; what it raises goes through `take`.
    """

    def __init__(self, bootstrap: str, group: str, topics: Sequence[str], find_positions: FindPositions) -> None:
        self._find_positions = find_positions
        self._lock = threading.Lock()
        self._epochs: dict[Partition, int] = {}
        self._expected: dict[Partition, int] = {}
        self._count = itertools.count(1)
        self._misplaced: set[Partition] = set()
        self._gaps: dict[Partition, set[tuple[int, int]]] = {}
        self._applied: dict[Partition, int] = {}
        self._committed_at_s = time.monotonic()
        self._settled = threading.Event()
        self._settled.set()
        self._consumer = Consumer({**_SETTINGS, "bootstrap.servers": bootstrap, "group.id": group}, logger=QUIET)
        self._consumer.subscribe(
            list(topics), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def take(self, records_max: int, linger_s: float) -> Taken:
        """What came: the first record wakes us, and what comes within `linger_s` goes with it. May be nothing.

        Raises Unavailable while no broker answers, Corrupt when a position lies outside the log.
        """
        self._put_right()
        self._commit()
        messages = self._consume(1, IDLE_S)
        if messages:
            messages += self._consume(records_max - 1, linger_s)
        return self._accept(messages)

    def is_current(self, partition: Partition, epoch: int) -> bool:
        """Whether the partition is still ours as it was then."""
        with self._lock:
            return self._epochs.get(partition) == epoch

    def misplace(self, partitions: Mapping[Partition, int]) -> None:
        """Look again where these are: in this epoch they were not where we thought. Older epochs change nothing."""
        with self._lock:
            for partition, epoch in partitions.items():
                if self._epochs.get(partition) == epoch:
                    self._lose(partition)

    def misplace_all(self) -> None:
        """Look again where every partition is: another build is read now."""
        with self._lock:
            held = dict(self._epochs)
        self.misplace(held)

    def begin(self) -> None:
        """A batch is being applied: who takes a partition away waits a little."""
        self._settled.clear()

    def end(self, applied: Iterable[Step]) -> None:
        """It is not any more."""
        with self._lock:
            self._applied.update({step.partition: step.next_offset for step in applied})
        self._settled.set()

    def count_partitions(self) -> int:
        """How many are ours now."""
        with self._lock:
            return len(self._epochs)

    def close(self) -> None:
        """Leaves the group, which hands our partitions on at once."""
        self._consumer.close()

    def _consume(self, count: int, timeout_s: float) -> list[Message]:
        try:
            return self._consumer.consume(count, timeout_s)
        except KafkaException as wrong:
            raise Unavailable("log-unavailable", rule=str(wrong.args[0])) from wrong

    def _accept(self, messages: Sequence[Message]) -> Taken:
        _judge(error for message in messages if (error := message.error()) is not None)
        records: list[Record] = []
        begun: dict[Partition, tuple[int, int]] = {}
        recorded_at: dict[Partition, int] = {}
        with self._lock:
            for message in messages:
                if message.error() is not None:
                    continue
                partition = Partition(message.topic() or "", message.partition() or 0)
                offset = message.offset() or 0
                expected = self._expected.get(partition)
                if expected is None or offset < expected or partition in self._misplaced:
                    continue
                if self._is_jump(partition, expected, offset):
                    self._lose(partition)
                    continue
                if partition not in begun:
                    begun[partition] = (self._epochs[partition], expected)
                self._expected[partition] = offset + 1
                recorded_at[partition] = message.timestamp()[1]
                records.append(as_record(message, partition, offset))
            stretches = {
                p: Stretch(epoch, Step(p, expected, self._expected[p], recorded_at[p]))
                for p, (epoch, expected) in begun.items()
            }
        return Taken(records, stretches)

    def _put_right(self) -> None:
        with self._lock:
            misplaced = sorted(self._misplaced)
        if not misplaced:
            return
        positions = self._find_positions(misplaced)
        for partition in misplaced:
            self._seek(partition, positions[partition])

    def _seek(self, partition: Partition, offset: int) -> None:
        try:
            self._consumer.seek(TopicPartition(partition.topic, partition.number, offset))
        except KafkaException as wrong:
            # Taken away meanwhile: whoever has it now looks for itself.
            if self._holds(partition):
                raise Unavailable("log-unavailable", rule=str(wrong.args[0])) from wrong
            return
        with self._lock:
            self._misplaced.discard(partition)
            if partition in self._epochs:
                self._expected[partition] = offset
            # Those that were passed for good are not met again.
            self._gaps[partition] = {gap for gap in self._gaps.get(partition, ()) if gap[0] >= offset}

    def _holds(self, partition: Partition) -> bool:
        with self._lock:
            return partition in self._epochs

    def _commit(self) -> None:
        """For tools that show lag; nothing depends on it."""
        if time.monotonic() - self._committed_at_s < COMMIT_EVERY_S:
            return
        self._committed_at_s = time.monotonic()
        with self._lock:
            applied = [(p, offset) for p, offset in self._applied.items() if p in self._epochs]
            self._applied.clear()
        if applied:
            offsets = [TopicPartition(p.topic, p.number, offset) for p, offset in applied]
            try:
                self._consumer.commit(offsets=offsets, asynchronous=True)
            except KafkaException:
                return

    def _on_assign(self, consumer: Consumer, given: list[TopicPartition]) -> None:
        partitions = [Partition(one.topic, one.partition) for one in given]
        positions = self._find_positions(partitions) if partitions else {}
        with self._lock:
            for partition in partitions:
                self._epochs[partition] = next(self._count)
                self._expected[partition] = positions[partition]
                self._misplaced.discard(partition)
        consumer.incremental_assign([TopicPartition(p.topic, p.number, positions[p]) for p in partitions])

    def _on_revoke(self, consumer: Consumer, taken: list[TopicPartition]) -> None:
        self._let_go(taken)
        # Who gets them then finds the position that our last transaction leaves; if it takes longer, nothing is
        # lost: one of the two finds the partition elsewhere than it thought.
        self._settled.wait(SETTLE_S)
        consumer.incremental_unassign(taken)

    def _on_lost(self, consumer: Consumer, taken: list[TopicPartition]) -> None:
        self._let_go(taken)
        consumer.incremental_unassign(taken)

    def _let_go(self, taken: Iterable[TopicPartition]) -> None:
        with self._lock:
            for one in taken:
                partition = Partition(one.topic, one.partition)
                self._epochs.pop(partition, None)
                self._expected.pop(partition, None)
                self._misplaced.discard(partition)
                self._applied.pop(partition, None)

    def _lose(self, partition: Partition) -> None:
        self._epochs[partition] = next(self._count)
        self._misplaced.add(partition)

    def _is_jump(self, partition: Partition, expected: int, offset: int) -> bool:
        """Whether offsets are missing that may be on the log: true until we looked again and missed the same."""
        if offset == expected:
            return False
        gaps = self._gaps.setdefault(partition, set())
        if (expected, offset) in gaps:
            return False
        gaps.add((expected, offset))
        return True


def as_record(message: Message, partition: Partition, offset: int) -> Record:
    """A message of the client, as the engine hands it on."""
    key = message.key()
    return Record(
        Place(partition.topic, partition.number, offset),
        message.timestamp()[1],
        key.decode("utf-8", "replace") if isinstance(key, bytes) else key or "",
        message.value() or b"",
    )


def _judge(errors: Iterable[KafkaError]) -> None:
    """What this member cannot go on with; all else passes by itself."""
    for error in errors:
        if error.code() in _OUTSIDE:
            raise Corrupt("position-outside-log")
        if error.fatal():
            raise Unavailable("log-unavailable", rule=error.str())
