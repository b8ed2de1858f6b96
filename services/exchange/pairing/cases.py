"""Questions of who is meant that wait for people, and what was decided of them, in `exchange.pairing_case`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from services.exchange.pairing.deciding import Case, Chosen, Proposal, Step, Taken
from services.exchange.pairing.pairing import NEEDS_PEOPLE, Found, Kind, Pairing, Question
from services.kernel.clock import Clock
from services.kernel.database import Connection

_FOUND = msgspec.json.Decoder(tuple[Found, ...])
_OPEN = """
INSERT INTO exchange.pairing_case AS c (conversation_id, partner, kind, opened_at, revision, found, has_protected)
VALUES ($1, $2, $3, $4, 1, $5, $6)
ON CONFLICT (conversation_id) DO UPDATE SET kind = excluded.kind, opened_at = excluded.opened_at,
    revision = c.revision + 1, found = excluded.found, has_protected = excluded.has_protected,
    proposed_by = NULL, proposed_at = NULL, outcome = NULL, person_id = NULL, decided_at = NULL
WHERE c.decided_at IS NOT NULL OR (c.kind, c.found) <> (excluded.kind, excluded.found)
"""
_LIST = """
SELECT c.* FROM exchange.pairing_case AS c JOIN exchange.conversation AS v USING (conversation_id)
WHERE c.decided_at IS NULL AND v.state = 'MANUAL_PAIRING' AND ($4 OR NOT c.has_protected)
    AND ($1::timestamptz IS NULL OR (c.opened_at, c.conversation_id) > ($1, $2::uuid))
ORDER BY c.opened_at, c.conversation_id LIMIT $3
"""


class PairingCases:
    """Where the clerk puts before people what it may not decide. `pool`: of the exchange's own login."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def open(self, pairings: Sequence[tuple[Question, Pairing]]) -> None:
        """The same again changes nothing; another result opens the question anew, and drops a proposal.

        ValueError for a pairing that needs nobody.
        """
        if any(pairing.kind not in NEEDS_PEOPLE for _, pairing in pairings):
            raise ValueError("this pairing needs no people")
        now = self._clock.now()
        await self._pool.executemany(
            _OPEN,
            [
                (
                    UUID(question.conversation_id),
                    question.partner,
                    pairing.kind.value,
                    now,
                    encode_found(pairing.found),
                    any(each.is_protected for each in pairing.found),
                )
                for question, pairing in pairings
            ],
        )


async def list_open(
    connection: Connection, after: tuple[datetime, UUID] | None, limit: int, *, with_protected: bool
) -> list[Case]:
    """Open cases of conversations that wait for them, oldest first. `with_protected`: those too in which somebody
    protected may be meant."""
    rows = await connection.fetch(_LIST, *(after or (None, None)), limit, with_protected)
    return [_read(row) for row in rows]


async def find_case(connection: Connection, conversation_id: UUID, *, for_deciding: bool = False) -> Case | None:
    """The case of a conversation, decided or not. `for_deciding`: nobody else decides until the transaction ends."""
    lock = " FOR UPDATE" if for_deciding else ""
    row = await connection.fetchrow(
        f"SELECT * FROM exchange.pairing_case WHERE conversation_id = $1{lock}",  # noqa: S608 - words of ours
        conversation_id,
    )
    return _read(row) if row is not None else None


async def keep_step(
    connection: Connection, case: Case, taken: Taken, actor: str, case_reference: str, at: datetime
) -> None:
    """Writes a step down and moves the case on."""
    await connection.execute(
        "INSERT INTO exchange.pairing_decision VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        case.conversation_id,
        case.revision,
        taken.step.value,
        taken.chosen.value,
        taken.person_id,
        case.kind.value,
        encode_found(case.found),
        actor,
        case_reference,
        taken.is_override,
        at,
    )
    stands = taken.step is not Step.REFUSED
    await connection.execute(
        "UPDATE exchange.pairing_case SET revision = revision + 1, outcome = $2, person_id = $3,"
        " proposed_by = CASE WHEN $4 THEN $5 ELSE proposed_by END,"
        " proposed_at = CASE WHEN $4 THEN $6 ELSE proposed_at END, decided_at = $7 WHERE conversation_id = $1",
        case.conversation_id,
        taken.chosen.value if stands else None,
        taken.person_id if stands else None,
        taken.step in (Step.PROPOSED, Step.REFUSED),
        actor if taken.step is Step.PROPOSED else None,
        at if taken.step is Step.PROPOSED else None,
        at if taken.decided_by else None,
    )


def encode_found(found: Sequence[Found]) -> bytes:
    """As it is kept: ids, scores, fields and verdicts."""
    return msgspec.json.encode(tuple(found))


def _read(row: Any) -> Case:
    proposal = None
    if row["proposed_by"] is not None and row["outcome"] is not None:
        proposal = Proposal(row["proposed_by"], Chosen(row["outcome"]), _to_uuid(row["person_id"]))
    return Case(
        UUID(bytes=row["conversation_id"].bytes),
        row["partner"],
        Kind(row["kind"]),
        row["opened_at"],
        row["revision"],
        _FOUND.decode(row["found"]),
        proposal,
        row["decided_at"],
    )


def _to_uuid(value: Any) -> UUID | None:
    return UUID(bytes=value.bytes) if value is not None else None
