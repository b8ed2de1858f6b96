"""What a worker and the application both stand on, opened once in each process."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg

from services.exchange.clerk.duties import duty_of
from services.exchange.journal.journal import Journal
from services.exchange.journal.records import EntryCoder
from services.exchange.journal.sealing import PartSealer
from services.exchange.ledger.house import House
from services.exchange.ledger.waiting import WaitingJournal
from services.exchange.members import MembersFile
from services.exchange.protocol.conversation import Directory
from services.exchange.register.posts import make_posts
from services.exchange.settings import ExchangeSettings
from services.kernel.clock import Clock, open_clock
from services.kernel.contract.catalog import Catalog
from services.kernel.database import close_pool, open_pool
from services.kernel.log.producer import LogProducer
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.reading.recorder import ReadRecorder

OFFICE = "exchange"


@dataclass(frozen=True)
class Parts:
    """`members`: None where no federation is configured. `read_pool`: may look at the register, and only look."""

    settings: ExchangeSettings
    catalog: Catalog
    region_key: RegionKey
    clock: Clock
    pool: asyncpg.Pool
    read_pool: asyncpg.Pool
    producer: LogProducer
    coder: EntryCoder
    journal: WaitingJournal
    members: MembersFile | None
    data_keys: DataKeys
    sealer: PartSealer
    audit: ReadRecorder
    house: House


@asynccontextmanager
async def open_parts(settings: ExchangeSettings, catalog: Catalog, name: str) -> AsyncIterator[Parts]:
    """Closed in the opposite order. Raises OSError or errors of asyncpg when the database does not answer."""
    region_key, clock = RegionKey.read(settings.region_key_file), open_clock(settings.clock_offset_file)
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.database_url, name=f"{name} {settings.region}", lock_timeout_s=8.0)
        stack.push_async_callback(close_pool, pool)
        read_pool = await open_pool(
            settings.read_database_url or settings.database_url, name=f"{name} {settings.region} reading", size_max=4
        )
        stack.push_async_callback(close_pool, read_pool)
        producer = LogProducer(settings.kafka, client_id=f"exchange-{settings.region}", bytes_max=32 << 20)
        stack.push_async_callback(producer.close)
        coder = EntryCoder(settings.region, catalog, region_key)
        journal = WaitingJournal(Journal(producer, coder), pool)
        listening = asyncio.create_task(journal.run())
        stack.callback(listening.cancel)
        members = open_members(settings)
        yield Parts(
            settings=settings,
            catalog=catalog,
            region_key=region_key,
            clock=clock,
            pool=pool,
            read_pool=read_pool,
            producer=producer,
            coder=coder,
            journal=journal,
            members=members,
            data_keys=DataKeys(region_key),
            sealer=PartSealer(catalog),
            audit=ReadRecorder(producer, catalog, region_key, settings.region, OFFICE, clock),
            house=make_house(settings.region, find_directory(members)),
        )


def open_members(settings: ExchangeSettings) -> MembersFile | None:
    """The federation's directory, read again when it changes."""
    if settings.members is None or settings.keys is None:
        return None
    return MembersFile(settings.members, settings.keys, settings.region)


def find_directory(members: MembersFile | None) -> Callable[[], Directory]:
    """Calendars of all members as of now; none where there is no federation."""
    return (lambda: members.current().directory()) if members is not None else (lambda: Directory({}))


def make_house(region: str, directory: Callable[[], Directory]) -> House:
    """What the fold asks of."""
    return House(
        own=region,
        directory=directory,
        find_duty=lambda conversation, knows: duty_of(conversation, knows_person=knows),
        make_posts=make_posts,
    )
