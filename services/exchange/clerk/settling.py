"""What settles and closes: 213, 402, 702, and seeing to it that what was withdrawn is undone."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import asyncpg

from services.exchange.clerk import words
from services.exchange.clerk.conditions import differing_paths
from services.exchange.clerk.desk import Case, Desk
from services.exchange.clerk.plans import Plan
from services.exchange.clerk.work import Work
from services.exchange.particulars.documents import Stated
from services.exchange.particulars.forms import SUBJECT
from services.exchange.protocol.bodies import read_body
from services.exchange.protocol.catalogue import CATALOGUE
from services.exchange.protocol.stimuli import Find, Finding
from services.exchange.register.comparing import compare, differing
from services.exchange.register.snapshots import Look, Snapshots
from services.kernel.clock import Clock

_EXCUSED_FOR = timedelta(days=3)
_TOLERANCE = timedelta(days=1)


class Settling:
    """`read`: the pool of the login that may only look."""

    def __init__(self, pool: asyncpg.Pool, read: asyncpg.Pool, desk: Desk, snapshots: Snapshots, clock: Clock) -> None:
        self._pool, self._read, self._desk = pool, read, desk
        self._snapshots, self._clock = snapshots, clock

    async def accept(self, cases: Sequence[Case]) -> Work:
        """213: nothing is left to decide."""
        work = Work()
        for case in cases:
            answer = case.conversation.find_taken(case.duty.about)
            paths = sorted(differing_paths(answer)) if answer is not None else []
            work.plans.append(Plan(case, [words.acceptance(paths, case.duty.about)]))
        return work

    async def close(self, cases: Sequence[Case]) -> Work:
        """402 to the end of a stay: the partner knows that better. A death without a day that can be is for people."""
        today = self._clock.now().date()
        doubtful = {case.id: "death-without-day" for case in cases if _is_doubtful_death(case, today)}
        plans = [Plan(case, [_applied("APPLIED", case)]) for case in cases if case.id not in doubtful]
        return Work(plans=plans, people=doubtful)

    async def adopt(self, cases: Sequence[Case]) -> Work:
        """402 to a change. Where the partner thinks that something else was held than is, the change waits for both."""
        parts = await self._desk.open_parts([case.duty.about for case in cases])
        before = {
            case.id: [
                Stated(path=each["path"], value=each.get("value"))
                for each in parts.get(case.duty.about, {}).get(SUBJECT, {}).get("before", ())
            ]
            for case in cases
        }
        looks = [
            Look(case.id, case.person_id, case.conversation.partner)
            for case in cases
            if before[case.id] and case.person_id is not None
        ]
        async with self._read.acquire() as connection:
            held = await self._snapshots.read(connection, looks, "change") if looks else {}
        work = Work()
        for case in cases:
            person = held.get(case.id)
            results = compare(before[case.id], person, self._clock.now().date()) if person is not None else []
            outcome = "BEFORE_STATE_MISMATCH" if differing(results) else "APPLIED"
            work.plans.append(Plan(case, [_applied(outcome, case)]))
        return work

    async def compensate(self, cases: Sequence[Case]) -> Work:
        """Done when the register has logged what undoes the notice."""
        rows = await self._pool.fetch(
            "SELECT DISTINCT conversation_id FROM exchange.register_outbox WHERE conversation_id = ANY($1)",
            [UUID(case.id) for case in cases],
        )
        waiting = {str(row[0]) for row in rows}
        return Work(
            plans=[Plan(case, [Find(Finding.COMPENSATED)]) for case in cases if case.id not in waiting],
            later=[case for case in cases if case.id in waiting],
        )

    async def excuse(self, cases: Sequence[Case]) -> Work:
        """702: programs are late, and until when the answer is expected."""
        until = self._clock.now().date() + _EXCUSED_FOR
        return Work(plans=[Plan(case, [words.excuse(case.duty.about, until)]) for case in cases])


def _is_doubtful_death(case: Case, today: date) -> bool:
    """Without a day, with one that is still to come, or with one before the move that the partner told of."""
    change = case.conversation.find_taken(case.duty.about)
    if change is None or change.code != "401":
        return False
    body = read_body(change.envelope.payload, CATALOGUE["401"].items)
    if body["change_kind"] != "DEATH":
        return False
    on, moved_on = change.envelope.effective_on, words.moved_in_on(case.conversation, case.conversation.arrival or "")
    return on is None or on > today + _TOLERANCE or (moved_on is not None and on < moved_on)


def _applied(outcome: str, case: Case) -> words.Words:
    return words.Words("402", {"outcome": outcome}, None, case.duty.about)
