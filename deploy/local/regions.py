"""What a region needs before its services start: a database, its roles, its keys and its topics."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from deploy.local.layout import Layout, StackError, find_json, make_secret_file, write_json
from services.kernel.identity.local_keys import (
    ensure_signing_key,
    identity_folder,
    local_audience,
    local_issuer,
)

# Services with a login of their own, and the login with which records are read: it may only look.
SERVICES, READING = ("ingest", "projections", "exchange"), "reading"
LOGINS = (*SERVICES, READING)
# Analysts have a database of their own, and this login reaches no other.
ANALYST = "analyst"

_ANALYSTS_MAX = 10
_ANALYST_SESSION = {
    "default_transaction_read_only": "on",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "search_path": "analysis",
    "temp_file_limit": "1GB",
}
# Anybody may read how much is written on the server, to every table of every database, and so tell single events; may
# make large objects; may hold the locks that editions are made under. Nothing that analysts use needs these functions.
_CLOSE_COUNTERS = """
DO $$
DECLARE closed text;
BEGIN
    FOR closed IN
        SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'pg_catalog' AND has_function_privilege('public', p.oid, 'EXECUTE')
          AND p.proname ~ ('^(pg_stat_get_|pg_stat_clear_|pg_stat_have_|pg_stat_reset|pg_database_size'
            || '|pg_tablespace_size|pg_current_wal|pg_current_xact|pg_current_snapshot|pg_last_|pg_logical_'
            || '|pg_replication_|pg_snapshot|pg_xact_|pg_lock_status|pg_prepared_xact|txid_|lo_|loread|lowrite'
            || '|pg_notify|pg_listening|pg_advisory_lock|pg_advisory_xact|pg_try_advisory)')
    LOOP
        EXECUTE 'REVOKE EXECUTE ON FUNCTION ' || closed || ' FROM PUBLIC';
    END LOOP;
    REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
END $$
"""


@dataclass(frozen=True)
class AnalystDatabase:
    """Where editions are published. `role`: who may read them."""

    role: str
    analyst_url: str
    service_url: str


@dataclass(frozen=True)
class Prepared:
    """A region ready for its services. `settings`: those of ingest; `logins`: service -> its URL of the database."""

    name: str
    database_url: str
    settings: Mapping[str, str]
    logins: Mapping[str, str]
    analysis: AnalystDatabase
    exchange: Mapping[str, str]

    def get_settings(self, service: str) -> dict[str, str]:
        """The environment of one service. Each has a login of its own and can touch its own tables only."""
        own = {"DOMICILE_DATABASE_URL": self.logins.get(service, self.logins["ingest"])}
        if service == "projections":
            own["DOMICILE_READ_DATABASE_URL"] = self.logins[READING]
            own["DOMICILE_ANALYSIS_DATABASE_URL"] = self.analysis.service_url
            own["DOMICILE_PROJECTIONS_ANALYST_ROLE"] = self.analysis.role
            # A machine for trying things out: whoever reads editions here may read everything else too.
            own["DOMICILE_PROJECTIONS_EDITION_S"] = "30"
        if service == "exchange":
            own["DOMICILE_READ_DATABASE_URL"] = self.logins[READING]
            own |= self.exchange
        return {**self.settings, **own}


def get_database(region: str) -> str:
    return f"domicile_{region}"


def get_analysis_database(region: str) -> str:
    return f"{get_database(region)}_analysis"


async def prepare_databases(
    layout: Layout, regions: tuple[str, ...], admin_url: str, *, own_server: bool = False
) -> dict[str, str]:
    """Region -> URL of its database as its owner. Makes databases and roles that are missing.

    `own_server`: nobody else has a database on it, so that the administrator's can be closed to everybody.
    """
    try:
        connection = await asyncpg.connect(admin_url, timeout=10)
    except (OSError, asyncpg.PostgresError) as refused:
        raise StackError(f"The database server does not let us in: {refused}") from None
    try:
        if own_server:
            await connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
        urls = {region: await _prepare_database(layout, region, connection, admin_url) for region in regions}
        for region in regions:
            await _prepare_analysis(region, connection, admin_url)
        return urls
    finally:
        await connection.close()


def prepare_region(
    layout: Layout, region: str, kafka: str, database_url: str, exchange: Mapping[str, str] | None = None
) -> Prepared:
    """Makes the region's keys where they are missing, and gathers its services' settings.

    `exchange`: what its exchange is told beyond that, of its federation and its ports.
    """
    folder = layout.region(region)
    key_file = folder / "region.key"
    make_secret_file(key_file, secrets.token_hex(32) + "\n")
    jwks = ensure_signing_key(identity_folder(layout.home, region))
    passwords = _get_passwords(layout, region)
    logins = {service: _make_url(database_url, region, service, passwords) for service in LOGINS}
    settings = {
        "DOMICILE_REGION": region,
        "DOMICILE_KAFKA": kafka,
        "DOMICILE_DATABASE_URL": logins["ingest"],
        "DOMICILE_OWNER_DATABASE_URL": database_url,
        "DOMICILE_JWKS": str(jwks),
        "DOMICILE_TOKEN_ISSUER": local_issuer(region),
        "DOMICILE_TOKEN_AUDIENCE": local_audience(region),
        "DOMICILE_REGION_KEY_FILE": str(key_file),
        "DOMICILE_CLOCK_OFFSET_FILE": str(find_clock_offset_file(layout.home, region)),
        "DOMICILE_HOST": "127.0.0.1",
        "DOMICILE_LOG_LEVEL": "INFO",
    }
    analysis = AnalystDatabase(
        role=f"{get_database(region)}_{ANALYST}",
        analyst_url=_make_url(database_url, region, ANALYST, passwords, get_analysis_database(region)),
        service_url=_make_url(database_url, region, "projections", passwords, get_analysis_database(region)),
    )
    return Prepared(region, database_url, settings, logins, analysis, exchange or {})


def keep_settings(layout: Layout, region: Prepared) -> None:
    """Leaves the settings of each service in the region's folder, for containers and for tests."""
    for service in SERVICES:
        write_json(get_settings_file(layout, region.name, service), region.get_settings(service))


def get_settings_file(layout: Layout, region: str, service: str = "ingest") -> Path:
    """Where the environment of a service is kept."""
    name = "settings.json" if service == "ingest" else f"settings-{service}.json"
    return layout.region(region) / name


def find_clock_offset_file(home: Path, region: str) -> Path:
    """A test may write seconds into it, to shift the clock of all the region's processes."""
    return Layout(home).region(region) / "clock-offset"


async def _prepare_database(layout: Layout, region: str, connection: Any, admin_url: str) -> str:
    database = get_database(region)
    passwords = _get_passwords(layout, region)
    for role, password in passwords.items():
        await _ensure_role(connection, f"{database}_{role}", password)
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        # Names were checked by Options: small letters and digits. CREATE takes no parameters.
        await connection.execute(f'CREATE DATABASE "{database}" OWNER "{database}_owner"')
    await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    for service in LOGINS:
        await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO "{database}_{service}"')
    return _make_url(admin_url, region, "owner", passwords)


async def _prepare_analysis(region: str, connection: Any, admin_url: str) -> None:
    """The database of analysts, and what their login can do on the server at all."""
    owner, database, analyst = get_database(region), get_analysis_database(region), f"{get_database(region)}_{ANALYST}"
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", database):
        await connection.execute(f'CREATE DATABASE "{database}" OWNER "{owner}_owner"')
    await connection.execute(f'REVOKE ALL ON DATABASE "{database}" FROM PUBLIC')
    for role in (f"{owner}_projections", analyst):
        await connection.execute(f'GRANT CONNECT ON DATABASE "{database}" TO "{role}"')
    # So that the owner may end sessions of analysts when the schema is made anew.
    await connection.execute(f'GRANT "{analyst}" TO "{owner}_owner"')
    await connection.execute(f'ALTER ROLE "{analyst}" NOINHERIT CONNECTION LIMIT {_ANALYSTS_MAX}')
    for name, value in _ANALYST_SESSION.items():
        await connection.execute(f"ALTER ROLE \"{analyst}\" SET {name} = '{value}'")
    inside = await asyncpg.connect(urlunsplit(urlsplit(admin_url)._replace(path=f"/{database}")), timeout=10)
    try:
        await inside.execute(_CLOSE_COUNTERS)
        for function in (
            "pg_advisory_xact_lock(bigint)",
            "pg_try_advisory_lock(bigint)",
            "pg_stat_get_activity(integer)",
        ):
            await inside.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{owner}_owner", "{owner}_projections"')
    finally:
        await inside.close()


async def _ensure_role(connection: Any, role: str, password: str) -> None:
    # token_urlsafe: nothing in it needs quoting.
    known = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role)
    verb = "ALTER" if known else "CREATE"
    await connection.execute(f"{verb} ROLE \"{role}\" LOGIN PASSWORD '{password}'")


def _get_passwords(layout: Layout, region: str) -> dict[str, str]:
    """Role -> password; drawn once, kept in the state folder."""
    path = layout.region(region) / "passwords.json"
    kept: dict[str, str] = find_json(path) or {}
    missing = {role: secrets.token_urlsafe(24) for role in ("owner", *LOGINS, ANALYST) if role not in kept}
    if missing:
        write_json(path, kept | missing)
    return kept | missing


def _make_url(like: str, region: str, role: str, passwords: Mapping[str, str], database: str | None = None) -> str:
    """The region's database, or another, on the server of the URL `like`, as one of its roles."""
    parts = urlsplit(like)
    database = database or get_database(region)
    login = f"{get_database(region)}_{role}:{quote(passwords[role])}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit(parts._replace(netloc=login, path=f"/{database}"))
