"""What the door looks up and puts down in the tables: whose particulars they are, answers that were given."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.exchange.journal.entry import SealedPart
from services.exchange.journal.sealing import Particulars, PartSealer, holder_of
from services.exchange.particulars.commitments import OpenPart
from services.exchange.particulars.forms import SUBJECT
from services.exchange.wire.letters import OpenedLetter
from services.kernel.privacy.data_keys import DataKeys

TURNED_AWAY_MAX = 10_000
"""So many an hour are kept as links of a chain; a partner that sends more is known by then."""


class Told(NamedTuple):
    """A letter with its particulars, readable."""

    letter: OpenedLetter
    parts: Sequence[OpenPart]


class Shelf:
    """The door's own statements. Everything else is written by who folds the journal."""

    def __init__(self, pool: asyncpg.Pool, data_keys: DataKeys, sealer: PartSealer) -> None:
        self._pool = pool
        self._data_keys = data_keys
        self._sealer = sealer

    async def find_answers(self, letters: Sequence[OpenedLetter]) -> dict[str, bytes]:
        """Hash of the letter -> the signed answer that was given to exactly these bytes before, for good."""
        rows = await self._pool.fetch(
            "SELECT signed_hash, answer FROM exchange.message"
            " WHERE message_id = ANY($1::uuid[]) AND NOT is_ours AND answer IS NOT NULL",
            [letter.envelope.message_id for letter in letters],
        )
        return {row["signed_hash"].hex(): row["answer"] for row in rows if row["signed_hash"] is not None}

    async def find_heads(self, partners: Sequence[str]) -> dict[str, int]:
        """How far each partner's chain goes: its last letter, taken or turned away."""
        rows = await self._pool.fetch(
            "SELECT partner, max(position) AS position FROM (SELECT partner, position FROM exchange.chain"
            " WHERE partner = ANY($1) AND NOT is_ours UNION ALL SELECT partner, max(position)"
            " FROM exchange.turned_away WHERE partner = ANY($1) GROUP BY 1) AS known GROUP BY 1",
            partners,
        )
        return {row["partner"]: row["position"] for row in rows}

    async def keep_answers(self, answers: Mapping[str, tuple[str, bytes]], at: datetime) -> None:
        """`answers`: hash of the letter -> (message id, signed answer). What was refused for now has no row here."""
        if not answers:
            return
        await self._pool.execute(
            "UPDATE exchange.message m SET answer = given.answer, answered_at = $4"
            " FROM unnest($1::uuid[], $2::bytea[], $3::bytea[]) given(message_id, signed_hash, answer)"
            " WHERE m.message_id = given.message_id AND NOT m.is_ours AND m.signed_hash = given.signed_hash"
            " AND m.answer IS NULL",
            [message_id for message_id, _ in answers.values()],
            [bytes.fromhex(each) for each in answers],
            [answer for _, answer in answers.values()],
            at,
        )

    async def keep_turned_away(self, letters: Sequence[tuple[OpenedLetter, str]], at: datetime) -> None:
        """Letters that never come to the journal: links of the chain all the same."""
        if not letters:
            return
        await self._pool.execute(
            "INSERT INTO exchange.turned_away"
            " (partner, signed_hash, position, previous_hash, message_id, code, came_at)"
            " SELECT t.*, $7 FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::bytea[], $5::uuid[], $6::text[]) t"
            " WHERE (SELECT count(*) FROM exchange.turned_away WHERE partner = ($1::text[])[1]"
            "   AND came_at > $7::timestamptz - interval '1 hour') < $8"
            " ON CONFLICT DO NOTHING",
            [letter.envelope.sender_jurisdiction for letter, _ in letters],
            [bytes.fromhex(letter.hash) for letter, _ in letters],
            [letter.chain.position for letter, _ in letters],
            [bytes.fromhex(letter.chain.previous_hash) for letter, _ in letters],
            [letter.envelope.message_id for letter, _ in letters],
            [code for _, code in letters],
            at,
            TURNED_AWAY_MAX,
        )

    async def seal(self, told: Sequence[Told]) -> list[tuple[SealedPart, ...]]:
        """The particulars of each letter at rest. The keys are kept before this returns."""
        people = await self._find_people({each.letter.envelope.conversation_id for each in told if each.parts})
        holders = [
            [_holder(each.letter.envelope.conversation_id, part.role, people) for part in each.parts] for each in told
        ]
        wanted = {holder_of(holder) for some in holders for holder in some}
        if not wanted:
            return [() for _ in told]
        async with self._pool.acquire() as connection:
            keys = await self._data_keys.get_or_create(connection, wanted)
        return [
            tuple(
                self._sealer.seal(
                    each.letter.envelope.message_id,
                    holder,
                    part.role,
                    part.commitment,
                    Particulars(part.salt, part.document),
                    keys[holder_of(holder)],
                )
                for part, holder in zip(each.parts, some, strict=True)
            )
            for each, some in zip(told, holders, strict=True)
        ]

    async def _find_people(self, conversations: set[str]) -> dict[str, UUID]:
        if not conversations:
            return {}
        rows = await self._pool.fetch(
            "SELECT asked.id::text AS asked, c.person_id FROM unnest($1::uuid[]) asked(id)"
            " LEFT JOIN exchange.alias a ON a.other_id = asked.id"
            " JOIN exchange.conversation c ON c.conversation_id = coalesce(a.conversation_id, asked.id)"
            " WHERE c.person_id IS NOT NULL",
            sorted(conversations),
        )
        return {row["asked"]: UUID(bytes=row["person_id"].bytes) for row in rows}


def _holder(conversation_id: str, role: str, people: Mapping[str, UUID]) -> UUID:
    """The person where it is known who is meant; else the conversation; for others in the letter a key of their own."""
    if role == SUBJECT:
        return people.get(conversation_id) or UUID(conversation_id)
    return UUID(bytes=hashlib.sha256(f"{conversation_id}/{role}".encode()).digest()[:16], version=5)
