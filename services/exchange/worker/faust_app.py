"""The one file that knows Faust: membership in the consumer group, and a hand that is given every record.

Faust's own offsets decide nothing: positions stand in PostgreSQL, in the transaction of what was applied. Faust says
which partitions are ours and hands over what comes; what it leaves out (after a crash, after a rebalance) is read from
the log by position. No handler raises: an agent that raises would lose its event.
"""

import asyncio
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import faust

from services.kernel.log.reader import Partition

Taken = Callable[[Partition, int, bytes], Awaitable[None]]
"""(partition, offset, value): returns when it has room for it, and never raises."""

Assigned = Callable[[set[Partition]], None]
"""Which partitions are ours now."""

_HOLD_S = 1.0
_WAIT_MS = 500


class Group:
    """One member of the consumer group `name`. `agents`: topic -> who is given its records."""

    def __init__(
        self, name: str, bootstrap: str, agents: Mapping[str, Taken], assigned: Assigned, session_timeout_s: float
    ) -> None:
        # Faust tells every rebalance at length; what matters is told by the worker itself.
        for logger in ("faust", "mode"):
            logging.getLogger(logger).setLevel(logging.ERROR)
        # While a broker is away its client says so a hundred times a second; the watchdog says it every few seconds.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
        self.member = f"{name}-{uuid4().hex[:12]}"
        self._app = faust.App(
            name,
            broker_client_id=self.member,
            broker=[f"kafka://{server}" for server in bootstrap.split(",")],
            loop=asyncio.get_running_loop(),
            store="memory://",
            # It makes this folder and puts nothing into it; else it would make it where the service was started.
            datadir=str(Path(tempfile.gettempdir()) / f"domicile-faust-{os.geteuid()}"),
            key_serializer="raw",
            value_serializer="raw",
            autodiscover=False,
            web_enabled=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=4 << 20,
            broker_session_timeout=session_timeout_s,
            broker_heartbeat_interval=session_timeout_s / 4,
            broker_request_timeout=session_timeout_s * 3,
            broker_rebalance_timeout=session_timeout_s,
            broker_max_poll_interval=300.0,
            broker_commit_interval=5.0,
            stream_wait_empty=False,
            stream_recovery_delay=0.0,
            stream_buffer_maxsize=2048,
            producer_linger=0,
        )
        self._assigned = assigned
        for topic, taken in agents.items():
            self._add_agent(topic, taken)
        on_assigned: Any = self._on_assigned
        self._app.on_partitions_assigned.connect(on_assigned, weak=False)

    async def start(self) -> None:
        """Joins; returns when the first assignment is under way."""
        await self._app.start()

    async def stop(self) -> None:
        """Leaves the group, so that others take over at once."""
        await self._app.stop()

    @property
    def has_crashed(self) -> bool:
        """Whether Faust has given up; only a new process mends that."""
        return bool(self._app.crashed or self._app.should_stop)

    def _add_agent(self, topic: str, taken: Taken) -> None:
        async def take(stream: Any) -> None:
            async for event in stream.events():
                message = event.message
                await taken(Partition(message.topic, message.partition), message.offset, message.value)

        take.__name__ = topic
        self._app.agent(self._app.topic(topic, key_serializer="raw", value_serializer="raw"), name=topic)(take)

    def _hold_fetches(self) -> None:
        """Its client asks the broker for the partitions that are empty while others are still being taken in, waits up
        to 1.5 s for something to come there, and asks for none of the others meanwhile. So it asks for all of them,
        once all are taken in. No setting leads there.
        """
        consumer: Any = self._app.consumer
        fetcher = consumer._thread._ensure_consumer()._fetcher
        fetcher._prefetch_backoff, fetcher._fetch_max_wait_ms = _HOLD_S, _WAIT_MS

    async def _on_assigned(self, app: Any, assigned: Sequence[Any], **more: Any) -> None:
        self._hold_fetches()
        self._assigned({Partition(each.topic, each.partition) for each in app.assignor.assigned_actives()})
