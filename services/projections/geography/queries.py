"""The map as it stands in the tables."""

from services.kernel.database import Connection
from services.projections.geography.atlas import Atlas, Change, Finding, Link, Version

_VERSION = "area, valid_from, valid_to, name, name_local, area_kind, level, parent_area, uuid_send(event_id)"


async def fetch_atlas(connection: Connection, schema: str = "geography") -> Atlas:
    """All of it. The caller's transaction should be REPEATABLE READ: several tables are read."""
    versions = await connection.fetch(
        f'SELECT {_VERSION} FROM "{schema}".area_version'  # noqa: S608
    )
    changes = await connection.fetch(f'SELECT day, predecessor, successor, kind FROM "{schema}".area_change')  # noqa: S608
    links = await connection.fetch(
        f'SELECT ancestor, descendant, depth, valid_from, valid_to FROM "{schema}".area_closure'  # noqa: S608
    )
    findings = await connection.fetch(
        f'SELECT kind, area, day, uuid_send(event_id), other_area FROM "{schema}".area_finding'  # noqa: S608
    )
    return Atlas(
        (Version(*row) for row in versions),
        (Change(*row) for row in changes),
        (Link(*row) for row in links),
        (Finding(*row) for row in findings),
    )
