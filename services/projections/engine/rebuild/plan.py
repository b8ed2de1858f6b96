"""What a rebuild has fixed at its start and has done so far: rows of the control schema, by which it goes on."""

from collections.abc import Iterable, Sequence

import msgspec

from services.kernel.database import Connection
from services.kernel.log.reader import Partition, Range
from services.projections.engine.builds import Version
from services.projections.engine.projection import Place, Table


class Plan(msgspec.Struct, frozen=True):
    """`ranges`: topic, partition, first offset, end of what the first pass reads. `skipped`: places that somebody
    decided to leave out. `parts`: 0 for a projection without bulk.
    """

    ranges: tuple[tuple[str, int, int, int], ...]
    skipped: tuple[tuple[str, int, int], ...]
    parts: int
    processes: int
    tables: tuple[tuple[str, tuple[str, ...]], ...]

    def get_ranges(self) -> dict[Partition, Range]:
        return {Partition(topic, number): Range(first, end) for topic, number, first, end in self.ranges}

    def get_skipped(self) -> frozenset[Place]:
        return frozenset(Place(*place) for place in self.skipped)

    @property
    def topics(self) -> list[str]:
        """In order."""
        return sorted({topic for topic, _, _, _ in self.ranges})

    @property
    def records(self) -> int:
        """How many records the first pass reads, as far as offsets tell."""
        return sum(end - first for _, _, first, end in self.ranges)


class State(msgspec.Struct, frozen=True):
    """A rebuild as written down."""

    version: Version
    phase: str
    plan: Plan
    cancel_asked: bool


async def keep_plan(connection: Connection, version: Version, phase: str, plan: Plan) -> None:
    """In the transaction that makes the version."""
    await connection.execute(
        "INSERT INTO projection.rebuild (projection, number, phase, plan) VALUES ($1, $2, $3, $4::text::jsonb)",
        version.projection,
        version.number,
        phase,
        msgspec.json.encode(plan).decode(),
    )


async def list_states(connection: Connection, projection: str | None = None) -> list[State]:
    """Rebuilds that were not finished."""
    rows = await connection.fetch(
        "SELECT v.projection, v.number, v.state, v.edition, v.halted_reason,"
        " r.phase, r.plan::text AS plan, r.cancel_asked_at IS NOT NULL AS cancel_asked"
        " FROM projection.rebuild AS r JOIN projection.version AS v USING (projection, number)"
        " WHERE v.state = 'building' AND ($1::text IS NULL OR v.projection = $1) ORDER BY 1, 2",
        projection,
    )
    return [
        State(Version(*list(row)[:5]), row["phase"], msgspec.json.decode(row["plan"], type=Plan), row["cancel_asked"])
        for row in rows
    ]


async def keep_phase(connection: Connection, version: Version, phase: str) -> None:
    """The phases before this one are done."""
    await connection.execute(
        "UPDATE projection.rebuild SET phase = $3, done = 0, total = 0, updated_at = now()"
        " WHERE projection = $1 AND number = $2",
        version.projection,
        version.number,
        phase,
    )


async def keep_progress(connection: Connection, version: Version, done: int, total: int) -> bool:
    """For whoever looks from elsewhere. True if somebody there asked to cancel."""
    return bool(
        await connection.fetchval(
            "UPDATE projection.rebuild SET done = $3, total = $4, updated_at = now()"
            " WHERE projection = $1 AND number = $2 RETURNING cancel_asked_at IS NOT NULL",
            version.projection,
            version.number,
            done,
            total,
        )
    )


async def ask_to_cancel(connection: Connection) -> list[str]:
    """The projections whose rebuild was asked to stop."""
    rows = await connection.fetch(
        "UPDATE projection.rebuild SET cancel_asked_at = now() FROM projection.version AS v"
        " WHERE v.projection = rebuild.projection AND v.number = rebuild.number AND v.state = 'building'"
        " RETURNING rebuild.projection"
    )
    return [row["projection"] for row in rows]


async def list_parts(connection: Connection, version: Version) -> set[int]:
    """Parts whose rows are written."""
    rows = await connection.fetch(
        "SELECT part FROM projection.rebuild_part WHERE projection = $1 AND number = $2",
        version.projection,
        version.number,
    )
    return {row["part"] for row in rows}


async def forget_parts(connection: Connection, version: Version, tables: Sequence[Table]) -> None:
    """As if no part had been written. Their tables have no indexes yet."""
    names = ", ".join(f'"{version.schema}"."{table.name}"' for table in tables)
    async with connection.transaction():
        await connection.execute(f"TRUNCATE {names}")
        await connection.execute(
            "DELETE FROM projection.rebuild_part WHERE projection = $1 AND number = $2",
            version.projection,
            version.number,
        )


async def list_skipped(connection: Connection, projection: str) -> list[tuple[str, int, int]]:
    """Places of the log that somebody decided to leave out."""
    rows = await connection.fetch(
        "SELECT topic, partition, \"offset\" FROM projection.set_aside WHERE projection = $1 AND state = 'skipped'"
        " ORDER BY 1, 2, 3",
        projection,
    )
    return [(row["topic"], row["partition"], row["offset"]) for row in rows]


async def keep_positions(connection: Connection, version: Version, positions: Iterable[tuple[Partition, int]]) -> None:
    """Where a build stands when its rows were written in bulk."""
    await connection.executemany(
        "INSERT INTO projection.position (projection, number, topic, partition, next_offset)"
        " VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (projection, number, topic, partition) DO UPDATE SET next_offset = excluded.next_offset",
        [(version.projection, version.number, *partition, offset) for partition, offset in positions],
    )
