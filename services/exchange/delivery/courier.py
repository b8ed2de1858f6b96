"""The courier: brings letters that are due, to each partner on its own, and brings signed answers to the journal.

How often and when a letter is brought is the protocol's decision (`send_at`). After an attempt nothing is due until the
protocol says so again; only where a partner that was away is back, what was tried in vain meanwhile is brought at once.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

import asyncpg

from services.exchange.delivery.breaker import Breaker
from services.exchange.delivery.outgoing import Leaving, Outgoing
from services.exchange.delivery.posting import NotBroughtError, Posting
from services.exchange.delivery.returns import read_returns
from services.exchange.journal.journal import Waiting
from services.exchange.members import Member, MembersFile, UnknownMemberError
from services.kernel.clock import Clock
from services.kernel.database.listening import listen
from services.kernel.database.weather import is_weather
from services.kernel.errors import Unavailable
from services.kernel.telemetry.logs import Log

LOOK_EVERY_S = 1.0
AT_ONCE = 4
"""Requests under way to one partner. None overtakes: a conversation's next letter leaves when the one before is in."""
LETTERS_MAX = 100
"""In one request: so that the partner reads the first while the next are signed."""
COMPANY_S = 0.02
"""While a request is under way, the next one waits so long for company."""
UNSETTLED_AGAIN = timedelta(seconds=30)
"""A letter of which the partner could not say in time what became of it is brought again after this."""
CHANNEL = "exchange_letter"
T = TypeVar("T")


class Courier:
    """`run` works until it is cancelled. One task for each partner, so that a slow one holds up nobody else."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        outgoing: Outgoing,
        posting: Posting,
        journal: Waiting,
        members: MembersFile,
        clock: Clock,
    ) -> None:
        self._pool = pool
        self._outgoing = outgoing
        self._posting = posting
        self._journal = journal
        self._members = members
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}
        self._wake: dict[str, asyncio.Event] = {}
        self._under_way: dict[str, set[str]] = {}
        self._rests: dict[str, float] = {}
        self._log = Log("courier")

    def wake(self) -> None:
        """There may be letters: look now."""
        for event in self._wake.values():
            event.set()

    async def run(self) -> None:
        """Serves every partner that the directory names, also those that come later."""
        tasks: dict[str, asyncio.Task[None]] = {}
        complain = partial(self._log.error, "listening-failed")
        listening = asyncio.create_task(listen(self._pool, CHANNEL, lambda _: self.wake(), complain))
        try:
            while True:
                wanted = {member.region for member in self._members.current().partners() if not member.pulls}
                for region in wanted - set(tasks):
                    tasks[region] = asyncio.create_task(self._serve(region), name=f"courier {region}")
                for region in set(tasks) - wanted:
                    tasks.pop(region).cancel()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            for task in (*tasks.values(), listening):
                task.cancel()
            await asyncio.gather(*tasks.values(), listening, return_exceptions=True)

    async def bring_once(self, partner: str) -> int:
        """Brings what is due to one partner; how many letters left. 0 where nothing is due or the partner is away."""
        return await self._bring(partner, *found) if (found := await self._collect(partner)) is not None else 0

    async def _collect(self, partner: str) -> "tuple[Member, list[Leaving]] | None":
        """What is due to one partner and not under way already; None where there is nothing or the partner is away."""
        members, now = self._members.current(), self._clock.now()
        member = members.find(partner)
        if member is None or member.pulls or members.find_corridor(partner) is None:
            return None
        if monotonic() < self._rests.get(partner, 0.0):
            return None
        breaker = self._breakers.setdefault(partner, Breaker())
        if breaker.is_open or (breaker.must_knock and not await self._is_back(member, breaker)):
            return None
        under_way = self._under_way.setdefault(partner, set())
        letters = await self._outgoing.list_due(members, partner, now, LETTERS_MAX, under_way)
        if not letters:
            if not under_way:
                breaker.succeed()
            return None
        under_way |= {letter.message_id for letter in letters}
        return member, letters

    async def _bring(self, partner: str, member: Member, letters: Sequence[Leaving]) -> int:
        """How many of them left; they are under way until it is written down what became of them."""
        breaker = self._breakers[partner]
        failures = breaker.failures
        try:
            answers = await self._posting.post(member, letters)
        except NotBroughtError as failed:
            if breaker.failures == failures:  # what went at the same time fails with it, and counts once
                breaker.fail(failed.retry_after_s)
            self._log.warning("not-brought", partner=partner, reason=failed.reason, count=len(letters))
            await self._set_down(letters)
            return 0
        else:
            breaker.succeed()
            await self._take_answers(partner, letters, answers)
            return len(letters)
        finally:
            self._under_way[partner] -= {letter.message_id for letter in letters}

    async def _take_answers(self, partner: str, letters: Sequence[Leaving], answers: Sequence[object]) -> None:
        now = self._clock.now()
        entries, unanswered = read_returns(letters, answers, partner, self._members.current(), now)
        bad = sum(answer is not None for answer in answers) - len(entries)
        if bad:
            self._log.warning("bad-answers", partner=partner, count=bad)
        if entries:
            await self._journal.append(entries)
        left = {letter.message_id for letter in unanswered}
        await self._set_down([letter for letter in letters if letter.message_id not in left])
        await self._set_down(unanswered, again_after=UNSETTLED_AGAIN)

    async def _set_down(self, letters: Sequence[Leaving], again_after: timedelta | None = None) -> None:
        """They were tried. Who said meanwhile that they are due again is not overruled."""
        if not letters:
            return
        await self._pool.execute(
            "UPDATE exchange.message m SET send_at = $3"
            " FROM unnest($1::uuid[], $2::timestamptz[]) tried(message_id, send_at)"
            " WHERE m.message_id = tried.message_id AND m.is_ours AND m.send_at = tried.send_at",
            [letter.message_id for letter in letters],
            [letter.send_at for letter in letters],
            None if again_after is None else self._clock.now() + again_after,
        )

    async def _is_back(self, member: Member, breaker: Breaker) -> bool:
        try:
            await self._posting.knock(member)
        except NotBroughtError as failed:
            breaker.fail(failed.retry_after_s)
            return False
        await self._pool.execute(
            "UPDATE exchange.message SET send_at = $2 WHERE is_ours AND partner = $1 AND send_at IS NULL"
            " AND delivery IN ('SENT', 'RETRY_WAIT') AND answered_at IS NULL AND payload IS NOT NULL",
            member.region,
            self._clock.now(),
        )
        return True

    async def _serve(self, partner: str) -> None:
        event = self._wake.setdefault(partner, asyncio.Event())
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as requests:
            while True:
                event.clear()
                await room.acquire()
                found = await self._endure(partner, self._collect(partner))
                if found is None:
                    room.release()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_EVERY_S):
                            await event.wait()
                else:
                    request = requests.create_task(self._endure(partner, self._bring(partner, *found)))
                    request.add_done_callback(partial(self._end, room, event))
                    await asyncio.wait({request}, timeout=COMPANY_S)

    @staticmethod
    def _end(room: asyncio.Semaphore, event: asyncio.Event, _: object) -> None:
        room.release()
        event.set()

    async def _endure(self, partner: str, work: Awaitable[T]) -> T | None:
        try:
            return await work
        except (Unavailable, UnknownMemberError) as error:
            self._log.warning("cannot-bring", error, partner=partner)
        except Exception as error:
            if not is_weather(error):
                self._log.error("bringing-failed", error, partner=partner)
        # Its answers could not be written down: the same letters are due again, but not at once.
        self._rests[partner] = monotonic() + LOOK_EVERY_S
        return None
