"""What the login of readers may do: look at what is shown, and nothing else."""

from collections.abc import Sequence

import asyncpg

_LOCK = 0x72656164  # any constant that all processes share: "read"
_KEYS = ("data_key", "identifier", "identifier_conflict", "pseudonym")
_POSITIONS = ("version", "position", "set_aside")


async def open_to_readers(owner_url: str, reading_role: str, projections: Sequence[str]) -> None:
    """Lets the role select from the views of the projections, now and after every switch of a build, from positions and
    what is set aside, and from the keys and links with which particulars are opened. Safe to repeat.
    """
    role = _quoted(reading_role)
    statements = [f"GRANT USAGE ON SCHEMA projection, privacy TO {role}"]
    statements += [f"GRANT SELECT ON projection.{table} TO {role}" for table in _POSITIONS]
    statements += [f"GRANT SELECT ON privacy.{table} TO {role}" for table in _KEYS]
    for schema in map(_quoted, projections):
        statements.append(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        statements.append(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role}")
        statements.append(f"ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO {role}")
    connection = await asyncpg.connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
