"""One batch of entries in one transaction: the position first, then the rows, and what cannot be applied alone aside.

Three ends of failure. Weather (the database is away, a lock, no room): nothing is written, and the same batch is tried
again for ever. Poison (an entry that cannot be read, or on which the fold or the tables choke): it alone is set aside,
the others count. So much poison that it must be our own fault: nothing is written, and the exchange halts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import asyncpg

from services.exchange.journal.entry import Entry
from services.exchange.journal.records import EntryCoder
from services.exchange.ledger.aside import Aside, Placed, Recent, TooManyAside, keep, set_aside
from services.exchange.ledger.assessing import write_assessment
from services.exchange.ledger.folding import Fold
from services.exchange.ledger.house import House
from services.exchange.ledger.loading import list_conversations, load, look_up
from services.exchange.ledger.memory import MEMORY
from services.exchange.ledger.positions import Step, advance, announce
from services.exchange.ledger.writing import list_channels, write
from services.kernel.database import Connection
from services.kernel.database.weather import is_weather

SCHEMA = "exchange"
_BEGIN = """
SELECT concat(
        set_config('search_path', $1, true),
        set_config('synchronous_commit', 'off', true),
        set_config('plan_cache_mode', 'force_generic_plan', true),
        set_config('enable_seqscan', 'off', true),
        set_config('enable_hashjoin', 'off', true),
        set_config('enable_mergejoin', 'off', true)
    ) IS NULL
    OR EXISTS (SELECT FROM "{schema}".halt)
"""
"""Everything in a batch is looked up by its key. Plans that were made while the tables were small read them whole for
each batch, for as long as the session lived.
"""


class Halted(Exception):
    """Nothing is applied until somebody has looked and started the service again."""


class Read(NamedTuple):
    """A record that could be read."""

    record: Placed
    entry: Entry


class Ledger:
    """Applies batches to the tables of `schema`. `announces`: whether those who wait are told."""

    def __init__(
        self,
        house: House,
        coder: EntryCoder,
        recent: Recent | None = None,
        *,
        schema: str = SCHEMA,
        announces: bool = True,
    ) -> None:
        self._house = house
        self._coder = coder
        self._recent = recent or Recent()
        self._schema = schema
        self._announces = announces

    async def apply(self, pool: asyncpg.Pool, records: Sequence[Placed], steps: Sequence[Step]) -> list[Aside]:
        """What was set aside. Raises Elsewhere, Halted, TooManyAside, or what the weather is: nothing is written."""
        good, unreadable = self._read(records)
        try:
            asides = await self._apply(pool, good, unreadable, steps, careful=False)
        except Exception as error:
            if is_weather(error) or not isinstance(error, asyncpg.PostgresError | ValueError | TypeError):
                raise
            asides = await self._apply(pool, good, unreadable, steps, careful=True)
        self._recent.add(len(asides), len(records))
        return asides

    def _read(self, records: Sequence[Placed]) -> tuple[list[Read], list[Aside]]:
        good: list[Read] = []
        bad: list[Aside] = []
        for record in records:
            try:
                good.append(Read(record, self._coder.decode(record.value)))
            except Exception as error:
                if is_weather(error):
                    raise
                bad.append(set_aside(record, None, error))
        return good, bad

    async def _apply(
        self,
        pool: asyncpg.Pool,
        good: Sequence[Read],
        unreadable: Sequence[Aside],
        steps: Sequence[Step],
        *,
        careful: bool,
    ) -> list[Aside]:
        async with pool.acquire() as connection, connection.transaction():
            # One question for all: a batch of one entry costs little but its questions. The commit is not waited for: a
            # database that loses its last moment loses the position too, and the same entries come to the same again.
            if await connection.fetchval(_BEGIN.format(schema=self._schema), self._schema):
                raise Halted
            await advance(connection, steps)
            done = _Done(list(unreadable))
            self._limit(done, len(good))
            await self._try(connection, good, done, careful=careful)
            if done.asides:
                await keep(connection, done.asides)
            if self._announces:
                await announce(connection, steps, sorted(done.channels))
        return done.asides

    async def _try(self, connection: Connection, reads: Sequence[Read], done: "_Done", *, careful: bool) -> None:
        """Folds and writes them; `careful`: in halves where they do not go in, until who is to blame stands alone."""
        if not careful:
            done.add(await self._fold(connection, reads))
            self._limit(done, len(reads))
            return
        try:
            async with connection.transaction():
                found = await self._fold(connection, reads)
        except Exception as error:
            if is_weather(error):
                raise
            if len(reads) == 1:
                done.asides.append(set_aside(reads[0].record, reads[0].entry, error))
                self._limit(done, 1)
                return
            middle = len(reads) // 2
            await self._try(connection, reads[:middle], done, careful=True)
            await self._try(connection, reads[middle:], done, careful=True)
        else:
            done.add(found)
            self._limit(done, len(reads))

    async def _fold(self, connection: Connection, reads: Sequence[Read]) -> "_Done":
        entries = [read.entry for read in reads]
        if not entries:
            return _Done()
        applied, chains = await look_up(connection, entries)
        held, aliases = await load(connection, list_conversations(entries))
        directory = self._house.directory()
        fold = Fold(self._house, directory, held, aliases, chains)
        asides: list[Aside] = []
        for record, entry in reads:
            counted_at = applied.get(entry.event_id)
            if counted_at is not None and counted_at > entry.at - MEMORY:
                continue
            try:
                fold.take(entry)
            except Exception as error:
                if is_weather(error):
                    raise
                asides.append(set_aside(record, entry, error))
            else:
                applied[entry.event_id] = entry.at
        await write_assessment(connection, fold.changes, fold.held, self._house.own, directory)
        await write(connection, fold.changes, fold.held, chains, self._house.find_duty, self._coder)
        return _Done(asides, set(list_channels(fold.changes)))

    def _limit(self, done: "_Done", records: int) -> None:
        if self._recent.is_too_much(len(done.asides), records):
            raise TooManyAside(done.asides)


@dataclass(slots=True)
class _Done:
    """What came of a batch: what was set aside, and who is to be woken."""

    asides: list[Aside] = field(default_factory=list)
    channels: set[str] = field(default_factory=set)

    def add(self, more: "_Done") -> None:
        self.asides += more.asides
        self.channels |= more.channels
