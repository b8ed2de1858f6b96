"""Takes the records of one topic in: what Faust hands over, and by position what it does not, in batches.

Nothing here raises into Faust. A batch is applied for ever until it is in, or belongs to another worker.
"""

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from services.exchange.ledger.applying import Halted
from services.exchange.ledger.aside import TOO_MANY, Placed, TooManyAside
from services.exchange.ledger.positions import Elsewhere, Step
from services.kernel.database.weather import is_weather
from services.kernel.errors import Corrupt
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of
from services.kernel.telemetry.logs import Log

Apply = Callable[[Sequence[Placed], Sequence[Step]], Awaitable[None]]
"""Applies a batch and moves the positions. Raises Elsewhere, Halted, TooManyAside or weather: then nothing is done."""

FindPositions = Callable[[set[Partition]], Awaitable[Mapping[Partition, int]]]
Halt = Callable[[str], Awaitable[None]]
"""Nothing is applied any more, in no worker, for that reason."""

_FIRST_WAIT_S, _LONGEST_WAIT_S, _HALTED_WAIT_S = 0.05, 5.0, 0.5
ROOM = 2000
OUTSIDE_LOG = "position-outside-log"
T = TypeVar("T")


class Taking:
    """`run` works until it is cancelled."""

    def __init__(
        self,
        topic: str,
        bootstrap: str,
        apply: Apply,
        find_positions: FindPositions,
        halt: Halt,
        *,
        batch_max: int,
        linger_s: float,
    ) -> None:
        self.topic = topic
        self.ours: set[Partition] = set()
        self.state = "starting"
        self.entries = self.batches = self.retries = 0
        self.positions: dict[Partition, int] = {}
        self._bootstrap = bootstrap
        self._apply = apply
        self._find_positions = find_positions
        self._halt = halt
        self._batch_max, self._linger_s = batch_max, linger_s
        self._waiting: deque[Placed] = deque()
        self._something, self._room = asyncio.Event(), asyncio.Event()
        self._behind: set[Partition] = set()
        self._log = Log("agent")

    async def take(self, partition: Partition, offset: int, value: bytes) -> None:
        """What the agent does with an event: puts it down, and waits where too much lies there."""
        self._waiting.append(Placed(partition, offset, value))
        self._something.set()
        while len(self._waiting) > ROOM:
            self._room.clear()
            await self._room.wait()

    def assign(self, assigned: set[Partition]) -> None:
        """Partitions that are new to us are read from their positions first."""
        mine = {each for each in assigned if each.topic == self.topic}
        self._behind |= mine - self.ours
        self.ours = mine
        self._something.set()

    async def run(self) -> None:
        """Takes in, through all weather."""
        while True:
            await self._something.wait()
            self._something.clear()
            self.state = "following"
            try:
                if self._behind:
                    await self._catch_up()
                while self._waiting:
                    if len(self._waiting) < self._batch_max:
                        await asyncio.sleep(self._linger_s)
                    await self._settle(self._next())
            except Exception as error:
                # Nothing is lost: what was not applied is read from the log by position.
                self._log.error("taking-failed", error, topic=self.topic)
                self._behind |= self.ours
                self._something.set()
                await asyncio.sleep(1.0)

    def _next(self) -> list[Placed]:
        batch = [self._waiting.popleft() for _ in range(min(self._batch_max, len(self._waiting)))]
        self._room.set()
        return batch

    async def _catch_up(self) -> None:
        """Reads from the positions to where the log ends now."""
        partitions, self._behind = self._behind & self.ours, set()
        if not partitions:
            return
        try:
            positions = await self._persist(lambda: self._find_positions(partitions))
            self.positions.update(positions)
            ends = await self._persist(lambda: asyncio.to_thread(self._read_ends, sorted(partitions)))
            for partition, end in ends.items():
                if positions[partition] > end.next_offset:
                    # The log was cut or replaced: what comes would look as if it were applied already.
                    await self._persist(lambda: self._halt(OUTSIDE_LOG))
                    raise Corrupt("position-outside-log", f"{partition.topic}/{partition.number}")
                if positions[partition] < end.next_offset:
                    await self._read_up(partition, end.next_offset)
        except BaseException:
            self._behind |= partitions
            raise

    def _read_ends(self, partitions: list[Partition]) -> dict[Partition, Range]:
        with contextlib.closing(LogReader(self._bootstrap)) as reader:
            return reader.ranges(partitions)

    async def _read_up(self, partition: Partition, end: int) -> None:
        while partition in self.ours and self.positions[partition] < end:
            first = self.positions[partition]
            span = Range(first, min(end, first + self._batch_max))
            records = await self._persist(lambda p=partition, s=span: asyncio.to_thread(self._read, p, s))  # type: ignore[misc]
            await self._settle(records, is_whole=True)

    def _read(self, partition: Partition, span: Range) -> list[Placed]:
        with contextlib.closing(LogReader(self._bootstrap)) as reader:
            batches = list(reader.read_range({partition: span}))
        return [Placed(partition_of(each), offset_of(each), each.value() or b"") for batch in batches for each in batch]

    async def _settle(self, records: Sequence[Placed], *, is_whole: bool = False) -> None:
        """Applies what is still to be applied of them, however long it takes."""
        attempt = 0
        while True:
            left = [each for each in records if each.partition in self.ours]
            unknown = {each.partition for each in left} - set(self.positions)
            if unknown:
                self.positions.update(await self._persist(lambda u=unknown: self._find_positions(u)))  # type: ignore[misc]
            left = [each for each in left if each.offset >= self.positions[each.partition]]
            if not left:
                return
            if not is_whole and (gap := self._find_gap(left)) is not None:
                await self._read_up(*gap)
                continue
            try:
                await self._apply(left, self._steps(left))
            except Elsewhere:
                for each in {each.partition for each in left}:
                    self.positions.pop(each, None)
            except Halted:
                self.state = "halted"
                await asyncio.sleep(_HALTED_WAIT_S)
            except TooManyAside as found:
                self._log.error("too-many-set-aside", found.asides[-1].raised, count=len(found.asides))
                await self._persist(lambda: self._halt(TOO_MANY))
            except Exception as error:
                if not is_weather(error):
                    raise
                attempt += 1
                await self._endure(error, attempt)
            else:
                self.positions.update({step.partition: step.next_offset for step in self._steps(left)})
                self.entries, self.batches, self.state = self.entries + len(left), self.batches + 1, "following"
                return

    def _find_gap(self, records: Sequence[Placed]) -> tuple[Partition, int] | None:
        """A partition of which records are missing before the first of these, and up to where."""
        for partition, group in groupby(sorted(records, key=lambda r: (r.partition, r.offset)), lambda r: r.partition):
            expected = self.positions[partition]
            for each in group:
                if each.offset > expected:
                    return partition, each.offset
                expected = max(expected, each.offset + 1)
        return None

    def _steps(self, records: Sequence[Placed]) -> list[Step]:
        ends: dict[Partition, int] = {}
        for each in records:
            ends[each.partition] = max(ends.get(each.partition, 0), each.offset + 1)
        return [Step(partition, self.positions[partition], end) for partition, end in ends.items()]

    async def _persist(self, work: Callable[[], Awaitable[T]]) -> T:
        """What comes of it, once the weather lets it through."""
        attempt = 0
        while True:
            try:
                return await work()
            except Exception as error:
                if not is_weather(error):
                    raise
                attempt += 1
                await self._endure(error, attempt)

    async def _endure(self, error: Exception, attempt: int) -> None:
        self.retries += 1
        self.state = "waiting"
        wait_s = min(_FIRST_WAIT_S * 2 ** min(attempt, 10), _LONGEST_WAIT_S)
        if attempt in (1, 5) or attempt % 20 == 0:
            self._log.warning("batch-waits", error, attempt=attempt, topic=self.topic)
        await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311 no secret
