"""The database of analysts on the real stack: what is in it, what it says, and what else can be reached from it."""

import asyncpg
import pytest

from deploy.local.stack import Region
from services.kernel.contract.lints.forbidden import find_forbidden, names_in_text, read_phrases
from services.projections.analysis.contents import SCHEMA, TABLES_SCHEMA, VIEWS, VINTAGE
from services.projections.analysis.functions import FUNCTIONS
from services.projections.analysis.publishing import compile_rows
from services.projections.analysis.schema import at_database_of, describe, list_statements, prepare_schema
from services.projections.analysis.sums import fetch_sums
from services.projections.statistics.disclosure import TEN_FIVE
from tests.ingest.offices import SCHEMAS
from tests.projections.analysis.conftest import COUNTY, NORTH, SOUTH, publish, run_publish

_OTHERS = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname !~ '^pg_(temp|toast_temp)'"


async def test_the_schema_holds_exactly_what_is_listed_and_every_column_is_explained(
    analyst: asyncpg.Connection,
) -> None:
    columns = await analyst.fetch(
        "SELECT c.relname, c.relkind::text AS kind, c.reloptions, a.attname, format_type(a.atttypid, NULL) AS type,"
        " obj_description(c.oid, 'pg_class') AS words, col_description(c.oid, a.attnum) AS column_words"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE n.nspname = $1 AND a.attnum > 0 ORDER BY c.relname, a.attnum",
        SCHEMA,
    )
    found: dict[str, list[tuple[str, str, str]]] = {}
    for row in columns:
        assert row["kind"] == "v"
        assert row["reloptions"] == ["security_barrier=true"]
        found.setdefault(row["relname"], []).append((row["attname"], row["type"], row["column_words"]))
    words = {row["relname"]: row["words"] for row in columns}
    long = {"timestamptz": "timestamp with time zone"}
    listed = {
        view.name: [(c.name, long.get(c.type, c.type), c.words) for c in (*view.columns, *VINTAGE)] for view in VIEWS
    }
    assert found == listed
    assert words == {view.name: view.words for view in VIEWS}


async def test_the_functions_are_exactly_those_listed_and_run_with_the_callers_rights(
    analyst: asyncpg.Connection,
) -> None:
    rows = await analyst.fetch(
        "SELECT p.proname, p.prosecdef, obj_description(p.oid, 'pg_proc') AS words"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1",
        SCHEMA,
    )
    assert {row["proname"]: row["words"] for row in rows} == {each.name: describe(each) for each in FUNCTIONS}
    assert not any(row["prosecdef"] for row in rows)


def test_no_name_in_the_schema_is_of_what_the_register_must_not_know() -> None:
    names = [name for statement in list_statements() for name in names_in_text(statement, "analysis")]
    assert find_forbidden(names, read_phrases(SCHEMAS)) == []


async def test_analysts_read_what_an_edition_of_the_register_says_now(
    region: Region, analyst: asyncpg.Connection, owner: asyncpg.Connection
) -> None:
    await publish(region)
    async with owner.transaction(isolation="repeatable_read", readonly=True):
        sums = await fetch_sums(owner)
    expected = compile_rows(sums, TEN_FIVE, 2025)
    for view in VIEWS:
        if view.name == "edition":
            continue
        own = ", ".join(column.name for column in view.columns)
        rows = [tuple(row) for row in await analyst.fetch(f"SELECT {own} FROM analysis.{view.name}")]
        assert sorted(rows, key=repr) == sorted(map(tuple, expected.get(view.name, [])), key=repr), view.name


async def test_the_small_municipality_is_held_back_and_takes_the_other_one_with_it(
    analyst: asyncpg.Connection,
) -> None:
    rows = await analyst.fetch(
        "SELECT area, births, held_back, rule, vintage FROM analysis.births"
        " WHERE year = 2003 AND breakdown = 'total' AND area = ANY($1) ORDER BY area",
        [COUNTY, NORTH, SOUTH],
    )
    assert [(row["area"], row["births"], row["held_back"]) for row in rows] == [
        (COUNTY, 70, False),
        (NORTH, None, True),
        (SOUTH, None, True),
    ]
    assert {row["rule"] for row in rows} == {"10-5/1"}
    assert all(row["vintage"] is not None for row in rows)


async def test_a_rate_stands_beside_its_parts(analyst: asyncpg.Connection) -> None:
    row = await analyst.fetchrow(
        "SELECT * FROM analysis.rates WHERE year = 2003 AND area = $1 AND indicator = 'crude-birth-rate'", COUNTY
    )
    assert row["definition"] == "crude-birth-rate/1"
    assert (row["numerator"], row["numerator_value"], row["denominator"]) == ("births", 70, "person_years")
    assert row["denominator_value"] is not None
    assert row["value"] is None, "of fewer than 100 person-years"
    assert row["reason"]


async def test_functions_answer_any_day_with_a_day_that_is_published(analyst: asyncpg.Connection) -> None:
    rows = await analyst.fetch("SELECT * FROM population_on('2004-02-10') WHERE area = $1", COUNTY)
    assert [(str(row["day"]), row["people"]) for row in rows] == [("2003-12-31", 70)]
    within = await analyst.fetch("SELECT area, depth FROM areas_within($1, '2004-02-10')", COUNTY)
    assert [tuple(row) for row in within] == [(COUNTY, 0), (NORTH, 1), (SOUTH, 1)]
    assert {COUNTY, NORTH} <= {row["area"] for row in await analyst.fetch("SELECT * FROM areas_on('2004-02-10')")}
    pyramid = await analyst.fetch("SELECT * FROM pyramid($1, 2003)", COUNTY)
    assert (pyramid[0]["age_from"], pyramid[0]["women"], pyramid[0]["men"]) == (0, 35, 35)


async def test_one_edition_is_named_with_its_conventions(analyst: asyncpg.Connection) -> None:
    row = await analyst.fetchrow("SELECT * FROM edition")
    assert (row["threshold"], row["base"], row["rule"]) == (10, 5, "10-5/1")
    assert row["first_year"] <= 2003


async def test_nothing_new_makes_no_new_edition(region: Region, analyst: asyncpg.Connection) -> None:
    await publish(region)
    before = await analyst.fetchval("SELECT number FROM edition")
    assert "edition-published" not in run_publish(region)
    assert await analyst.fetchval("SELECT number FROM edition") == before


async def test_a_start_leaves_the_edition_and_another_list_makes_the_schema_anew(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = region.get_settings("projections")
    url = at_database_of(settings["DOMICILE_OWNER_DATABASE_URL"], settings["DOMICILE_ANALYSIS_DATABASE_URL"])
    service, role = "domicile_north_projections", settings["DOMICILE_PROJECTIONS_ANALYST_ROLE"]
    forgotten = await asyncpg.connect(region.analyst_database)
    await forgotten.execute("SET idle_in_transaction_session_timeout = 0; BEGIN; SELECT count(*) FROM population")
    assert not await prepare_schema(url, service, role)
    assert await _count_editions(region) == 1
    monkeypatch.setattr("services.projections.analysis.schema.FUNCTIONS", FUNCTIONS[:1])
    assert await prepare_schema(url, service, role), "an open transaction of an analyst does not make a start wait"
    assert await _count_editions(region) == 0
    forgotten.terminate()
    monkeypatch.undo()
    assert await prepare_schema(url, service, role)
    await publish(region)
    assert await _count_editions(region) == 1


async def _count_editions(region: Region) -> int:
    connection = await asyncpg.connect(region.analyst_database)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM edition"))
    finally:
        await connection.close()


async def test_tables_of_a_country_are_cut_by_decade(owner: asyncpg.Connection, region: Region) -> None:
    settings = region.get_settings("projections")
    url = at_database_of(settings["DOMICILE_OWNER_DATABASE_URL"], settings["DOMICILE_ANALYSIS_DATABASE_URL"])
    connection = await asyncpg.connect(url)
    try:
        plan = await connection.fetch(f"EXPLAIN SELECT * FROM {TABLES_SCHEMA}.population WHERE year = 2003")
        assert "population_2000" in str(plan)
        assert "population_1990" not in str(plan)
    finally:
        await connection.close()
