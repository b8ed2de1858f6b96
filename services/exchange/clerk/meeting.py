"""The destination looks whether somebody whose departure was announced has arrived."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import asyncpg

from services.exchange.clerk import words
from services.exchange.clerk.answering import messages_of, question_of
from services.exchange.clerk.desk import Case, Desk, find_own
from services.exchange.clerk.plans import Plan, Step
from services.exchange.clerk.work import Work
from services.exchange.journal.entry import Join, PersonKnown
from services.exchange.ledger.documents import read_conversation
from services.exchange.pairing.pairer import Pairer
from services.exchange.pairing.pairing import Kind
from services.exchange.protocol.conversation import Conversation
from services.exchange.protocol.deadlines import Kind as Owed
from services.exchange.protocol.joining import JOINABLE
from services.exchange.protocol.states import Clock as Hands
from services.exchange.protocol.states import Role, State
from services.kernel.clock import Clock

_PRESSING = (Hands.DUE_SOON, Hands.OVERDUE, Hands.ESCALATED)
_AGAIN = timedelta(days=1)


class Meeting:
    """`read`: the pool of the login that may only look."""

    def __init__(self, pool: asyncpg.Pool, read: asyncpg.Pool, desk: Desk, pairer: Pairer, clock: Clock) -> None:
        self._pool, self._read, self._desk, self._pairer, self._clock = pool, read, desk, pairer, clock

    async def meet(self, cases: Sequence[Case]) -> Work:
        """Joined where the notice of arrival is under way; told 205 where it is past that, or where the answer is due
        and nobody has come."""
        parts = await self._desk.open_parts(messages_of(cases))
        async with self._read.acquire() as connection:
            pairings = await self._pairer.pair(connection, [question_of(case, parts) for case in cases])
        work = Work()
        for case, pairing in zip(cases, pairings, strict=True):
            steps: list[Step] = []
            if pairing.kind is Kind.PAIRED and pairing.person_id is not None:
                steps = await self._find_arrival(case, pairing.person_id)
            if steps:
                person = (
                    PersonKnown(pairing.person_id, pairing.rule or "", pairing.score) if pairing.person_id else None
                )
                work.plans.append(Plan(case, steps, person))
            elif _must_answer(case):
                body = {"outcome": "NOT_ARRIVED_YET"}
                work.plans.append(Plan(case, [words.Words("205", body, None, case.duty.about)]))
            else:
                work.until[case.id] = self._clock.now() + _AGAIN
        return work

    async def _find_arrival(self, case: Case, person_id: UUID) -> list[Step]:
        async with self._pool.acquire() as connection:
            rows = await find_own(connection, Role.DESTINATION, case.conversation.partner, [person_id])
        for row in rows:
            arrived = read_conversation(row["document"])
            if not _fits(case.conversation, arrived):
                continue
            if arrived.state in JOINABLE and arrived.departure is None:
                return [Join(arrived.id)]
            if arrived.state not in (State.WITHDRAWN, State.REFUSED, State.CONTESTED, State.LAPSED):
                on = words.moved_in_on(arrived, arrived.arrival or "")
                body = {
                    "outcome": "ARRIVED",
                    "registration_id": arrived.registration_id,
                    "arrived_on": on.isoformat() if on else None,
                }
                said = {name: value for name, value in body.items() if value is not None}
                return [words.Words("205", said, None, case.duty.about)]
        return []


def _fits(announced: Conversation, arrived: Conversation) -> bool:
    """An arrival that was told, not long before the departure that was announced."""
    if arrived.id == announced.id or arrived.arrival is None:
        return False
    left, came = words.departed_on(announced), words.moved_in_on(arrived, arrived.arrival)
    return left is None or came is None or came >= left - timedelta(days=30)


def _must_answer(case: Case) -> bool:
    c = case.conversation
    said = any(letter.code == "205" for letter in c.letters)
    owed = any(
        each.kind is Owed.DEPARTURE_FEEDBACK and each.debtor == c.own and each.clock in _PRESSING
        for each in c.open_obligations
    )
    return owed and not said
