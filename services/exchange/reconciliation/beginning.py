"""Begins a run and leads it to its end: what the night does, and what an operator asks for."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from os import urandom
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.delivery.posting import NotBroughtError
from services.exchange.journal.journal import Waiting
from services.exchange.members import Member, Members, MembersFile
from services.exchange.reconciliation import messages, records
from services.exchange.reconciliation.digests import write_items, write_marks
from services.exchange.reconciliation.keys import SALT_BYTES, run_key
from services.exchange.reconciliation.messages import Data, Said
from services.exchange.reconciliation.runs import Run, Told, TooDifferent
from services.exchange.wire.jws import WireError
from services.kernel.clock import Clock
from services.kernel.event_id import new_event_id
from services.kernel.telemetry.logs import Log

TOO_DIFFERENT_THERE = "status-409"
"""The partner sees it too, and says no more."""
DONE, TOO_DIFFERENT, FAILED = "DONE", "TOO_DIFFERENT", "FAILED"
Reach = Callable[[Member, bytes], Awaitable[bytes]]
"""Brings a request to a partner's door and returns what was answered. NotBroughtError."""


class Beginning:
    """`read`: the pool of the login that may only look."""

    def __init__(
        self, pool: asyncpg.Pool, read: asyncpg.Pool, journal: Waiting, members: MembersFile, clock: Clock, reach: Reach
    ) -> None:
        self._pool, self._read, self._journal = pool, read, journal
        self._members, self._clock, self._reach = members, clock, reach
        self._log = Log("reconciliation")

    async def begin(self, partner: str, why: str) -> UUID:
        """Notes a run that `lead` is to lead. UnknownMemberError where there is no corridor."""
        self._members.current().corridor(partner)
        now = _to_milliseconds(self._clock.now())
        run_id = new_event_id(now)
        await records.begin(self._pool, run_id, partner, "us", why, now)
        return run_id

    async def lead(self, run_id: UUID, partner: str) -> str:
        """To its end; DONE, TOO_DIFFERENT or FAILED. Only bugs raise."""
        members = self._members.current()
        talk: _Talk | None = None
        try:
            talk = _Talk(self, members, members.get(partner), run_id, _to_milliseconds(self._clock.now()))
            told = await self._go_through(talk)
        except TooDifferent:
            return await self._end(run_id, partner, talk, TOO_DIFFERENT)
        except (NotBroughtError, WireError, LookupError) as wrong:
            if isinstance(wrong, NotBroughtError) and wrong.reason == TOO_DIFFERENT_THERE:
                return await self._end(run_id, partner, talk, TOO_DIFFERENT)
            return await self._end(run_id, partner, talk, FAILED, problem=_word_of(wrong))
        return await self._end(run_id, partner, talk, DONE, **told.figures())

    async def _go_through(self, talk: "_Talk") -> Told:
        run = talk.run
        ours = await run.count(self._read)
        opening: Data = {"salt": talk.salt, "our_kid": talk.our_kid, "your_kid": talk.your_kid, "links": run.links}
        heard = await talk.ask(messages.OPEN, {**opening, "sums": ours})
        run.hear_sums(ours, heard["sums"], heard["links"])
        if run.buckets:
            if run.is_divided:
                parts = run.divide()
                run.hear_parts(parts, (await talk.ask(messages.NARROW, {"sums": parts}))["sums"])
            items = await run.list_items(self._read)
            run.hear_items((await talk.ask(messages.ITEMS, {"items": write_items(items.values())}))["items"])
            marks = await run.mark(self._pool, self._read, self._clock.now())
            run.hear_marks((await talk.ask(messages.MARKS, {"marks": write_marks(marks)}))["marks"])
        return await run.conclude(self._pool, self._journal, self._clock.now())

    async def _end(self, run_id: UUID, partner: str, talk: "_Talk | None", outcome: str, **more: Any) -> str:
        figures = {} if talk is None else talk.figures()
        await records.note(
            self._pool, run_id, ended_at=self._clock.now(), outcome=outcome, step="end", **figures, **more
        )
        told = {"bytes": figures.get("bytes_sent"), "count": more.get("found"), "reason": more.get("problem")}
        self._log.info(
            "reconciled", partner=partner, outcome=outcome, **{k: v for k, v in told.items() if v is not None}
        )
        return outcome


class _Talk:
    """Requests and answers of one run, signed and counted."""

    def __init__(self, beginning: Beginning, members: Members, partner: Member, run_id: UUID, at: datetime) -> None:
        self._b, self._members, self._partner, self._at = beginning, members, partner, at
        self.salt = urandom(SALT_BYTES)
        theirs = members.encryption_key(partner.region, at)
        self.our_kid, self.your_kid = members.encryption_key(members.own, at).kid, theirs.kid
        key = run_key(members, self.our_kid, theirs, self.salt, run_id.bytes)
        self.run = Run(run_id, members.own, partner.region, key)
        self.sent = self.received = 0

    async def ask(self, step: str, data: Data) -> Data:
        """WireError, NotBroughtError."""
        await records.note(self._b._pool, self.run.run_id, step=step, **self.figures())
        now = self._at if step == messages.OPEN else self._b._clock.now()
        said = Said(self.run.run_id, self._members.own, self._partner.region, step, now, data)
        body, digest = messages.write_request(said, self._members.signing_key(now))
        self.sent += len(body)
        raw = await self._b._reach(self._partner, body)
        self.received += len(raw)
        now = self._b._clock.now()
        return messages.read_answer(raw, said, digest, now, self._members.find_key(now)).data

    def figures(self) -> dict[str, Any]:
        """For the run's row."""
        return self.run.figures(self.sent, self.received)


def _to_milliseconds(at: datetime) -> datetime:
    """As it travels: both sides name findings by it."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _word_of(wrong: Exception) -> str:
    if isinstance(wrong, NotBroughtError):
        return wrong.reason
    return f"{wrong.code}{wrong.path}" if isinstance(wrong, WireError) else "unknown-member"
