"""What happened to somebody after a conversation began is told in it: deaths, ends of stays, corrections, annulments.

News waits until it can be said in every conversation that it concerns, or never will be; it is dropped then.
"""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from services.exchange.clerk import words
from services.exchange.clerk.desk import Case, Desk
from services.exchange.clerk.duties import Does, Duty
from services.exchange.clerk.plans import Drafting, Plan
from services.exchange.journal.journal import Waiting
from services.exchange.ledger.documents import read_conversation
from services.exchange.register.facts import Told
from services.exchange.register.following import read_told
from services.exchange.register.snapshots import Look, Snapshots
from services.exchange.register.telling import Later, Word, find_word
from services.kernel.clock import Clock

AT_ONCE = 100
_UNTIL_APPLIED_S = 5.0


class NewsDesk:
    """`read`: the pool of the login that may only look."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        read: asyncpg.Pool,
        desk: Desk,
        drafting: Drafting,
        journal: Waiting,
        snapshots: Snapshots,
        clock: Clock,
    ) -> None:
        self._pool, self._read, self._desk, self._drafting = pool, read, desk, drafting
        self._journal, self._snapshots, self._clock = journal, snapshots, clock

    async def tell_once(self) -> bool:
        """Tells what can be told; whether there was anything to tell."""
        rows = await self._pool.fetch(_TAKE_UP, AT_ONCE)
        plans: list[Plan] = []
        over: list[tuple[UUID, str]] = []
        for row in rows:
            told = read_told(row["document"])
            said, is_over = await self._find_words(told)
            plans += said
            if is_over:
                over.append((row["event_id"], told.news))
        await self._add_corrections(plans)
        entries = await self._drafting.draft(plans, self._clock.now())
        if entries:
            await self._journal.append_and_wait(entries, _UNTIL_APPLIED_S)
        await self._pool.executemany("DELETE FROM exchange.tell WHERE event_id = $1 AND news = $2", over)
        return bool(plans)

    async def _find_words(self, told: Told) -> tuple[list[Plan], bool]:
        """What is to be said now, and whether nothing will have to be said later."""
        rows = await self._pool.fetch(_CONCERNED, told.person_id, told.target_id)
        plans, waits = [], False
        for row in rows:
            conversation = read_conversation(row["document"])
            word = find_word(told, conversation)
            waits = waits or isinstance(word, Word | Later)
            if isinstance(word, Word):
                duty = Duty(Does.ADOPT, word.message_id)
                person_id = None if row["person_id"] is None else UUID(bytes=row["person_id"].bytes)
                case = Case(conversation, duty, person_id, row["revision"], 0)
                said = words.Words(word.code, word.body, None, word.in_reply_to, word.effective_on)
                plans.append(Plan(case, [said], message_id=word.message_id))
        return plans, not waits

    async def _add_corrections(self, plans: Sequence[Plan]) -> None:
        """A corrected notice says everything as it is held now, and since when the person lives here."""
        correcting = [plan for plan in plans if isinstance(plan.steps[0], words.Words) and plan.steps[0].code == "211"]
        looks = [
            Look(c.id, plan.case.person_id, c.partner, UUID(c.registration_id))
            for plan in correcting
            if (c := plan.case.conversation).registration_id is not None and plan.case.person_id is not None
        ]
        if not looks:
            return
        async with self._read.acquire() as connection:
            held = await self._snapshots.read(connection, looks, "correction")
        for plan in correcting:
            person, said = held.get(plan.case.id), plan.steps[0]
            if person is not None and not person.is_protected and isinstance(said, words.Words):
                plan.steps[0] = words.corrected(said, person)


# Looked at again soon, then every minute, later every hour.
_TAKE_UP = """
UPDATE exchange.tell AS t
SET tries = t.tries + 1, next_at = now() + CASE WHEN t.tries < 60 THEN interval '1 second'
    WHEN t.tries < 200 THEN interval '1 minute' ELSE interval '1 hour' END
FROM (
    SELECT event_id, news FROM exchange.tell WHERE next_at <= now() ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
) AS taken
WHERE t.event_id = taken.event_id AND t.news = taken.news
RETURNING t.event_id, t.document
"""
_CONCERNED = """
SELECT document, person_id, revision FROM exchange.conversation
WHERE talk = 'MOVE' AND (person_id = $1 OR registration_id = $2 OR departure_event_id = $2)
"""
