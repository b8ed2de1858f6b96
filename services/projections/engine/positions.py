"""How far a build has come: rows that change in one transaction with the rows of its tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import asyncpg

from services.kernel.database import Connection
from services.kernel.log.reader import Partition
from services.projections.engine.builds import LIVE, Version


class Step(NamedTuple):
    """One partition's way through a batch: from `expected` up to, not including, `next_offset`."""

    partition: Partition
    expected: int
    next_offset: int
    recorded_at: int


# Sorted, so that two workers who both believe that they own some partitions wait for each other and never lock
# each other out. The lock on the version is shared: a switch of versions waits for it, other workers do not.
_ADVANCE = """
WITH batch AS (
    SELECT * FROM unnest($3::text[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[])
        AS b (topic, partition, expected, next_offset, recorded_at)
), valid AS (
    SELECT FROM projection.version
    WHERE projection = $1 AND number = $2 AND state = $8 AND halted_at IS NULL FOR SHARE
), mine AS (
    SELECT p.topic, p.partition, b.next_offset, b.recorded_at
    FROM projection.position AS p JOIN batch AS b ON p.topic = b.topic AND p.partition = b.partition
    WHERE p.projection = $1 AND p.number = $2 AND p.next_offset = b.expected AND EXISTS (SELECT FROM valid)
    ORDER BY p.topic, p.partition FOR UPDATE OF p
)
UPDATE projection.position AS p
SET next_offset = mine.next_offset, recorded_at = to_timestamp(mine.recorded_at / 1000.0), updated_at = now()
FROM mine
WHERE p.projection = $1 AND p.number = $2 AND p.topic = mine.topic AND p.partition = mine.partition
RETURNING p.topic, p.partition
"""


async def advance(connection: Connection, version: Version, steps: Sequence[Step], state: str = LIVE) -> set[Partition]:
    """Compare-and-set of all positions; the partitions that were where they were expected.

    The first statement of a batch's transaction: it queues whoever else writes this partition behind us, and a worker
    that lost it gets nothing. No partition at all if the build is not in `state` any more, or is halted.
    """
    rows = await connection.fetch(
        _ADVANCE,
        version.projection,
        version.number,
        [step.partition.topic for step in steps],
        [step.partition.number for step in steps],
        [step.expected for step in steps],
        [step.next_offset for step in steps],
        [step.recorded_at for step in steps],
        state,
    )
    return {Partition(*row) for row in rows}


async def get_positions(
    pool: "Connection | asyncpg.Pool", version: Version, partitions: Iterable[Partition]
) -> Mapping[Partition, int]:
    """The next offset of each of the partitions; a partition that is new begins at 0."""
    wanted = sorted(partitions)
    topics, numbers = [p.topic for p in wanted], [p.number for p in wanted]
    await pool.execute(
        "INSERT INTO projection.position (projection, number, topic, partition, next_offset)"
        " SELECT $1, $2, topic, partition, 0 FROM unnest($3::text[], $4::int[]) AS b (topic, partition)"
        " ON CONFLICT DO NOTHING",
        version.projection,
        version.number,
        topics,
        numbers,
    )
    rows = await pool.fetch(
        "SELECT topic, partition, next_offset FROM projection.position"
        " JOIN unnest($3::text[], $4::int[]) AS b (topic, partition) USING (topic, partition)"
        " WHERE projection = $1 AND number = $2",
        version.projection,
        version.number,
        topics,
        numbers,
    )
    return {Partition(topic, number): next_offset for topic, number, next_offset in rows}
