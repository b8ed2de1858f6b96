"""What readers get from the views is what the fold says."""

from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import pytest

from services.projections.register import queries
from services.projections.register.evidence import people_of
from services.projections.register.life import fold_people, rows
from services.projections.register.tables import TABLES
from tests.projections.register.comparing import Contents
from tests.projections.register.conftest import Register
from tests.projections.register.records import write_histories

RECORDS = write_histories(range(9000, 9010), 40)
PAGE = 7


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


async def test_a_framed_record_is_there_to_unseal_particulars(session: asyncpg.Connection, register: Register) -> None:
    wanted = [RECORDS[0].value[5:21], b"x" * 16]
    found = await queries.fetch_values(session, register.projection.reader, wanted)
    assert {event_id: each.value for event_id, each in found.items()} == {wanted[0]: RECORDS[0].value}
    assert people_of(found[wanted[0]].fact)


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


@pytest.mark.parametrize(("areas", "kind"), [(None, None), (["a1"], None), (["a1", "a2"], "sex-differs")])
async def test_pages_of_findings_show_each_once(
    session: asyncpg.Connection, register: Register, areas: list[str] | None, kind: str | None
) -> None:
    expected = Counter(
        (row[5], row[1], row[4], row[0])
        for row in (await register.read())["finding"].elements()
        if (areas is None or row[5] in areas) and kind in (None, row[1])
    )
    found: list[queries.Finding] = []
    while page := await queries.fetch_findings(session, areas, kind, found[-1].cursor if found else None, PAGE):
        found += page
    assert Counter((each.area, each.kind, each.day, each.person_id.bytes) for each in found) == expected
    assert len(found) > PAGE


async def test_pages_of_departures_that_await_confirmation_show_each_once(
    session: asyncpg.Connection, register: Register
) -> None:
    expected = {(row[0], row[1]) for row in (await register.read())["departure"] if row[8] == "awaiting"}
    found: list[queries.Departure] = []
    while page := await queries.fetch_awaiting(session, None, found[-1].cursor if found else None, 2):
        found += page
    assert {(each.person_id.bytes, each.event_id.bytes) for each in found} == expected
    assert len(found) == len(expected) > 2
    one_area = await queries.fetch_awaiting(session, ["a1"])
    assert {each.from_area for each in one_area} == {"a1"}


async def test_people_are_found_by_id(session: asyncpg.Connection, register: Register) -> None:
    known = [row[0] for row in await session.fetch("SELECT person_id FROM register.person LIMIT 5")]
    found = await queries.fetch_people(session, known)
    assert set(found) == set(known)


@pytest.mark.parametrize("cursor", [["a1"], ["a1", "k", "x", "1", "2", "3"], ["a1", "k", "1", "1", "2", "3"]])
async def test_what_is_no_cursor_is_a_value_error(session: asyncpg.Connection, cursor: list[str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        await queries.fetch_findings(session, None, None, cursor)
