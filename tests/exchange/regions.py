"""Regions that speak over real sockets, each with tables of its own in one real PostgreSQL.

Their journal is not Kafka: `ShortJournal` applies entries with the real ledger as soon as they are appended.
"""

import asyncio
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from deploy.local.layout import make_home
from deploy.local.options import find_free_port
from deploy.local.postgres import dangerous_remove_cluster, is_ready, make_command, prepare_cluster
from services.exchange.clerk.duties import duty_of
from services.exchange.delivery.anchoring import Anchoring
from services.exchange.delivery.courier import Courier
from services.exchange.delivery.outgoing import Outgoing
from services.exchange.delivery.posting import Posting
from services.exchange.door.limits import Limits
from services.exchange.door.partner_app import make_partner_app
from services.exchange.journal.entry import Beginning, Entry, Outcome
from services.exchange.journal.records import EntryCoder
from services.exchange.journal.sealing import Particulars, PartSealer, holder_of
from services.exchange.ledger.applying import Ledger
from services.exchange.ledger.aside import Placed
from services.exchange.ledger.documents import read_outcome
from services.exchange.ledger.house import House
from services.exchange.ledger.positions import Step, get_positions
from services.exchange.particulars.commitments import OpenPart, commit
from services.exchange.protocol.envelope import derive_id
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Say, Stimulus, Tick
from services.kernel.clock import FixedClock
from services.kernel.contract.catalog import DEFAULT_FOLDER, Catalog
from services.kernel.contract.lints.forbidden import read_phrases
from services.kernel.database import migrate, read_migrations
from services.kernel.event_id import new_event_id
from services.kernel.http.serving import MutualTls, serve_until_stopped
from services.kernel.log.producer import Position
from services.kernel.log.reader import Partition
from services.kernel.privacy.data_keys import DataKeys
from services.kernel.privacy.region_key import RegionKey
from services.kernel.telemetry.metrics import Metrics
from tests.exchange.federation import NOON, Federation
from tests.exchange.protocol.words import body_of
from tests.stacks import HOME, ROOT

CATALOG = Catalog.load()
MIGRATED = "exchange_migrated"
PERSON = {"subject": {"family_name": "Ample", "given_names": "Ex", "birth_on": "1975-03-02"}}


@contextmanager
def start_postgres() -> Iterator[str]:
    """The administrator's URL of a server that is gone afterwards."""
    layout = make_home(HOME / "exchange-postgres")
    dangerous_remove_cluster(layout)
    cluster, port = prepare_cluster(layout), find_free_port(())
    command = make_command(cluster, port)
    account = command.account
    server = subprocess.Popen(
        # Nothing is proved of power cuts here, and its end would write some thirty databases to the disk.
        [*command.argv, "-c", "fsync=off"],
        env=dict(command.environment),
        cwd=command.folder,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        stderr=subprocess.DEVNULL,
    )
    try:
        asyncio.run(_wait_for(cluster.get_url(port)))
        yield cluster.get_url(port)
    finally:
        server.send_signal(command.stop_signal)
        server.wait(30)
        dangerous_remove_cluster(layout)


async def _wait_for(url: str) -> None:
    async with asyncio.timeout(60):
        while not await is_ready(url):  # noqa: ASYNC110 a process of its own, which tells nobody
            await asyncio.sleep(0.1)


class ShortJournal:
    """Appends to nothing: entries are applied at once, in order, by the ledger that the workers use."""

    def __init__(self, region: str, pool: asyncpg.Pool, ledger: Ledger, coder: EntryCoder) -> None:
        self.partition = Partition(f"{region}.exchange", 0)
        self.offset = 0
        self.entries: list[Entry] = []
        self.is_silent = False
        self._pool, self._ledger, self._coder = pool, ledger, coder
        self._turn = asyncio.Lock()

    async def append(self, entries: Sequence[Entry]) -> list[Position]:
        async with self._turn:
            first = self.offset
            placed = [
                Placed(self.partition, first + place, self._coder.encode(entry).value)
                for place, entry in enumerate(entries)
            ]
            if not first:
                await get_positions(self._pool, [self.partition])
            asides = await self._ledger.apply(self._pool, placed, [Step(self.partition, first, first + len(placed))])
            assert not asides, asides
            self.offset += len(placed)
            self.entries += entries
        return [Position(self.partition.topic, 0, first + place, 0) for place in range(len(placed))]

    async def append_and_wait(self, entries: Sequence[Entry], timeout_s: float = 10.0) -> list[Outcome | None]:
        await self.append(entries)
        if self.is_silent:
            return [None for _ in entries]
        rows = await self._pool.fetch(
            "SELECT event_id, outcome FROM exchange.applied WHERE event_id = ANY($1)", [e.event_id for e in entries]
        )
        found = {row["event_id"].bytes: read_outcome(row["outcome"]) for row in rows}
        return [found.get(entry.event_id.bytes) for entry in entries]


@dataclass
class Region:
    """One region's exchange, as far as partners see it. `clock` stands still until a test moves it."""

    name: str
    federation: Federation
    url: str
    pool: asyncpg.Pool
    journal: ShortJournal
    courier: Courier
    anchoring: Anchoring
    clock: FixedClock
    data_keys: DataKeys
    sealer: PartSealer
    outgoing: Outgoing
    posting: Posting
    metrics: Metrics
    people: dict[str, UUID] = field(default_factory=dict)

    async def say(
        self,
        code: str,
        to: str,
        outcome: str = "",
        *,
        conversation: str | None = None,
        in_reply_to: str | None = None,
        parts: Sequence[OpenPart] | None = None,
        **facts: object,
    ) -> str:
        """An office says something; the id of the message. A notice of arrival opens a conversation."""
        now = self.clock.now()
        message_id = str(new_event_id(now))
        conversation = conversation or derive_id(now, "conversation", self.name, message_id)
        if code == "201":
            facts = {"registration_id": derive_id(now, "arrival", message_id)} | facts
        told = [commit("subject", PERSON)] if parts is None and code in ("201", "202") else parts or []
        sealed = [await self._seal(message_id, part, UUID(conversation)) for part in told]
        say = Say(
            code,
            body_of(code, outcome, **facts),
            message_id,
            in_reply_to=in_reply_to,
            parts=tuple(part.part for part in told),
        )
        role = Role.DESTINATION if code == "201" else Role.ORIGIN
        begins = Beginning(Talk.MOVE, role) if code in ("201", "202") else None
        (outcome_of,) = await self.journal.append_and_wait([self.entry(to, conversation, say, begins, tuple(sealed))])
        assert outcome_of is not None
        assert outcome_of.denial is None, outcome_of.denial
        return message_id

    def entry(
        self,
        partner: str,
        conversation: str,
        stimulus: Stimulus,
        begins: Beginning | None = None,
        parts: tuple[object, ...] = (),
    ) -> Entry:
        """An entry of the journal, now."""
        return Entry(
            event_id=new_event_id(self.clock.now()),
            partner=partner,
            conversation_id=conversation,
            at=self.clock.now(),
            stimulus=stimulus,
            begins=begins,
            parts=parts,  # type: ignore[arg-type]
        )

    async def tick(self, by: timedelta) -> None:
        """Time passes, and every conversation hears of it."""
        self.clock.advance(by)
        rows = await self.pool.fetch("SELECT conversation_id, partner FROM exchange.conversation")
        entries = [self.entry(row["partner"], str(row["conversation_id"]), Tick()) for row in rows]
        if entries:
            await self.journal.append(entries)

    async def state(self, message_id: str) -> tuple[str, str] | None:
        """Of the conversation of a message: delivery of the message (ours), and the conversation's state."""
        row = await self.pool.fetchrow(
            "SELECT m.delivery, c.state FROM exchange.message m JOIN exchange.conversation c USING (conversation_id)"
            " WHERE m.message_id = $1",
            UUID(message_id),
        )
        return None if row is None else (row["delivery"], row["state"])

    async def count(self, where: str = "NOT is_ours") -> int:
        """Messages in the tables."""
        return int(await self.pool.fetchval(f"SELECT count(*) FROM exchange.message WHERE {where}"))

    async def _seal(self, message_id: str, part: OpenPart, holder: UUID) -> object:
        async with self.pool.acquire() as connection:
            keys = await self.data_keys.get_or_create(connection, [holder_of(holder)])
        particulars = Particulars(part.salt, part.document)
        key = keys[holder_of(holder)]
        return self.sealer.seal(message_id, holder, part.role, part.commitment, particulars, key)


@asynccontextmanager
async def open_regions(
    admin_url: str, folder: Path, *names: str, tls: bool = True, limits: Limits | None = None
) -> AsyncIterator[dict[str, Region]]:
    """Regions of one federation whose doors listen. `tls`: with certificates."""
    listening = {name: _listen() for name in names}
    scheme = "https" if tls else "http"
    urls = {name: f"{scheme}://127.0.0.1:{sock.getsockname()[1]}" for name, sock in listening.items()}
    federation = Federation(folder, urls)
    if not tls:
        for own in federation.own.values():
            (own / "certificate.pem").unlink()
    async with AsyncExitStack() as stack:
        regions = {
            name: await stack.enter_async_context(
                _open_region(admin_url, federation, name, urls[name], listening[name], limits)
            )
            for name in names
        }
        try:
            yield regions
        finally:
            # All hang up before any door closes: a door waits for partners that still hold a connection.
            for region in regions.values():
                await region.posting.close()


@asynccontextmanager
async def _open_region(
    admin_url: str, federation: Federation, name: str, url: str, sock: socket.socket, limits: Limits | None
) -> AsyncIterator[Region]:
    pool = await make_database(admin_url, name)
    clock, region_key, coder = FixedClock(NOON), RegionKey.derive(bytes(32)), None
    members, data_keys, sealer = federation.file(name), DataKeys(region_key), PartSealer(CATALOG)
    coder = EntryCoder(name, CATALOG, region_key)
    house = House(
        name,
        directory=lambda: members.current().directory(),
        find_duty=lambda conversation, knows: duty_of(conversation, knows_person=knows),
        make_posts=lambda events, conversation, person, at: [],
    )
    journal = ShortJournal(name, pool, Ledger(house, coder), coder)
    outgoing, posting = Outgoing(pool, data_keys, sealer), Posting(members.tls)
    metrics = Metrics()
    app = make_partner_app(
        pool=pool,
        journal=journal,
        members=members,
        data_keys=data_keys,
        sealer=sealer,
        phrases=read_phrases(DEFAULT_FOLDER),
        clock=clock,
        metrics=metrics,
        limits=limits,
    )
    stop = asyncio.Event()
    files = members.tls
    tls = None if files is None else MutualTls(files.certificate, files.key, files.authority)
    serving = asyncio.create_task(serve_until_stopped(app, sock, stop, drain_s=2, to_partners=True, tls=tls))
    courier = Courier(pool, outgoing, posting, journal, members, clock)
    try:
        yield Region(
            name, federation, url, pool, journal, courier, Anchoring(pool, members, clock), clock, data_keys, sealer,
            outgoing, posting, metrics,
        )  # fmt: skip
    finally:
        stop.set()
        with suppress(Exception):
            await serving
        await drop_database(admin_url, pool)


async def make_database(admin_url: str, name: str) -> asyncpg.Pool:
    """A database with the exchange's tables: a copy of one that was migrated once."""
    database = f"exchange_{name}_{uuid4().hex[:8]}"
    server = admin_url.rpartition("/")[0]
    async with _as_administrator(admin_url) as connection:
        if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", MIGRATED):
            await connection.execute(f"CREATE DATABASE {MIGRATED}")
            services = ROOT / "services"
            migrations = [
                *read_migrations("privacy", services / "kernel" / "privacy" / "migrations"),
                *read_migrations("exchange", services / "exchange" / "migrations"),
            ]
            await migrate(f"{server}/{MIGRATED}", migrations, {"service_role": "postgres", "reading_role": "postgres"})
        await connection.execute(f"CREATE DATABASE {database} TEMPLATE {MIGRATED}")
    pool = await asyncpg.create_pool(f"{server}/{database}", min_size=1, max_size=8)
    assert pool is not None
    return pool


async def drop_database(admin_url: str, pool: asyncpg.Pool) -> None:
    """Thirty of them would be half a gigabyte, which somebody has to delete."""
    database = await pool.fetchval("SELECT current_database()")
    await pool.close()
    async with _as_administrator(admin_url) as connection:
        await connection.execute(f"DROP DATABASE {database} WITH (FORCE)")


@asynccontextmanager
async def _as_administrator(admin_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(admin_url)
    try:
        yield connection
    finally:
        await connection.close()


def _listen() -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    return sock
