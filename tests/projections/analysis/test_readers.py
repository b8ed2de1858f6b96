"""The programs that analysts use, with the login that `domicile status --json` gives, on the real stack."""

import io
import os
import shutil
import subprocess
from pathlib import Path

import asyncpg
import polars as pl
import pytest

from deploy.local.postgres import get_binaries
from deploy.local.stack import Region
from tests.projections.analysis.conftest import COUNTY

QUERY = f"SELECT year, area, births, rule FROM analysis.births WHERE area = '{COUNTY}' AND breakdown = 'total'"
FOUND = [(2003, COUNTY, 70, "10-5/1")]


def run_psql(url: str, *arguments: str) -> str:
    psql = shutil.which("psql") or get_binaries() / "psql"
    if not Path(psql).exists():
        pytest.skip("no psql on this machine")
    return subprocess.run(
        [psql, url, "--no-psqlrc", *arguments],
        env={"PATH": os.defpath, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_psql_reads_it(region: Region) -> None:
    table = pl.read_csv(io.StringIO(run_psql(region.analyst_database, "--csv", "-c", QUERY)), schema_overrides=[
        pl.Int64, pl.String, pl.Int64, pl.String])  # fmt: skip
    assert table.rows() == FOUND


def test_psql_describes_it(region: Region) -> None:
    listed = run_psql(region.analyst_database, "-c", r"\dv+", "-c", r"\d+ population", "-c", r"\df+ population_on")
    assert "Usual residents at the end of every year" in listed
    assert "People; null: held back." in listed
    assert "the last quarter that was over" in listed


def test_duckdb_reads_it_and_hands_it_to_polars(region: Region) -> None:
    duckdb = pytest.importorskip("duckdb")
    # From a package, not from the network: DuckDB would fetch it otherwise.
    package = Path(pytest.importorskip("duckdb_extension_postgres_scanner").__file__).parent
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{next(package.rglob('*.duckdb_extension'))}'")
        connection.execute(f"ATTACH '{region.analyst_database}' AS register (TYPE postgres, READ_ONLY)")
        assert connection.execute(QUERY.replace("analysis.", "register.analysis.")).pl().rows() == FOUND
        schemas = {row[0] for row in connection.execute("SELECT DISTINCT schema FROM (SHOW ALL TABLES)").fetchall()}
        assert "analysis" in schemas
        with pytest.raises(duckdb.Error, match="permission denied"):
            connection.execute("SELECT * FROM register.edition.source").fetchall()


def test_polars_reads_it_by_adbc(region: Region) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    table = pl.read_database_uri(QUERY, region.analyst_database, engine="adbc")
    assert table.rows() == FOUND


def test_arrow_reads_a_function_by_adbc(region: Region) -> None:
    dbapi = pytest.importorskip("adbc_driver_postgresql.dbapi")
    with dbapi.connect(region.analyst_database) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT area, people FROM analysis.population_on('2004-02-10') WHERE area = '{COUNTY}'")
        assert cursor.fetch_arrow_table().to_pylist() == [{"area": COUNTY, "people": 70}]


async def test_a_pool_of_asyncpg_reads_it(region: Region) -> None:
    """It puts sessions back in order with functions that stay open."""
    async with asyncpg.create_pool(region.analyst_database, min_size=1, max_size=2) as pool:
        assert [tuple(row) for row in await pool.fetch(QUERY)] == FOUND
