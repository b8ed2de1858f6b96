"""Where the log ends, looked at now and then: what lag is measured against, and whether a broker answers at all."""

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from threading import Event, Thread

from services.kernel.errors import DomicileError
from services.kernel.log.reader import LogReader, Partition
from services.kernel.telemetry.logs import Log

LOOK_EVERY_S = 1.0
_KEPT = 900


class LogEnds:
    """`ends` is what was seen last. `reachable`: whether the broker answered then."""

    def __init__(self, bootstrap: str, topics: Sequence[str]) -> None:
        self._bootstrap = bootstrap
        self._topics = list(topics)
        self._seen: deque[tuple[float, Mapping[Partition, int]]] = deque(maxlen=_KEPT)
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="log-ends", daemon=True)
        self._log = Log("log-ends")
        self.reachable = False
        self._lost = False

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    async def stop(self) -> None:
        """Returns when the thread has ended."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, 10.0)

    @property
    def ends(self) -> Mapping[Partition, int]:
        """The offset that comes next in each partition; nothing before the first look."""
        return self._seen[-1][1] if self._seen else {}

    def lag_s(self, partition: Partition, next_offset: int) -> float:
        """For how long the log has held something that is not applied, as far as we have looked back."""
        since_s = None
        for seen_at_s, ends in reversed(list(self._seen)):
            if ends.get(partition, 0) <= next_offset:
                break
            since_s = seen_at_s
        return 0.0 if since_s is None else time.monotonic() - since_s

    def _run(self) -> None:
        while not self._stopping.is_set():
            reader = LogReader(self._bootstrap, timeout_s=4.0)
            try:
                while not self._stopping.is_set():
                    self._look(reader)
                    self._stopping.wait(LOOK_EVERY_S)
            except DomicileError as error:
                # Once, not every second: it may last for hours.
                if self.reachable:
                    self._log.warning("log-unreachable", error)
                self._lost, self.reachable = True, False
            except Exception as error:
                self.reachable = False
                self._log.error("looking-failed", error)
            finally:
                reader.close()
            self._stopping.wait(LOOK_EVERY_S)

    def _look(self, reader: LogReader) -> None:
        ranges = reader.ranges(reader.partitions(self._topics))
        if self._lost:
            self._log.info("log-reachable")
        self._lost, self.reachable = False, True
        ends = {partition: span.next_offset for partition, span in ranges.items()}
        # An end that has not moved says nothing new.
        if not self._seen or self._seen[-1][1] != ends:
            self._seen.append((time.monotonic(), ends))
