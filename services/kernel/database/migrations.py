"""Schema changes, each applied exactly once, in the order of their file names, under a lock.

A migration is a file `NNN_what_it_does.sql`. It may name `{service_role}`, the login that the service itself
uses (it owns nothing). A file that was applied may never change: write another one.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from services.kernel.errors import Corrupt

LOCK = 0x646F6D69  # any constant that all processes share: "domi"


@dataclass(frozen=True)
class Migration:
    """One file: `name` is `<owner>/<file>`, unique for ever."""

    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(owner: str, folder: Path) -> list[Migration]:
    """The migrations of one part of the house, in order."""
    return [Migration(f"{owner}/{file.name}", file.read_text("utf-8")) for file in sorted(folder.glob("*.sql"))]


async def migrate(url: str, migrations: Sequence[Migration], roles: Mapping[str, str]) -> list[str]:
    """Applies what is missing and returns the names of it. Concurrent callers wait for one another.

    `url` must be the owner's login. `roles` fills the placeholders. Raises `Corrupt` when an applied file was
    changed since.
    """
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS public.migration ("
                " name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            applied = {row["name"]: row["digest"] for row in await connection.fetch("SELECT * FROM migration")}
            return [m.name for m in migrations if await _apply(connection, m, applied, roles)]
    finally:
        await connection.close()


async def _apply(
    connection: "asyncpg.Connection[asyncpg.Record]",
    migration: Migration,
    applied: Mapping[str, str],
    roles: Mapping[str, str],
) -> bool:
    known = applied.get(migration.name)
    if known == migration.digest:
        return False
    if known is not None:
        raise Corrupt("migration-changed", migration.name)
    sql = migration.sql
    for placeholder, role in roles.items():
        sql = sql.replace("{" + placeholder + "}", '"' + role.replace('"', '""') + '"')
    await connection.execute(sql)
    await connection.execute(
        "INSERT INTO public.migration (name, digest) VALUES ($1, $2)", migration.name, migration.digest
    )
    return True
