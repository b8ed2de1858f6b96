"""What readers get from the views is what the fold says."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.projections.register import queries
from services.projections.register.life import fold_people, rows
from services.projections.register.tables import TABLES
from tests.projections.register.comparing import Contents
from tests.projections.register.conftest import Register
from tests.projections.register.records import write_histories

RECORDS = write_histories(range(9000, 9010), 40)


@pytest.fixture
async def session(register: Register) -> AsyncIterator[asyncpg.Connection]:
    """Within it the views show the tables of this test; for everybody else they stay as they are."""
    await register.apply(RECORDS)
    transaction = register.connection.transaction()
    await transaction.start()
    await register.connection.execute("DROP SCHEMA IF EXISTS register CASCADE; CREATE SCHEMA register")
    for table in TABLES:
        await register.connection.execute(f"CREATE VIEW register.{table.name} AS TABLE {register.schema}.{table.name}")
    yield register.connection
    await transaction.rollback()


async def test_a_history_folds_to_the_rows_of_its_person(session: asyncpg.Connection, register: Register) -> None:
    residences = await session.fetch(
        "SELECT uuid_send(person_id) AS id, count(*) AS count FROM register.residence GROUP BY 1"
    )
    assert residences
    for person_id, count in residences:
        history = await queries.find_history(session, register.projection.reader, person_id)
        assert history is not None
        assert history.names(person_id)
        assert len(rows(history.fold()[person_id])["residence"]) == count


async def test_of_somebody_who_was_never_named_there_is_no_history(
    session: asyncpg.Connection, register: Register
) -> None:
    assert await queries.find_history(session, register.projection.reader, b"nobody" * 2 + b"here") is None


async def test_a_history_as_known_at_an_instant_is_what_was_on_the_log_by_then(
    session: asyncpg.Connection, register: Register
) -> None:
    reader = register.projection.reader
    times = sorted(record.recorded_at for record in RECORDS)
    then = times[len(times) // 2]
    people = [row[0] for row in await session.fetch("SELECT DISTINCT uuid_send(person_id) FROM register.timeline")]
    for person_id in people:
        history = await queries.find_history(session, reader, person_id)
        assert history is not None
        known = history.as_known_at(then)
        assert all(each.fact.recorded_at <= then for each in known.events.values())
        facts = [each.fact for each in history.events.values() if each.fact.recorded_at <= then]
        assert rows(known.fold()[person_id]) == rows(fold_people(facts, sorted(history.group))[person_id])
        assert history.as_known_at(None) is history


@pytest.mark.parametrize(("track", "column"), [("usual", 5), ("registered", 9)])
async def test_residents_are_counted_at_the_end_of_a_day(
    session: asyncpg.Connection, register: Register, track: str, column: int
) -> None:
    tables: Contents = await register.read()
    total = 0
    for day in range(10_000, 10_050, 5):
        expected = sum(
            row[column] in ("a1", "a2") and row[1] <= day and (row[2] is None or row[2] > day)
            for row in tables["residence"]
        )
        counted = await queries.count_residents(session, ["a1", "a2"], day, track)
        by_age = await queries.count_residents(session, ["a1", "a2"], day, track, by_age=True)
        assert sum(each.residents for each in counted) == sum(each.residents for each in by_age) == expected
        total += expected
    assert total > 0
    with pytest.raises(ValueError, match="track"):
        await queries.count_residents(session, ["a1"], 0, "another")
