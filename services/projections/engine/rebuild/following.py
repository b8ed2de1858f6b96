"""From where a build stands up to given positions, by `apply`, batch by batch, as the live build is followed.

What cannot be applied is set aside alone and kept with the build. If it is too much, the rebuild stops.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

import asyncpg

from services.kernel.database.weather import is_weather
from services.kernel.log.reader import LogReader, Partition, Range, offset_of, partition_of
from services.projections.engine import applying
from services.projections.engine.builds import Version
from services.projections.engine.intake import as_record
from services.projections.engine.positions import Step, get_positions
from services.projections.engine.projection import Place, Projection, Record
from services.projections.engine.rebuild.order import FOLLOW, TOO_MANY, Setup, Stop
from services.projections.engine.rebuild.telling import Telling

_LONGEST_WAIT_S = 5.0
Ends = Mapping[Partition, int]


class Following:
    """Brings one build forward. `skipped`: places that are left out."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        projection: Projection,
        version: Version,
        setup: Setup,
        skipped: frozenset[Place],
        telling: Telling,
        records_max: int = 2000,
    ) -> None:
        self._pool, self._projection, self._version = pool, projection, version
        self._skipped, self._telling, self._records_max = skipped, telling, records_max
        self._reader = LogReader(setup.bootstrap)
        self._recent = applying.Recent(setup.aside_max)

    async def get_positions(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Where the build stands."""
        return dict(await get_positions(self._pool, self._version, partitions))

    async def follow(self, ends: Ends) -> None:
        """Up to, not including, `ends`. Through all weather; raises Stop on any doubt, Cancelled if somebody asks."""
        done, attempt = 0, 0
        while True:
            try:
                positions = await self.get_positions(ends)
                ranges = {p: Range(positions[p], end) for p, end in ends.items() if positions[p] < end}
                total = done + sum(span.next_offset - span.first for span in ranges.values())
                await self._telling.tell(FOLLOW, done, total)
                async for records in self._read(ranges):
                    await self._apply(records, positions)
                    done, attempt = done + len(records), 0
                    await self._telling.tell(FOLLOW, done, total)
                return
            except Exception as error:
                if not is_weather(error):
                    raise
                attempt += 1
                if attempt == 1:
                    self._telling.say(f"Waiting: {type(error).__name__}. It goes on by itself.")
                await asyncio.sleep(min(0.1 * 2 ** min(attempt, 6), _LONGEST_WAIT_S))

    async def _read(self, ranges: Mapping[Partition, Range]) -> AsyncIterator[list[Record]]:
        batches = self._reader.read_range(ranges, self._records_max)
        while (messages := await asyncio.to_thread(next, batches, None)) is not None:
            yield [as_record(message, partition_of(message), offset_of(message)) for message in messages]

    async def _apply(self, records: list[Record], positions: dict[Partition, int]) -> None:
        last = {Partition(*record.place[:2]): record for record in records}
        steps = [
            Step(p, positions[p], record.place.offset + 1, record.recorded_at) for p, record in sorted(last.items())
        ]
        wanted = [record for record in records if record.place not in self._skipped]
        read = await asyncio.to_thread(applying.read, self._projection, wanted, steps)
        try:
            aside = await applying.apply(self._pool, self._projection, self._version, read, self._recent)
        except applying.TooManyAside:
            raise Stop(TOO_MANY) from None
        except applying.Elsewhere:
            raise Stop("Somebody else writes this build. Is another rebuild under way?") from None
        self._recent.add(len(aside), len(records))
        positions.update({step.partition: step.next_offset for step in steps})

    def close(self) -> None:
        """Lets go of the broker."""
        self._reader.close()
