"""Sees when this process is no use any more, so that it ends and its parent starts another one.

What Faust does not tell: a fetcher that died silently, a coordinator that forgot us. So three things are looked at from
outside: whether the group counts us among its members, whether what the log holds for our partitions is applied, and
whether Faust itself has given up. While no broker answers, nothing is held against us.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from services.exchange.worker.taking import Taking
from services.kernel.errors import Unavailable
from services.kernel.log.quiet import QUIET
from services.kernel.log.reader import LogReader
from services.kernel.telemetry.logs import Log

LOOK_EVERY_S = 3.0


class Watchdog:
    """`run` returns, with a word that says why, when the process should end.

    `patience_s`: how long a partition may stand still with something to apply, and how long the group may not know us.
    """

    def __init__(
        self,
        bootstrap: str,
        group: str,
        member: str,
        takings: Sequence[Taking],
        has_crashed: Callable[[], bool],
        patience_s: float,
    ) -> None:
        self._group, self._member = group, member
        self._takings = takings
        self._has_crashed = has_crashed
        self._patience_s = patience_s
        self._reader = LogReader(bootstrap, timeout_s=3.0)
        self._admin = AdminClient({"bootstrap.servers": bootstrap}, logger=QUIET)
        self._seen_s = time.monotonic()
        self._applied: dict[object, tuple[int, float]] = {}
        self.lag = 0

    async def run(self) -> str:
        """Why the process should end."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._has_crashed():
                return "consumer-crashed"
            try:
                # First whether a broker answers: librdkafka's admin client may abort the process where none does.
                stalled = await self._find_stalled()
                is_member = await asyncio.to_thread(self._is_member)
            except (Unavailable, KafkaException) as error:
                Log("watchdog").warning("log-does-not-answer", error)
                self._seen_s = time.monotonic()
                self._applied.clear()
                continue
            now_s = time.monotonic()
            if is_member:
                self._seen_s = now_s
            if now_s - self._seen_s > self._patience_s:
                return "coordinator-lost-us"
            if stalled:
                return "consumer-stalls"

    def _is_member(self) -> bool:
        (asked,) = self._admin.describe_consumer_groups([self._group], request_timeout=3.0).values()
        return any(each.client_id == self._member for each in asked.result().members)

    async def _find_stalled(self) -> bool:
        """Whether something waits on the log that we should have applied, and we got nowhere."""
        partitions = [each for taking in self._takings for each in sorted(taking.ours)]
        await asyncio.to_thread(self._reader.partitions, [taking.topic for taking in self._takings])
        ends = await asyncio.to_thread(self._reader.ranges, partitions)
        now_s, stalled, lag = time.monotonic(), False, 0
        for taking in self._takings:
            for partition in taking.ours & ends.keys():
                applied = taking.positions.get(partition, 0)
                behind = ends[partition].next_offset - applied
                lag += max(behind, 0)
                before, since_s = self._applied.get(partition, (-1, now_s))
                if behind <= 0 or applied != before or taking.state in ("waiting", "halted"):
                    self._applied[partition] = (applied, now_s)
                elif now_s - since_s > self._patience_s:
                    stalled = True
        self.lag = lag
        return stalled
