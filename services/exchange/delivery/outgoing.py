"""Letters of ours as they leave: signed with the key of the day, particulars encrypted for whom they are meant."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.journal.sealing import PartSealer, read_sealed
from services.exchange.members import Members, UnknownMemberError
from services.exchange.particulars.commitments import OpenPart, write_part
from services.exchange.wire import Jws, WireError, encrypt_part, sign_letter
from services.exchange.wire.items import ITEMS_MAX, REQUEST_BYTES_MAX, write_item
from services.exchange.wire.jws import read_jws
from services.exchange.wire.letters import TYP, kid_of
from services.kernel.privacy.data_keys import DataKeys

BATCH_BYTES_MAX = REQUEST_BYTES_MAX * 3 // 4
_YIELD_EVERY = 16
_COLUMNS = "message_id, conversation_id, chain_position, signed_hash, payload, jws, attempt, said_at, send_at"


@dataclass(frozen=True, slots=True)
class Leaving:
    """One letter. `item`: as it is sent. `send_at`: what stood there when it was read."""

    message_id: str
    conversation_id: str
    position: int
    hash: str
    said_at: datetime
    send_at: datetime | None
    item: Mapping[str, Any]


class Outgoing:
    """Reads letters, signs those that are not signed yet, and keeps what was signed."""

    def __init__(self, pool: asyncpg.Pool, data_keys: DataKeys, sealer: PartSealer) -> None:
        self._pool = pool
        self._data_keys = data_keys
        self._sealer = sealer

    async def list_due(
        self,
        members: Members,
        partner: str,
        now: datetime,
        limit: int = ITEMS_MAX,
        under_way: Collection[str] = (),
    ) -> list[Leaving]:
        """What must be brought to a partner now and is not `under_way`, in the order of the chain, as much as one
        request holds."""
        rows = await self._pool.fetch(
            f"SELECT {_COLUMNS} FROM exchange.message WHERE is_ours AND partner = $1 AND send_at <= $2"  # noqa: S608
            " AND payload IS NOT NULL AND message_id <> ALL($4::uuid[]) ORDER BY chain_position LIMIT $3",
            partner,
            now,
            limit,
            list(under_way),
        )
        return await self._make(members, partner, rows, now)

    async def list_after(
        self, members: Members, partner: str, position: int, now: datetime, limit: int
    ) -> list[Leaving]:
        """Letters to a partner that stand after a position of its chain."""
        rows = await self._pool.fetch(
            f"SELECT {_COLUMNS} FROM exchange.message WHERE is_ours AND partner = $1 AND chain_position > $2"  # noqa: S608
            " AND payload IS NOT NULL ORDER BY chain_position LIMIT $3",
            partner,
            position,
            limit,
        )
        return await self._make(members, partner, rows, now)

    async def _make(
        self, members: Members, partner: str, rows: Sequence[asyncpg.Record], now: datetime
    ) -> list[Leaving]:
        if not rows:
            return []
        signed = await self._sign(members, rows, now)
        parts = await self._open_parts([row["message_id"] for row in rows])
        made: list[Leaving] = []
        held = 0
        for place, (row, jws) in enumerate(zip(rows, signed, strict=True)):
            message_id = str(row["message_id"])
            item = self._write(members, partner, jws, parts.get(message_id, ()), row["attempt"], now)
            held += len(jws.payload) + 1000 + sum(len(each) for each in item["parts"].values())
            if made and held > BATCH_BYTES_MAX:
                break
            made.append(_leaving(row, item))
            if place % _YIELD_EVERY == _YIELD_EVERY - 1:
                await asyncio.sleep(0)
        return made

    def _write(
        self, members: Members, partner: str, jws: Jws, parts: Sequence[OpenPart], attempt: int, now: datetime
    ) -> Mapping[str, Any]:
        encrypted = {}
        if parts:
            key = members.encryption_key(partner, now)
            encrypted = {part.role: encrypt_part(write_part(part), part.commitment, key) for part in parts}
        return write_item(jws, encrypted, attempt, now.isoformat())

    async def _sign(self, members: Members, rows: Sequence[asyncpg.Record], now: datetime) -> list[Jws]:
        """Signed before anything leaves, and kept: what is sent twice is the same to the byte while its key is good."""
        key = members.signing_key(now)
        signed: list[Jws] = []
        made: dict[UUID, bytes] = {}
        for row in rows:
            jws = _find_good(row["jws"], members, now)
            if jws is None:
                jws = sign_letter(row["payload"], key)
                made[row["message_id"]] = jws.to_bytes()
            signed.append(jws)
        if made:
            await self._pool.execute(
                "UPDATE exchange.message m SET jws = made.jws"
                " FROM unnest($1::uuid[], $2::bytea[]) made(message_id, jws)"
                " WHERE m.message_id = made.message_id AND m.is_ours",
                list(made),
                list(made.values()),
            )
        return signed

    async def _open_parts(self, message_ids: Sequence[UUID]) -> dict[str, list[OpenPart]]:
        """Readable particulars by message. Of who was forgotten there are none: the recipient will say so."""
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(
                "SELECT * FROM exchange.part WHERE message_id = ANY($1::uuid[]) AND is_ours ORDER BY role", message_ids
            )
            keys = await self._data_keys.find(connection, sorted({row["key_id"] for row in rows}))
        readable = {UUID(bytes=key_id.bytes): key for key_id, key in keys.items()}
        parts: dict[str, list[OpenPart]] = {}
        for row in rows:
            message_id = str(row["message_id"])
            opened = self._sealer.open(message_id, read_sealed(row), readable)
            if opened is not None:
                part = OpenPart(row["role"], row["commitment"], opened.salt, opened.document)
                parts.setdefault(message_id, []).append(part)
        return parts


def _find_good(kept: bytes | None, members: Members, now: datetime) -> Jws | None:
    """What was signed before, unless its key ran out or was revoked meanwhile: the signed bytes stay the same."""
    if kept is None:
        return None
    jws = read_jws(kept)
    try:
        members.find_key(now)(kid_of(jws, TYP))
    except (WireError, UnknownMemberError):
        return None
    return jws


def _leaving(row: asyncpg.Record, item: Mapping[str, Any]) -> Leaving:
    return Leaving(
        str(row["message_id"]),
        str(row["conversation_id"]),
        row["chain_position"],
        row["signed_hash"].hex(),
        row["said_at"],
        row["send_at"],
        item,
    )
