"""What a build that is not live could not apply: kept apart until it goes live, for nobody has to act on it before."""

from services.kernel.database import Connection
from services.projections.engine.builds import Version
from services.projections.engine.projection import Place


async def count_found(connection: Connection, version: Version) -> int:
    """How many records this build could not apply."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM projection.found_aside WHERE projection = $1 AND number = $2",
        version.projection,
        version.number,
    )
    return found


async def list_raised(connection: Connection, version: Version) -> frozenset[Place]:
    """Records that a rebuild could read, and that raised something when they were folded."""
    rows = await connection.fetch(
        'SELECT topic, partition, "offset" FROM projection.found_aside'
        " WHERE projection = $1 AND number = $2 AND error IS NOT NULL",
        version.projection,
        version.number,
    )
    return frozenset(Place(*row) for row in rows)


async def exchange(connection: Connection, old: Version, new: Version) -> None:
    """What waits is what the build that goes live found; what the other one had found is kept with it."""
    await connection.execute(
        "INSERT INTO projection.found_aside"
        ' (projection, number, topic, partition, "offset", reason, error, subjects, recorded_at)'
        ' SELECT projection, $2, topic, partition, "offset", reason, error, subjects, recorded_at'
        " FROM projection.set_aside WHERE projection = $1 AND state = 'waiting' ON CONFLICT DO NOTHING",
        old.projection,
        old.number,
    )
    await connection.execute(
        "DELETE FROM projection.set_aside AS s WHERE projection = $1 AND state = 'waiting' AND NOT EXISTS ("
        " SELECT FROM projection.found_aside AS f WHERE f.projection = $1 AND f.number = $2"
        ' AND (f.topic, f.partition, f."offset") = (s.topic, s.partition, s."offset"))',
        new.projection,
        new.number,
    )
    await connection.execute(
        "INSERT INTO projection.set_aside"
        ' (projection, topic, partition, "offset", reason, error, subjects, recorded_at)'
        ' SELECT projection, topic, partition, "offset", reason, error, subjects, recorded_at'
        " FROM projection.found_aside WHERE projection = $1 AND number = $2"
        ' ON CONFLICT (projection, topic, partition, "offset") DO NOTHING',
        new.projection,
        new.number,
    )
    await connection.execute(
        "DELETE FROM projection.found_aside WHERE projection = $1 AND number = $2", new.projection, new.number
    )
