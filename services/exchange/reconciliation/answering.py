"""Answers the steps of runs that partners began. What is not in order, in time, in its form or from a member with a
corridor is refused before anything is counted for it.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg

from services.exchange.journal.journal import Waiting
from services.exchange.members import Members
from services.exchange.reconciliation import messages, records
from services.exchange.reconciliation.beginning import DONE, FAILED, TOO_DIFFERENT
from services.exchange.reconciliation.digests import write_items, write_marks
from services.exchange.reconciliation.keys import find_encryption_key, run_key
from services.exchange.reconciliation.messages import Data, Said
from services.exchange.reconciliation.runs import Run, TooDifferent
from services.exchange.wire.jws import WireError
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, NotFound, TooMany
from services.kernel.telemetry.logs import Log

RUNS_PER_HOUR = 12
"""That one partner may begin."""
KEPT_FOR = timedelta(minutes=15)
_NEXT = {messages.OPEN: (), messages.NARROW: (messages.OPEN,), messages.ITEMS: (messages.OPEN, messages.NARROW),
         messages.MARKS: (messages.ITEMS,)}  # fmt: skip


@dataclass
class _Open:
    """A run in memory. `answers`: by the hash of the request, for one that is repeated; `opening`: the hash of the
    request that began it. A run that is over goes through no step any more, however it ended.
    """

    run: Run
    began_at: datetime
    opening: str
    is_over: bool = False
    step: str = messages.OPEN
    answers: dict[str, bytes] = field(default_factory=dict)
    sent: int = 0
    received: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Answering:
    """One for a process. A partner has one run at a time; a new one takes the place of one that was left lying."""

    def __init__(self, pool: asyncpg.Pool, read: asyncpg.Pool, journal: Waiting, clock: Clock) -> None:
        self._pool, self._read, self._journal, self._clock = pool, read, journal, clock
        self._open: dict[str, _Open] = {}
        self._log = Log("reconciliation")

    async def answer(self, raw: bytes, members: Members, caller: str | None) -> bytes:
        """The signed answer. WireError; NotFound("run-unknown"); TooMany. `caller`: whose certificate it is,
        where there is one.
        """
        now = self._clock.now()
        said = messages.read_request(raw, members.own, now, members.find_key(now))
        if caller is not None and said.sender != caller:
            raise WireError("E-TEC-05", "/certificate")
        if members.find_corridor(said.sender) is None:
            raise WireError("E-TEC-06", "/from")
        open_ = await self._take_up(said, members, now)
        async with open_.turn:
            if (known := open_.answers.get(said.hash)) is not None:
                return known
            is_next = said.hash == open_.opening if not open_.answers else open_.step in _NEXT[said.step]
            if said.step == messages.ITEMS and open_.run.is_divided:
                is_next = open_.step == messages.NARROW
            if open_.is_over or not is_next:
                raise NotFound("run-unknown", "/step")
            open_.received += len(raw)
            answer = await self._step(open_, said, members)
            open_.answers[said.hash] = answer
            return answer

    async def _take_up(self, said: Said, members: Members, now: datetime) -> _Open:
        held = self._open.get(said.sender)
        if held is not None and held.run.run_id == said.run_id:
            return held
        if said.step != messages.OPEN:
            raise NotFound("run-unknown", "/run_id")
        if held is not None and held.turn.locked() and now - held.began_at < KEPT_FOR:
            raise TooMany("too-busy", retry_after_s=60.0)
        if await records.count_begun_by_partner(self._pool, said.sender, now - timedelta(hours=1)) >= RUNS_PER_HOUR:
            raise TooMany("too-busy", retry_after_s=600.0)
        theirs = find_encryption_key(members, said.sender, said.data["our_kid"], now)
        find_encryption_key(members, members.own, said.data["your_kid"], now)
        key = run_key(members, said.data["your_kid"], theirs, said.data["salt"], said.run_id.bytes)
        if not await records.begin(self._pool, said.run_id, said.sender, "partner", "asked", now):
            raise NotFound("run-unknown", "/run_id")
        open_ = _Open(Run(said.run_id, members.own, said.sender, key), now, said.hash)
        self._open[said.sender] = open_
        return open_

    async def _step(self, open_: _Open, said: Said, members: Members) -> bytes:
        try:
            data, is_over = await self._do(open_.run, said)
            told = await open_.run.conclude(self._pool, self._journal, self._clock.now()) if is_over else None
        except TooDifferent:
            await self._end(open_, TOO_DIFFERENT)
            raise Conflict("registers-too-different") from None
        except WireError as wrong:
            await self._end(open_, FAILED, problem=f"{wrong.code}{wrong.path}")
            raise
        now = self._clock.now()
        answer = Said(said.run_id, members.own, said.sender, said.step, now, data)
        raw = messages.write_answer(answer, said.hash, members.signing_key(now))
        open_.step, open_.sent = said.step, open_.sent + len(raw)
        if told is not None:
            await self._end(open_, DONE, **told.figures())
        else:
            await records.note(self._pool, said.run_id, step=said.step, **open_.run.figures(open_.sent, open_.received))
        return raw

    async def _do(self, run: Run, said: Said) -> tuple[Data, bool]:
        """The answer's data, and whether the run is over with it."""
        heard = said.data
        if said.step == messages.OPEN:
            sums = await run.count(self._read)
            run.hear_sums(sums, heard["sums"], heard["links"])
            return {"links": run.links, "sums": sums}, not run.buckets
        if said.step == messages.NARROW:
            parts = run.divide()
            run.hear_parts(parts, heard["sums"])
            return {"sums": parts}, False
        if said.step == messages.ITEMS:
            items = write_items((await run.list_items(self._read)).values())
            run.hear_items(heard["items"])
            return {"items": items}, False
        marks = await run.mark(self._pool, self._read, self._clock.now())
        run.hear_marks(heard["marks"])
        return {"marks": write_marks(marks)}, True

    async def _end(self, open_: _Open, outcome: str, **more: object) -> None:
        run, open_.is_over = open_.run, True
        figures = open_.run.figures(open_.sent, open_.received)
        await records.note(
            self._pool, run.run_id, ended_at=self._clock.now(), outcome=outcome, step="end", **figures, **more
        )
        run.sums = None  # four megabytes
        self._log.info("answered", partner=run.partner, outcome=outcome, bytes=open_.sent)
