"""One batch in one transaction: the position first, then the rows, and what cannot be applied set aside alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.kernel.database import Connection
from services.kernel.database.weather import is_weather
from services.kernel.log.reader import Partition
from services.projections.engine.aside import Aside, keep, keep_found, set_aside
from services.projections.engine.builds import LIVE, Version
from services.projections.engine.positions import Step, advance
from services.projections.engine.projection import Batch, Projection, Record


class Elsewhere(Exception):
    """Some partitions were not where they were expected, or the build takes in nothing more. Nothing was written."""

    def __init__(self, partitions: set[Partition]) -> None:
        super().__init__()
        self.partitions = partitions


class TooManyAside(Exception):
    """So much would be set aside that something must be wrong with us, not with the records. Nothing was written."""

    def __init__(self, aside: Sequence[Aside]) -> None:
        super().__init__()
        self.aside = aside


class Recent:
    """How much of the last records was set aside: more than `few` and more than `share` of them is too much."""

    def __init__(self, few: int = 20, share: float = 0.01, span: int = 10_000) -> None:
        self._few, self._share, self._span = few, share, span
        self._batches: list[tuple[int, int]] = []

    def is_too_much(self, aside: int, records: int) -> bool:
        """Whether a batch of `records`, `aside` of them set aside, is one too many."""
        bad = aside + sum(batch[0] for batch in self._batches)
        seen = records + sum(batch[1] for batch in self._batches)
        return aside > 0 and bad > self._few and bad > self._share * min(seen, self._span)

    def add(self, aside: int, records: int) -> None:
        """Count a batch that was applied."""
        # One entry per batch would grow without end where batches are small.
        if self._batches and self._batches[-1][1] + records <= self._span // 100:
            last = self._batches.pop()
            aside, records = aside + last[0], records + last[1]
        self._batches.append((aside, records))
        while len(self._batches) > 1 and sum(batch[1] for batch in self._batches[1:]) >= self._span:
            del self._batches[0]


@dataclass(frozen=True, slots=True)
class Read:
    """Records with what the projection made of them; `failed`: it raised, which it should not."""

    records: Sequence[Record]
    steps: Sequence[Step]
    batch: Batch | None


def read(projection: Projection, records: Sequence[Record], steps: Sequence[Step]) -> Read:
    """Decodes; for a thread. A projection that raises is asked again, record by record, when they are applied."""
    try:
        return Read(records, steps, projection.read(records) if records else None)
    except Exception as error:
        if is_weather(error):
            raise
        return Read(records, steps, None)


async def apply(
    pool: asyncpg.Pool, projection: Projection, version: Version, work: Read, recent: Recent
) -> list[Aside]:
    """What was set aside. Raises Elsewhere, TooManyAside, or whatever the weather is; then nothing is written."""
    if work.batch is not None:
        try:
            return await _apply_whole(pool, projection, version, work, work.batch, recent)
        except (Elsewhere, TooManyAside):
            raise
        except Exception as error:
            if is_weather(error):
                raise
    async with pool.acquire() as connection, connection.transaction():
        await _advance(connection, version, work.steps)
        aside = await _Careful(connection, projection, version.schema, recent, len(work.records)).apply(work.records)
        await _keep(connection, version, aside)
    return aside


async def _apply_whole(
    pool: asyncpg.Pool, projection: Projection, version: Version, work: Read, batch: Batch, recent: Recent
) -> list[Aside]:
    aside = [set_aside(projection, work.records[p.index], p.reason) for p in batch.poison]
    if recent.is_too_much(len(aside), len(work.records)):
        raise TooManyAside(aside)
    async with pool.acquire() as connection, connection.transaction():
        await _advance(connection, version, work.steps)
        if len(aside) < len(work.records):
            await projection.apply(connection, version.schema, batch.content)
        if aside:
            await _keep(connection, version, aside)
    return aside


async def _advance(connection: Connection, version: Version, steps: Sequence[Step]) -> None:
    missing = {step.partition for step in steps} - await advance(connection, version, steps, version.state)
    if missing:
        raise Elsewhere(missing)


async def _keep(connection: Connection, version: Version, aside: Sequence[Aside]) -> None:
    if version.state == LIVE:
        await keep(connection, version.projection, aside)
    else:
        await keep_found(connection, version.projection, version.number, aside)


class _Careful:
    """Halves a batch that cannot be applied until the records stand alone that are to blame."""

    def __init__(
        self, connection: Connection, projection: Projection, schema: str, recent: Recent, records: int
    ) -> None:
        self._connection = connection
        self._projection = projection
        self._schema = schema
        self._recent = recent
        self._records = records
        self._aside: list[Aside] = []

    async def apply(self, records: Sequence[Record]) -> list[Aside]:
        """What had to be set aside; all else is applied."""
        await self._try(records)
        return self._aside

    async def _try(self, records: Sequence[Record]) -> None:
        healthy = records
        try:
            batch = await asyncio.to_thread(self._projection.read, records)
            if batch.poison:
                bad = {poison.index: poison.reason for poison in batch.poison}
                for index, reason in bad.items():
                    self._add(records[index], reason)
                healthy = [record for index, record in enumerate(records) if index not in bad]
            if healthy:
                async with self._connection.transaction():
                    await self._projection.apply(self._connection, self._schema, batch.content)
        except TooManyAside:
            raise
        except Exception as error:
            if is_weather(error):
                raise
            await self._halve(healthy, error)

    async def _halve(self, records: Sequence[Record], error: Exception) -> None:
        if len(records) == 1:
            self._add(records[0], error)
            return
        middle = len(records) // 2
        await self._try(records[:middle])
        await self._try(records[middle:])

    def _add(self, record: Record, cause: str | Exception) -> None:
        self._aside.append(set_aside(self._projection, record, cause))
        if self._recent.is_too_much(len(self._aside), self._records):
            raise TooManyAside(self._aside)
