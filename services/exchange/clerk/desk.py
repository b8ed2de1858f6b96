"""The clerk's desk: duties are taken up here, particulars opened and sealed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from services.exchange.clerk.duties import Does, Duty, duty_of
from services.exchange.journal.entry import SealedPart
from services.exchange.journal.sealing import Particulars, PartSealer, holder_of, read_sealed
from services.exchange.ledger.documents import read_conversation
from services.exchange.particulars.commitments import OpenPart
from services.exchange.protocol.conversation import Conversation
from services.kernel.database import Connection
from services.kernel.privacy.data_keys import DataKeys

LEASE = timedelta(seconds=5)
"""How long a duty is nobody else's after it was taken up. Doing it twice is harmless."""
_WAITS_S = (0.1, 0.1, 0.2, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 300.0)
WAIT_MAX_S = 3600.0


@dataclass(frozen=True, slots=True)
class Case:
    """One conversation in which the house owes something. `person_id`: who is meant, once that is known.

    `revision`: how many entries it has seen. `tries`: how often this duty was taken up before.
    """

    conversation: Conversation
    duty: Duty
    person_id: UUID | None
    revision: int
    tries: int

    @property
    def id(self) -> str:
        return self.conversation.id


class Sealing(NamedTuple):
    """Particulars to be sealed: of which message, under whose key."""

    message_id: str
    holder: UUID
    part: OpenPart


class Desk:
    """`pool`: of the exchange's own login."""

    def __init__(self, pool: asyncpg.Pool, data_keys: DataKeys, sealer: PartSealer) -> None:
        self._pool, self._data_keys, self._sealer = pool, data_keys, sealer

    async def take_up(self, now: datetime, count: int) -> list[Case]:
        """The duties whose time has come, for a while nobody else's."""
        rows = await self._pool.fetch(_TAKE_UP, now, now + LEASE, Does.PEOPLE, count)
        cases = []
        for row in rows:
            conversation = read_conversation(row["document"])
            person_id = None if row["person_id"] is None else UUID(bytes=row["person_id"].bytes)
            duty = duty_of(conversation, knows_person=person_id is not None)
            if duty is not None and duty.does is not Does.PEOPLE:
                cases.append(Case(conversation, duty, person_id, row["revision"], row["duty_tries"] - 1))
        return cases

    async def put_off(self, cases: Sequence[Case], now: datetime) -> None:
        """Nothing can be done yet: at first it is looked at again soon, in the end every hour."""
        await self._set_times([(UUID(each.id), now + timedelta(seconds=_wait_s(each.tries))) for each in cases])

    async def put_off_until(self, until: Mapping[str, datetime]) -> None:
        """Nothing will have changed before."""
        await self._set_times([(UUID(each), at) for each, at in until.items()])

    async def leave_to_people(self, why: Mapping[str, str]) -> None:
        """What no machine may decide after all, for a reason that only the register shows. It stands until the
        conversation goes on."""
        await self._pool.executemany(
            "UPDATE exchange.conversation SET duty = $2, duty_why = $3 WHERE conversation_id = $1",
            [(UUID(each), Does.PEOPLE.value, word) for each, word in why.items()],
        )

    async def wake(self, partner: str, now: datetime, at_most: timedelta) -> None:
        """Somebody has arrived from there: announcements that wait are looked at again, not all the time."""
        await self._pool.execute(
            "UPDATE exchange.conversation SET duty_at = $3 WHERE duty = $1 AND partner = $2 AND duty_at > $3",
            Does.MEET.value,
            partner,
            now + at_most,
        )

    async def open_parts(self, message_ids: Sequence[str]) -> dict[str, dict[str, dict[str, Any]]]:
        """Message → role → document. What was forgotten is left out."""
        rows = await self._pool.fetch(
            "SELECT * FROM exchange.part WHERE message_id = ANY($1)", [UUID(each) for each in message_ids]
        )
        async with self._pool.acquire() as connection:
            keys = await self._data_keys.find(connection, sorted({row["key_id"] for row in rows}))
        opened: dict[str, dict[str, dict[str, Any]]] = {}
        readable = {UUID(bytes=key_id.bytes): key for key_id, key in keys.items()}
        for row in rows:
            message_id = str(row["message_id"])
            particulars = self._sealer.open(message_id, read_sealed(row), readable)
            if particulars is not None:
                part = OpenPart(row["role"], row["commitment"], particulars.salt, particulars.document)
                opened.setdefault(message_id, {})[row["role"]] = part.read()
        return opened

    async def seal(self, wanted: Sequence[Sealing]) -> dict[str, tuple[SealedPart, ...]]:
        """By message. Keys are kept for good before anything sealed with them leaves."""
        if not wanted:
            return {}
        async with self._pool.acquire() as connection, connection.transaction():
            keys = await self._data_keys.get_or_create(connection, {holder_of(each.holder) for each in wanted})
        sealed: dict[str, tuple[SealedPart, ...]] = {}
        for each in wanted:
            part = self._sealer.seal(
                each.message_id,
                each.holder,
                each.part.role,
                each.part.commitment,
                Particulars(each.part.salt, each.part.document),
                keys[holder_of(each.holder)],
            )
            sealed[each.message_id] = (*sealed.get(each.message_id, ()), part)
        return sealed

    async def _set_times(self, times: Sequence[tuple[UUID, datetime]]) -> None:
        await self._pool.executemany("UPDATE exchange.conversation SET duty_at = $2 WHERE conversation_id = $1", times)


def _wait_s(tries: int) -> float:
    return _WAITS_S[tries] if tries < len(_WAITS_S) else WAIT_MAX_S


async def find_own(connection: Connection, role: str, partner: str, people: Sequence[UUID]) -> list[asyncpg.Record]:
    """Conversations about moves of these people with a partner."""
    return await connection.fetch(
        "SELECT conversation_id, person_id, state, registration_id, departure_event_id, document"
        " FROM exchange.conversation WHERE person_id = ANY($1) AND partner = $2 AND role = $3 AND talk = 'MOVE'",
        people,
        partner,
        role,
    )


_TAKE_UP = """
UPDATE exchange.conversation AS c SET duty_at = $2, duty_tries = duty_tries + 1
FROM (
    SELECT conversation_id FROM exchange.conversation
    WHERE duty IS NOT NULL AND duty <> $3 AND duty_at <= $1
    ORDER BY duty_at LIMIT $4 FOR UPDATE SKIP LOCKED
) AS taken
WHERE c.conversation_id = taken.conversation_id
RETURNING c.document, c.person_id, c.revision, c.duty_tries
"""
