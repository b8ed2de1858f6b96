"""A region's ledger without a log: entries are applied as a worker would, and what the partner says is made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

import asyncpg

from services.exchange.clerk.duties import duty_of
from services.exchange.journal.entry import Beginning, Entry, Outcome, SealedPart
from services.exchange.journal.records import EntryCoder
from services.exchange.ledger.applying import Ledger
from services.exchange.ledger.aside import Aside, Placed, Recent
from services.exchange.ledger.documents import read_conversation, read_outcome
from services.exchange.ledger.house import House, RegisterPost
from services.exchange.ledger.positions import Step, get_positions
from services.exchange.protocol import Conversation, Directory
from services.exchange.protocol.acceptance import body_schema_id
from services.exchange.protocol.bodies import write_body
from services.exchange.protocol.envelope import Envelope, Receipt, derive_id, message_hash
from services.exchange.protocol.known_calendars import like_sweden
from services.exchange.protocol.states import Role, Talk
from services.exchange.protocol.stimuli import Hear, Say, TakeReceipt
from services.kernel.contract.catalog import Catalog
from services.kernel.event_id import new_event_id
from services.kernel.log.reader import Partition
from services.kernel.privacy.region_key import RegionKey
from tests.exchange.protocol.words import body_of
from tests.exchange.regions import drop_database, make_database

START = datetime(2026, 2, 3, 9, tzinfo=UTC)
CATALOG = Catalog.load()
DIRECTORY = Directory({name: like_sweden(name) for name in ("north", "south", "west")})
CODER = EntryCoder("north", CATALOG, RegionKey.derive(bytes(32)))
PARTITION = Partition("north.exchange", 0)


def make_house(directory: Directory = DIRECTORY) -> House:
    """North's."""
    return House(
        "north",
        lambda: directory,
        lambda conversation, knows: duty_of(conversation, knows_person=knows),
        lambda events, conversation, person, at: [
            RegisterPost(UUID(derive_id(at, each.caused_by, each.ordinal)), each.type, b"{}") for each in events
        ],
    )


@dataclass
class Desk:
    """`now` moves a second with every entry."""

    pool: asyncpg.Pool
    url: str
    admin_url: str
    ledger: Ledger = field(default_factory=lambda: Ledger(make_house(), CODER, Recent(few=5)))
    now: datetime = START
    offset: int = 0
    entries: list[Entry] = field(default_factory=list)
    values: list[bytes] = field(default_factory=list)

    @classmethod
    async def open(cls, admin_url: str) -> Self:
        pool = await make_database(admin_url, "north")
        name = await pool.fetchval("SELECT current_database()")
        return cls(pool, f"{admin_url.rpartition('/')[0]}/{name}", admin_url)

    async def close(self) -> None:
        await drop_database(self.admin_url, self.pool)

    def entry(self, stimulus: Any, conversation: str, begins: Beginning | None = None, **more: Any) -> Entry:
        self.now += timedelta(seconds=1)
        partner = more.pop("partner", "south")
        return Entry(
            event_id=more.pop("event_id", None) or new_event_id(self.now),
            partner=partner,
            conversation_id=conversation,
            at=self.now,
            stimulus=stimulus,
            begins=begins,
            **more,
        )

    async def apply(self, *entries: Entry) -> list[Aside]:
        """As one batch."""
        return await self.apply_bytes([CODER.encode(each).value for each in entries])

    async def apply_bytes(self, values: Sequence[bytes], ledger: Ledger | None = None) -> list[Aside]:
        placed = [Placed(PARTITION, self.offset + place, value) for place, value in enumerate(values)]
        await get_positions(self.pool, [PARTITION])
        asides = await (ledger or self.ledger).apply(
            self.pool, placed, [Step(PARTITION, self.offset, self.offset + len(values))]
        )
        self.offset += len(values)
        self.values += values
        return asides

    async def outcome(self, entry: Entry) -> Outcome | None:
        found = await self.pool.fetchval("SELECT outcome FROM exchange.applied WHERE event_id = $1", entry.event_id)
        return None if found is None else read_outcome(found)

    async def conversation(self, id_: str) -> Conversation:
        return read_conversation(
            await self.pool.fetchval("SELECT document FROM exchange.conversation WHERE conversation_id = $1", UUID(id_))
        )

    async def row(self, id_: str) -> asyncpg.Record:
        found = await self.pool.fetchrow("SELECT * FROM exchange.conversation WHERE conversation_id = $1", UUID(id_))
        assert found is not None
        return found

    async def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.pool.fetch(query, *values)]

    def say_arrival(self, conversation: str, **more: Any) -> Entry:
        """North tells south of an arrival."""
        message = str(new_event_id(self.now))
        say = Say("201", body_of("201", registration_id=str(uuid4())), message, parts=more.pop("told", ()))
        return self.entry(say, conversation, Beginning(Talk.MOVE, Role.DESTINATION), **more)

    def hear(
        self,
        code: str,
        conversation: str,
        seq: int = 1,
        outcome: str = "",
        *,
        about: Envelope | None = None,
        parts: tuple[SealedPart, ...] = (),
        entry: dict[str, Any] | None = None,
        **facts: Any,
    ) -> Entry:
        """South says something."""
        if code in ("201",):
            facts = {"registration_id": str(uuid4())} | facts
        envelope = Envelope(
            str(new_event_id(self.now)),
            code,
            1,
            conversation,
            Talk.MOVE,
            seq,
            "south",
            "north",
            self.now,
            write_body(body_of(code, outcome, **facts)),
            body_schema_id(code, 1),
            in_reply_to=about.message_id if about else None,
            request_hash=message_hash(about) if about else None,
        )
        return self.entry(Hear(envelope), conversation, evidence=b"{}", parts=parts, **(entry or {}))

    async def receipt_of(self, conversation: str, place: int = -1) -> Entry:
        """South has taken a letter of ours."""
        letter = (await self.conversation(conversation)).letters[place]
        receipt = Receipt(letter.id, letter.hash, self.now + timedelta(seconds=1))
        return self.entry(TakeReceipt(receipt), conversation, evidence=b'{"901":1}')
