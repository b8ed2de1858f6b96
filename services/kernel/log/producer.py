"""Appends to the log, and says where each record stands once the broker has confirmed it.

confluent-kafka reports each delivery when it is polled. The event loop itself polls, once a millisecond while
something is on its way: one wake-up takes all reports of a burst. A polling thread does the same at twice the cost,
because each report then has to win the interpreter from the loop.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from msgspec import Struct

from services.kernel.errors import Unavailable
from services.kernel.log.quiet import QUIET

TICK_S = 0.001

Headers = list[tuple[str, str | bytes | None]]


class Record(Struct, frozen=True, gc=False):
    """What is appended. `key` decides the partition (murmur2, as Java clients do)."""

    topic: str
    key: bytes
    value: bytes
    headers: Headers


class Position(Struct, frozen=True, array_like=True, gc=False):
    """Where a record stands, and when the log took it: milliseconds since 1970 by the broker's clock."""

    topic: str
    partition: int
    offset: int
    recorded_at_ms: int


class LogProducer:
    """An idempotent producer with acks=all. `append` returns when the broker has confirmed, or gives up."""

    def __init__(
        self, bootstrap: str, *, client_id: str, delivery_timeout_s: float = 20.0, bytes_max: int = 256 << 20
    ) -> None:
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "client.id": client_id,
                "enable.idempotence": True,
                "acks": "all",
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                # Longer than a burst of single posts takes to be handed over; the rest would only be waited for.
                "linger.ms": 0.3,
                "batch.size": 1 << 20,
                "message.timeout.ms": int(delivery_timeout_s * 1000),
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": bytes_max >> 10,
                "message.max.bytes": 8 << 20,
                "log_level": 3,
            },
            logger=QUIET,
        )
        self._loop = asyncio.get_running_loop()
        self._ticking = False

    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        """The position of each record, in order; None where the outcome is unknown (it may stand on the log or not).

        Raises `Unavailable` when nothing was taken because too much is already on its way.
        """
        if not records:
            return []
        burst = _Burst(self._loop.create_future(), records, [None] * len(records), len(records))
        self._hand_over(burst, records)
        if burst.waiting:
            self._tick()
            await burst.done
        return burst.positions

    def _hand_over(self, burst: "_Burst", records: Sequence[Record]) -> None:
        """As many as the producer takes; those that it does not take wait for nothing."""
        produce = self._producer.produce
        for index, record in enumerate(records):
            try:
                produce(record.topic, record.value, record.key, on_delivery=burst.report(index), headers=record.headers)
            except (BufferError, KafkaException) as error:
                if index == 0:
                    raise Unavailable("log-unavailable") from error
                burst.waiting -= len(records) - index
                return

    def __len__(self) -> int:
        """Records handed over and not yet confirmed."""
        return len(self._producer)

    async def close(self, timeout_s: float = 10.0) -> None:
        """Waits for what is on its way, then stops."""
        give_up_at_s = self._loop.time() + timeout_s
        while len(self._producer) and self._loop.time() < give_up_at_s:
            await asyncio.sleep(TICK_S)
            self._producer.poll(0)

    def _tick(self) -> None:
        if not self._ticking:
            self._ticking = True
            self._loop.call_later(TICK_S, self._serve)

    def _serve(self) -> None:
        self._ticking = False
        self._producer.poll(0)
        if len(self._producer):
            self._tick()


@dataclass(slots=True)
class _Burst:
    """Records on their way together. The last report of a burst wakes whoever waits for it."""

    done: "asyncio.Future[None]"
    records: Sequence[Record]
    positions: list[Position | None]
    waiting: int

    def report(self, index: int) -> Callable[[KafkaError | None, Message], None]:
        """The delivery callback of one record."""

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is None:
                # The record's own topic, so that not every position holds a copy of its name.
                topic, at = self.records[index].topic, message.timestamp()[1]
                self.positions[index] = Position(topic, message.partition() or 0, message.offset() or 0, at)
            self.waiting -= 1
            if not self.waiting and not self.done.done():
                self.done.set_result(None)

        return delivered
