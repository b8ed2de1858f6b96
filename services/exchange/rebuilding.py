"""Folds the journal of the exchange anew, beside the live tables, and compares; on demand it switches.

    python -m services.exchange rebuild [--switch]

A process of its own with the owner's login. Nothing is applied meanwhile. Exit code: 0 both are equal (or it has
switched), 1 it cannot start, 2 wrong settings, 4 the tables differ.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from services.exchange.journal.records import EntryCoder
from services.exchange.ledger import rebuild
from services.exchange.ledger.applying import Ledger
from services.exchange.settings import ExchangeSettings
from services.exchange.worker.parts import find_directory, make_house, open_members
from services.kernel.clock import open_clock
from services.kernel.contract.catalog import Catalog
from services.kernel.database import close_pool, find_role, migrate, open_pool, read_migrations
from services.kernel.http.serving import run_service
from services.kernel.log.reader import LogReader, Partition
from services.kernel.log.topics import get_topic
from services.kernel.privacy.region_key import RegionKey
from services.kernel.settings import SettingsError

DIFFERENT = 4
REASON = "rebuilding"
SETTLE_S = 1.0


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(
        "python -m services.exchange rebuild", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--switch", action="store_true", help="put the rebuilt tables in the place of the live ones")
    told = parser.parse_args(arguments)

    async def serve(settings: ExchangeSettings) -> int:
        return await _run(settings, switches=told.switch)

    return run_service("exchange-rebuild", __doc__ or "", ExchangeSettings, serve)


async def _run(settings: ExchangeSettings, *, switches: bool) -> int:
    if settings.owner_database_url is None:
        raise SettingsError(["DOMICILE_OWNER_DATABASE_URL is needed: tables are made"])
    owner = await asyncpg.connect(settings.owner_database_url)
    pool = await open_pool(settings.database_url, name=f"exchange {settings.region} rebuild", synchronous_commit=False)
    try:
        role = str(await pool.fetchval("SELECT current_user"))
        migrations = read_migrations("exchange", Path(__file__).parent / "migrations")
        reading = await find_role(settings.read_database_url or settings.database_url)
        await migrate(settings.owner_database_url, migrations, {"service_role": role, "reading_role": reading})
        was_halted = await pool.fetchval(
            "INSERT INTO exchange.halt (reason) VALUES ($1) ON CONFLICT DO NOTHING RETURNING false", REASON
        )
        try:
            await asyncio.sleep(SETTLE_S)  # a batch that was under way is in, or it finds the halt
            return await _rebuild(settings, owner, pool, role, switches=switches)
        finally:
            if was_halted is False:
                await pool.execute("DELETE FROM exchange.halt WHERE reason = $1", REASON)
    finally:
        await owner.close()
        await close_pool(pool)


async def _rebuild(
    settings: ExchangeSettings,
    owner: "asyncpg.Connection[asyncpg.Record]",
    pool: asyncpg.Pool,
    role: str,
    *,
    switches: bool,
) -> int:
    house = make_house(settings.region, find_directory(open_members(settings)))
    coder = EntryCoder(settings.region, Catalog.load(), RegionKey.read(settings.region_key_file))
    ledger = Ledger(house, coder, schema=rebuild.REBUILT, announces=False)
    await rebuild.make_schema(owner, role)
    ends = await _find_ends(settings, pool, whole=switches)
    count = await rebuild.fold_up_to(pool, ledger, settings.kafka, ends, lambda done: _say(f"{done} entries"))
    differences = await rebuild.compare(owner, open_clock(settings.clock_offset_file).now())
    for each in differences:
        _say(
            f"{each.table}: {each.only_live} rows stand in the live table only, {each.only_rebuilt} in the rebuilt one"
        )
    if switches:
        await rebuild.switch(owner)
        _say(f"Folded {count} entries and switched.")
        return 0
    _say(f"Folded {count} entries; {'the tables differ' if differences else 'the tables are equal'}.")
    return DIFFERENT if differences else 0


async def _find_ends(settings: ExchangeSettings, pool: asyncpg.Pool, *, whole: bool) -> dict[Partition, int]:
    """Up to where: what the live tables have applied, or, to take their place, all that the log holds."""
    topic = get_topic(settings.region, "exchange")
    rows = await pool.fetch("SELECT partition, next_offset FROM exchange.position WHERE topic = $1", topic)
    ends = {Partition(topic, row[0]): int(row[1]) for row in rows}
    if whole:
        reader = LogReader(settings.kafka)
        try:
            ends |= {each: span.next_offset for each, span in reader.ranges(reader.partitions([topic])).items()}
        finally:
            reader.close()
    return ends


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
