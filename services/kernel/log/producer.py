"""Appends to the log, and says where each record stands once the broker has confirmed it.

confluent-kafka reports each delivery on a thread of its own. One wake-up of the event loop hands over all reports of a
burst: a wake-up for each record would cost more than the record.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Thread

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from msgspec import Struct

from services.kernel.errors import Unavailable

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
                "linger.ms": 1,
                "batch.size": 1 << 20,
                "message.timeout.ms": int(delivery_timeout_s * 1000),
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": bytes_max >> 10,
                "message.max.bytes": 8 << 20,
                "log_level": 3,
            }
        )
        self._loop = asyncio.get_running_loop()
        self._reports: list[tuple[_Burst, int, Position | None]] = []
        self._waking = False
        self._closed = False
        self._thread = Thread(target=self._poll, name="log-producer", daemon=True)
        self._thread.start()

    async def append(self, records: Sequence[Record]) -> list[Position | None]:
        """The position of each record, in order; None where the outcome is unknown (it may stand on the log or not).

        Raises `Unavailable` when nothing was taken because too much is already on its way.
        """
        if not records:
            return []
        burst = _Burst(self._loop.create_future(), [None] * len(records), len(records))
        for index, record in enumerate(records):
            try:
                self._producer.produce(
                    record.topic,
                    value=record.value,
                    key=record.key,
                    headers=record.headers,
                    on_delivery=_Report(self._reports, burst, index),
                )
            except (BufferError, KafkaException) as error:
                if index == 0:
                    raise Unavailable("log-unavailable") from error
                burst.waiting -= len(records) - index
                break
        if burst.waiting:
            await burst.done
        return burst.positions

    def __len__(self) -> int:
        """Records handed over and not yet confirmed."""
        return len(self._producer)

    async def close(self, timeout_s: float = 10.0) -> None:
        """Waits for what is on its way, then stops."""
        await asyncio.to_thread(self._producer.flush, timeout_s)
        self._closed = True
        await asyncio.to_thread(self._thread.join, timeout_s)

    def _poll(self) -> None:
        while not self._closed:
            self._producer.poll(0.2)
            if self._reports and not self._waking:
                self._waking = True
                try:
                    self._loop.call_soon_threadsafe(self._hand_over)
                except RuntimeError:  # the loop is closed: nobody waits any more
                    return

    def _hand_over(self) -> None:
        self._waking = False
        reports = self._reports
        count = len(reports)
        for burst, index, position in reports[:count]:
            burst.positions[index] = position
            burst.waiting -= 1
            if not burst.waiting and not burst.done.done():
                burst.done.set_result(None)
        del reports[:count]


@dataclass(slots=True)
class _Burst:
    done: "asyncio.Future[None]"
    positions: list[Position | None]
    waiting: int


class _Report:
    """The delivery callback of one record; runs on the polling thread and only takes note."""

    __slots__ = ("burst", "index", "reports")

    def __init__(self, reports: list[tuple[_Burst, int, Position | None]], burst: _Burst, index: int) -> None:
        self.reports, self.burst, self.index = reports, burst, index

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        position = None
        if error is None:
            position = Position(
                message.topic() or "", message.partition() or 0, message.offset() or 0, message.timestamp()[1]
            )
        self.reports.append((self.burst, self.index, position))
