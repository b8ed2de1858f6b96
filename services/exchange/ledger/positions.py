"""How far each partition was applied. It moves in the transaction of what was applied, and only from where it was."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import asyncpg

from services.kernel.database import Connection
from services.kernel.log.reader import Partition

CHANNEL = "exchange_applied"
"""Notified with `<topic>/<partition>/<next offset>` when a batch is committed."""


class Step(NamedTuple):
    """From where to where a batch moves a partition."""

    partition: Partition
    expected: int
    next_offset: int


class Elsewhere(Exception):
    """Some partitions were not where they were expected: another worker has them. Nothing was written."""


async def advance(connection: Connection, steps: Sequence[Step]) -> None:
    """Moves the positions; Elsewhere if one of them stands elsewhere."""
    ordered = sorted(steps)
    moved = await connection.fetch(
        "UPDATE position AS p SET next_offset = b.next_offset, moved_at = now()"
        " FROM (SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[])"
        "   AS b (topic, partition, expected, next_offset)) AS b"
        " WHERE p.topic = b.topic AND p.partition = b.partition AND p.next_offset = b.expected"
        " RETURNING 1",
        [step.partition.topic for step in ordered],
        [step.partition.number for step in ordered],
        [step.expected for step in ordered],
        [step.next_offset for step in ordered],
    )
    if len(moved) < len(ordered):
        raise Elsewhere


async def get_positions(
    pool: "Connection | asyncpg.Pool", partitions: Iterable[Partition], schema: str = "exchange"
) -> Mapping[Partition, int]:
    """The next offset of each; one that is new begins at 0."""
    wanted = sorted(partitions)
    topics, numbers = [each.topic for each in wanted], [each.number for each in wanted]
    table = f'"{schema}".position'
    await pool.execute(
        f"INSERT INTO {table} (topic, partition, next_offset)"  # noqa: S608 a schema of ours
        " SELECT topic, partition, 0 FROM unnest($1::text[], $2::int[]) AS b (topic, partition)"
        " ON CONFLICT DO NOTHING",
        topics,
        numbers,
    )
    rows = await pool.fetch(
        f"SELECT topic, partition, next_offset FROM {table}"  # noqa: S608
        " JOIN unnest($1::text[], $2::int[]) AS b (topic, partition) USING (topic, partition)",
        topics,
        numbers,
    )
    return {Partition(topic, number): next_offset for topic, number, next_offset in rows}


async def announce(connection: Connection, steps: Sequence[Step], channels: Sequence[str]) -> None:
    """Whoever waits learns of it when the transaction is committed; who works on hears on the channels that there may
    be something for it."""
    told = [f"{step.partition.topic}/{step.partition.number}/{step.next_offset}" for step in steps]
    if told or channels:
        await connection.execute(
            "SELECT pg_notify(channel, told) FROM unnest($1::text[], $2::text[]) AS b (channel, told)",
            [*(CHANNEL for _ in told), *channels],
            [*told, *("" for _ in channels)],
        )
