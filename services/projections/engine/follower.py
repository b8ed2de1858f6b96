"""Follows the log for one projection in one process: takes in, decodes while the last batch commits, applies."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from services.kernel.database.weather import is_too_much, is_weather
from services.kernel.errors import Corrupt
from services.kernel.log.reader import Partition
from services.kernel.telemetry.logs import Log
from services.projections.engine import applying, halting
from services.projections.engine.aside import Aside
from services.projections.engine.builds import Version, find_live, list_topics
from services.projections.engine.figures import Figures
from services.projections.engine.intake import Intake, Stretch
from services.projections.engine.positions import Step, get_positions
from services.projections.engine.projection import Projection, Record

LOOK_AGAIN_S = 0.5
TOLD_MAX = 5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.05, 5.0
T = TypeVar("T")


class Stopped(Exception):
    """The worker was asked to stop."""


class _Halted(Exception):
    """The live build takes in nothing more."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is taken at once. `linger_s`: how long the first record of a batch waits for company. `aside_max`: as in
    `applying.Recent`.
    """

    records_max: int = 2000
    linger_s: float = 0.015
    aside_max: int = 20


@dataclass(frozen=True, slots=True)
class _Work:
    read: applying.Read
    stretches: Mapping[Partition, Stretch]


class Follower:
    """`run` returns when `stop` is set and nothing is under way."""

    def __init__(
        self, projection: Projection, region: str, bootstrap: str, pool: asyncpg.Pool, pace: Pace, stop: asyncio.Event
    ) -> None:
        self.figures = Figures(projection.name)
        self._projection = projection
        self._region = region
        self._bootstrap = bootstrap
        self._pool = pool
        self._pace = pace
        self._stop = stop
        self._recent = applying.Recent(pace.aside_max)
        self._version: Version | None = None
        self._troubled_since_s: float | None = None
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"follow-{projection.name}")
        self._log = Log("follower")

    async def run(self) -> None:
        """Follows, through all weather, and waits while the projection is halted."""
        failures = 0
        try:
            while not self._stop.is_set():
                begun_with = self.figures.batches
                try:
                    await self._wait_for_build()
                    await self._follow()
                except _Halted:
                    continue
                except Stopped:
                    break
                except Corrupt as error:
                    await self._halt(halting.OUTSIDE_LOG, error)
                except Exception as error:
                    # Nothing is lost by joining anew: the position is in the database.
                    failures = failures + 1 if self.figures.batches == begun_with else 1
                    await self._endure("follower-failed", error, failures)
        finally:
            self.figures.state = "stopped"
            self._thread.shutdown(wait=False)

    async def _wait_for_build(self) -> None:
        while True:
            found = await self._persist(lambda: find_live(self._pool, self._projection.name))
            self._version = found
            if found is not None and found.halted is None:
                return
            self.figures.state = "halted" if found else "waiting for a build"
            await self._pause(LOOK_AGAIN_S)

    async def _follow(self) -> None:
        """Until the projection is halted, we are stopped, or the membership in the group is broken."""
        topics = list_topics(self._projection, self._region)
        group = f"{self._region}.projections.{self._projection.name}"
        intake = Intake(self._bootstrap, group, topics, self._find_positions)
        self.figures.state = "following"
        taking = self._thread.submit(self._take, intake)
        try:
            while not self._stop.is_set():
                work = await asyncio.wrap_future(taking)
                self.figures.partitions = intake.count_partitions()
                taking = self._thread.submit(self._take, intake)
                if work.stretches:
                    await self._settle(intake, work)
                else:
                    self._cheer()
        finally:
            await asyncio.wait([asyncio.wrap_future(taking)])
            taking.exception()
            self.figures.partitions = 0
            await asyncio.wrap_future(self._thread.submit(intake.close))

    def _take(self, intake: Intake) -> _Work:
        """On the thread."""
        taken = intake.take(self._pace.records_max, self._pace.linger_s)
        return self._read(taken.records, taken.stretches)

    def _read(self, records: Sequence[Record], stretches: Mapping[Partition, Stretch]) -> _Work:
        steps = [stretch.step for stretch in stretches.values()]
        return _Work(applying.read(self._projection, records, steps), stretches)

    async def _settle(self, intake: Intake, work: _Work) -> None:
        """Applies what was taken, however long it takes; what is not ours any more is dropped."""
        pieces, attempt = deque([work]), 0
        while pieces:
            piece = await self._narrow(intake, pieces[0])
            if not piece.stretches:
                pieces.popleft()
                continue
            try:
                await self._apply(intake, piece)
            except applying.Elsewhere as elsewhere:
                await self._look_again(intake, piece, elsewhere.partitions)
                continue
            except applying.TooManyAside as found:
                self._tell("would-be-set-aside", found.aside[-TOLD_MAX:])
                await self._halt(halting.TOO_MANY_ASIDE, found.aside[-1].raised)
                raise _Halted from None
            except Exception as error:
                if not is_weather(error):
                    raise
                attempt += 1
                await self._endure("batch-waits", error, attempt)
                if is_too_much(error) and attempt > 1 and len(piece.read.records) > 1:
                    pieces.popleft()
                    pieces.extendleft(reversed([await self._reread(*half) for half in _halves(piece)]))
                continue
            pieces.popleft()
            attempt = 0
            self._cheer()

    async def _narrow(self, intake: Intake, work: _Work) -> _Work:
        """Without the partitions that were taken away meanwhile."""
        current = {p: s for p, s in work.stretches.items() if intake.is_current(p, s.epoch)}
        if len(current) == len(work.stretches):
            return work
        return await self._reread([r for r in work.read.records if r.place[:2] in current], current)

    async def _reread(self, records: Sequence[Record], stretches: Mapping[Partition, Stretch]) -> _Work:
        return await asyncio.to_thread(self._read, records, stretches)

    async def _apply(self, intake: Intake, work: _Work) -> None:
        assert self._version is not None
        begun_s = time.monotonic()
        applied: Iterable[Step] = ()
        intake.begin()
        try:
            aside = await applying.apply(self._pool, self._projection, self._version, work.read, self._recent)
            applied = work.read.steps
        finally:
            intake.end(applied)
        self._recent.add(len(aside), len(work.read.records))
        self._tell("set-aside", aside)
        self.figures.records += len(work.read.records)
        self.figures.batches += 1
        self.figures.aside += len(aside)
        self.figures.applying_s += time.monotonic() - begun_s

    def _tell(self, event: str, aside: Sequence[Aside]) -> None:
        for entry in aside:
            place = entry.record.place
            self._log.error(
                event,
                entry.raised,
                projection=self._projection.name,
                topic=place.topic,
                partition=place.partition,
                offset=place.offset,
                reason=entry.reason.word,
            )

    async def _look_again(self, intake: Intake, work: _Work, partitions: set[Partition]) -> None:
        """Somebody else moved these, or another build is live."""
        live = await self._persist(lambda: find_live(self._pool, self._projection.name))
        if live is None or live.halted is not None:
            raise _Halted
        if self._version is None or live.number != self._version.number:
            self._log.info("build-changed", projection=self._projection.name, version=live.number)
            self._version = live
            intake.misplace_all()
            return
        self._log.info("position-moved", projection=self._projection.name, count=len(partitions))
        intake.misplace({p: work.stretches[p].epoch for p in partitions})

    def _find_positions(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """On the thread; returns when the database has answered."""
        version = self._version
        assert version is not None
        asked = self._persist(lambda: get_positions(self._pool, version, partitions))
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result()

    async def _persist(self, work: Callable[[], Awaitable[T]]) -> T:
        """What the work gives, as soon as the weather allows it. Stopped if we are asked to stop before."""
        attempt = 0
        while True:
            try:
                found = await work()
            except Exception as error:
                if not is_weather(error):
                    raise
                attempt += 1
                await self._endure("database-waits", error, attempt)
                continue
            if attempt:
                self._cheer()
            return found

    async def _halt(self, reason: str, error: Exception | None) -> None:
        assert self._version is not None
        version = self._version
        self._log.error("halted", error, projection=self._projection.name, version=version.number, reason=reason)
        await self._persist(lambda: halting.halt(self._pool, version, reason))

    async def _endure(self, event: str, error: Exception, attempt: int) -> None:
        """Says so, and waits."""
        self.figures.retries += 1
        self.figures.state = "in trouble"
        if self._troubled_since_s is None:
            self._troubled_since_s = time.monotonic()
        wait_s = min(_FIRST_WAIT_S * 2 ** min(attempt - 1, 10), _LONGEST_WAIT_S) * random.uniform(0.5, 1.0)  # noqa: S311
        self._log.warning(event, error, projection=self._projection.name, attempt=attempt, wait_s=round(wait_s, 2))
        await self._pause(wait_s)

    def _cheer(self) -> None:
        self._troubled_since_s = None
        self.figures.state = "following"

    def measure(self) -> Figures:
        """The figures as they are now."""
        since_s = self._troubled_since_s
        self.figures.troubled_s = 0.0 if since_s is None else time.monotonic() - since_s
        return self.figures

    async def _pause(self, wait_s: float) -> None:
        """Stopped if we are asked to stop meanwhile."""
        try:
            async with asyncio.timeout(wait_s):
                await self._stop.wait()
        except TimeoutError:
            return
        raise Stopped


def _halves(work: _Work) -> list[tuple[Sequence[Record], Mapping[Partition, Stretch]]]:
    """The records in two parts, each with the way through its part of each partition."""
    records = work.read.records
    middle = len(records) // 2
    halves: list[tuple[Sequence[Record], Mapping[Partition, Stretch]]] = []
    begun = {p: stretch.step.expected for p, stretch in work.stretches.items()}
    for part in (records[:middle], records[middle:]):
        last = {Partition(*r.place[:2]): r for r in part}
        stretches = {}
        for p, record in last.items():
            step = Step(p, begun[p], record.place.offset + 1, record.recorded_at)
            begun[p] = step.next_offset
            stretches[p] = Stretch(work.stretches[p].epoch, step)
        halves.append((part, stretches))
    return halves
