"""Builds: numbered, made once, shown by views, kept when the code wants another edition."""

import asyncio

import asyncpg
import pytest

from services.projections.engine import builds
from tests.projections.engine.lab import Lab
from tests.projections.engine.words import Words


class NextWords(Words):
    edition = 2


async def test_a_build_is_made_once_even_by_several_at_a_time_and_another_edition_leaves_it_alone(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    url, name = lab.stack.regions["north"].database, lab.names[0]
    role = str(await lab.database.fetchval("SELECT current_user")).replace("_owner", "_projections")
    assert role in lab.settings["DOMICILE_DATABASE_URL"]
    await asyncio.gather(*(builds.prepare(url, role, lab.region, [NextWords(name)]) for _ in range(3)))
    rows = await lab.database.fetch("SELECT number, state, edition FROM projection.version WHERE projection = $1", name)
    assert [tuple(row) for row in rows] == [(1, "live", 1)]
    assert [record.message for record in caplog.records] == ["rebuild-wanted"] * 3


async def test_the_service_may_change_rows_and_nothing_else(lab: Lab) -> None:
    name = lab.names[0]
    service = await asyncpg.connect(lab.settings["DOMICILE_DATABASE_URL"])
    try:
        await service.execute(f"INSERT INTO {name}_v1.word VALUES ('x', 1)")
        assert await service.fetchval(f"SELECT count FROM {name}.word") == 1
        for statement in (
            f"DROP TABLE {name}_v1.word",
            f"CREATE TABLE {name}_v1.mine (x int)",
            "UPDATE projection.version SET state = 'live'",
            "DELETE FROM projection.set_aside_action",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await service.execute(statement)
    finally:
        await service.close()


@pytest.mark.parametrize("name", ["", "Words", "a-b", 'x"; DROP', "1st", "w" * 41])
def test_a_name_that_cannot_stand_in_a_statement_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name"):
        builds.get_schema(name, 1)
