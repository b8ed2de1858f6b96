"""Follows the geography topic from its first record, on a thread, and keeps the newest map."""

import asyncio
from threading import Event, Thread
from time import monotonic

from confluent_kafka import Message

from services.kernel.codec import Decoder
from services.kernel.errors import Corrupt, DomicileError, Unavailable
from services.kernel.geography.fold import CORRECTED, AreaFold
from services.kernel.identity.area_tree import AreaTree
from services.kernel.log.reader import LogReader, Partition, offset_of
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.metrics import Metrics

RECORDS_MAX = 2000
READ_TIMEOUT_S = 0.5
LOOK_EVERY_S = 2.0
RETRY_S = 0.5
# What comes is handed over at once; this is how often an idle broker is asked again.
_PATIENT = {"fetch.wait.max.ms": 250}


class GeographyFollower:
    """`current_tree()` is the map so far; `ready` once everything was read that the log held at the start.

    `log_reachable` says whether the broker answered when it was last asked. A record that cannot be decoded is
    told to the operator and leaves the map as it is.
    """

    def __init__(self, bootstrap: str, topic: str, decoder: Decoder, metrics: Metrics) -> None:
        self._bootstrap = bootstrap
        self._partition = Partition(topic, 0)
        self._decoder = decoder
        self._areas_known = metrics.gauge("domicile_areas_known")
        self._offset_gauge = metrics.gauge("domicile_geography_offset")
        self._log = Log("geography")
        self._fold = AreaFold()
        self._tree = AreaTree()
        self._next_offset: int | None = None
        self._target_offset: int | None = None
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="geography", daemon=True)
        self.log_reachable = False

    @property
    def topic(self) -> str:
        """The topic that is followed."""
        return self._partition.topic

    @property
    def ready(self) -> bool:
        """Whether all was read that the log held at the start."""
        return self._target_offset is not None and (self._next_offset or 0) >= self._target_offset

    def current_tree(self) -> AreaTree:
        """The newest map. Unavailable("geography-unavailable") before the first one is complete."""
        if not self.ready:
            raise Unavailable("geography-unavailable")
        return self._tree

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    async def stop(self) -> None:
        """Stop following; returns when the thread has ended."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, 10.0)

    async def wait_for(self, offset: int, timeout_s: float = 2.0) -> bool:
        """Whether the record at `offset` is part of the map; waits for it, but not for ever."""
        give_up_at_s = monotonic() + timeout_s
        while (self._next_offset or 0) <= offset:
            if monotonic() > give_up_at_s:
                return False
            await asyncio.sleep(0.005)
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            reader = LogReader(self._bootstrap, _PATIENT, timeout_s=5.0)
            try:
                self._follow(reader)
            except Unavailable:
                self.log_reachable = False
            except Exception as error:
                self.log_reachable = False
                self._log.error("follower-failed", error, topic=self.topic)
            finally:
                reader.close()
            self._stopping.wait(RETRY_S)

    def _follow(self, reader: LogReader) -> None:
        if not reader.partitions([self.topic]):
            raise Unavailable("log-unavailable")
        span = reader.ranges([self._partition])[self._partition]
        if self._next_offset is None:
            self._next_offset = span.first
            self._target_offset = span.next_offset
        elif self._next_offset > span.next_offset:
            raise Corrupt("position-outside-log")
        reader.assign({self._partition: self._next_offset})
        self.log_reachable = True
        looked_at_s = monotonic()
        while not self._stopping.is_set():
            # One record wakes us at once; what came with it is taken without waiting.
            batch = reader.read(1, READ_TIMEOUT_S)
            if batch:
                self._take([*batch, *reader.read(RECORDS_MAX, 0.0)])
            if monotonic() - looked_at_s > LOOK_EVERY_S:
                reader.ranges([self._partition])
                self.log_reachable = True
                looked_at_s = monotonic()

    def _take(self, batch: list[Message]) -> None:
        for message in batch:
            self._apply(message)
        self._tree = AreaTree(self._fold.parents)
        self._next_offset = offset_of(batch[-1]) + 1
        self._areas_known.set(len(self._tree))
        self._offset_gauge.set(self._next_offset)

    def _apply(self, message: Message) -> None:
        try:
            event = self._decoder.decode(message.value() or b"")
            replacement = None
            if event.type == CORRECTED:
                carried = self._decoder.decode(event.record["replacement"])
                replacement = (carried.type, carried.record)
            self._fold.take(event.type, event.record, replacement)
        except (DomicileError, KeyError) as error:
            self._log.error("undecodable", error, topic=self.topic, offset=offset_of(message))
