"""The login of readers may look, and nothing else."""

import asyncpg
import pytest

from deploy.local.stack import Region
from tests.projections.api.conftest import Born, Desk


@pytest.fixture
def url(reading_region: Region) -> str:
    return str(reading_region.get_settings("projections")["DOMICILE_READ_DATABASE_URL"])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM register.person",
        "INSERT INTO register.timeline VALUES (gen_random_uuid(), gen_random_uuid())",
        "DELETE FROM register_v1.event",
        "SELECT * FROM register_v1.event",
        "UPDATE privacy.data_key SET wrapped = NULL, destroyed_at = now()",
        "DELETE FROM privacy.pseudonym",
        "UPDATE projection.position SET next_offset = 0",
        "DELETE FROM projection.set_aside",
        "SELECT * FROM ingest.correction_draft",
        "CREATE TABLE public.mine (x int)",
        "SELECT * FROM public.migration",
        "SET ROLE pg_read_all_data",
    ],
)
async def test_whatever_is_more_than_a_look_is_refused(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_the_login_owns_nothing_and_bypasses_nothing(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        role = await connection.fetchrow("SELECT * FROM pg_roles WHERE rolname = current_user")
        assert not [name for name in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolbypassrls") if role[name]]
        owned = "SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"
        assert await connection.fetchval(owned) == 0
    finally:
        await connection.close()


async def test_records_are_read_with_it(url: str, reading_region: Region, clerk: Desk, office: object) -> None:
    child = Born(office)  # type: ignore[arg-type]
    assert clerk.person(child.person_id, child.answer).status_code == 200
    connection = await asyncpg.connect(reading_region.database)
    seen = await connection.fetch(
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE 'projections % reading'"
    )
    await connection.close()
    assert "domicile_south_reading" in {row["usename"] for row in seen}


async def test_what_a_switch_shows_can_be_read_at_once(url: str, reading_region: Region) -> None:
    owner, reader = await asyncpg.connect(reading_region.database), await asyncpg.connect(url)
    try:
        await owner.execute("CREATE VIEW lookup.shown_later AS SELECT 7 AS seven")
        assert await reader.fetchval("SELECT seven FROM lookup.shown_later") == 7
    finally:
        await owner.execute("DROP VIEW IF EXISTS lookup.shown_later")
        await owner.close()
        await reader.close()
