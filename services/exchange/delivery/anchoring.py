"""Every minute a tree over the hashes of new letters; its root is signed, logged, and left with every partner.

The first leaf of a tree is the root before it. Where no partner answers, the root stands in our own log and table: that
degrades the proof, and stops nothing.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.exchange.delivery.posting import NotBroughtError, Posting
from services.exchange.members import Members, MembersFile
from services.exchange.protocol.envelope import canonical_json
from services.exchange.wire.evidence import find_path, tree_root
from services.exchange.wire.jws import Jws, WireError, parse_json, read_jws, sign, verify
from services.kernel.clock import Clock
from services.kernel.telemetry.logs import Log

TYP = "domicile-root+json"
EVERY_S = 60.0
LEAVES_MAX = 20_000
PEER_ROOT_EVERY = timedelta(seconds=30)
"""More often a partner's root is not kept: one root stands for all before it."""
FIRST = b"\x00" * 32


class Anchoring:
    """Makes trees, and keeps those of partners."""

    def __init__(self, pool: asyncpg.Pool, members: MembersFile, clock: Clock) -> None:
        self._pool = pool
        self._members = members
        self._clock = clock
        self._log = Log("anchoring")

    async def anchor_once(self) -> Jws | None:
        """Makes a tree of the letters that stand in none yet; its signed root, or None where there are no letters."""
        now = self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext('exchange.root'))")
            rows = await connection.fetch(
                "SELECT m.message_id, m.is_ours, m.signed_hash FROM exchange.message m"
                " LEFT JOIN exchange.anchored a USING (message_id, is_ours)"
                " WHERE a.message_id IS NULL AND m.signed_hash IS NOT NULL"
                " ORDER BY m.partner, m.is_ours, m.chain_position LIMIT $1",
                LEAVES_MAX,
            )
            if not rows:
                return None
            before = await connection.fetchval("SELECT root FROM exchange.root ORDER BY root_no DESC LIMIT 1") or FIRST
            leaves = [before, *(row["signed_hash"] for row in rows)]
            root = await asyncio.to_thread(tree_root, leaves)
            number = await connection.fetchval(
                "INSERT INTO exchange.root (made_at, previous_root, root, leaves) VALUES ($1, $2, $3, $4)"
                " RETURNING root_no",
                now,
                before,
                root,
                leaves,
            )
            await connection.executemany(
                "INSERT INTO exchange.anchored (message_id, is_ours, root_no, place) VALUES ($1, $2, $3, $4)",
                [(row["message_id"], row["is_ours"], number, place) for place, row in enumerate(rows, 1)],
            )
        self._log.info("anchored", count=len(rows), version=number)
        members = self._members.current()
        said = {"root_no": number, "root": root.hex(), "made_at": now.isoformat(), "region": members.own}
        return sign(canonical_json(said), TYP, members.signing_key(now))

    async def run_once(self, posting: Posting) -> bool:
        """Makes a tree and leaves its root with every partner that can be reached; who cannot is let be."""
        root = await self.anchor_once()
        if root is None:
            return False
        partners = [each for each in self._members.current().partners() if not each.pulls]
        left = await asyncio.gather(
            *(posting.leave_root(each, root.to_bytes()) for each in partners), return_exceptions=True
        )
        missed = sum(isinstance(each, NotBroughtError) for each in left)
        if missed:
            self._log.info("root-not-left", count=missed)
        return False

    async def find_inclusion(self, message_id: UUID, is_ours: bool) -> Mapping[str, Any] | None:
        """From the letter's hash to the root of its tree; None where it stands in none yet."""
        row = await self._pool.fetchrow(
            "SELECT r.*, a.place FROM exchange.anchored a JOIN exchange.root r USING (root_no)"
            " WHERE a.message_id = $1 AND a.is_ours = $2",
            message_id,
            is_ours,
        )
        if row is None:
            return None
        path = await asyncio.to_thread(find_path, row["leaves"], row["place"])
        return {
            "root_no": row["root_no"],
            "made_at": row["made_at"].isoformat(),
            "root": row["root"].hex(),
            "previous_root": row["previous_root"].hex(),
            "path": [{"hash": step.hash.hex(), "side": "left" if step.is_left else "right"} for step in path],
        }

    async def keep_peer_root(self, partner: str, raw: bytes) -> bool:
        """Whether it was a root that the partner signed. A second root of one number is kept always: it is a fork."""
        members, now = self._members.current(), self._clock.now()
        try:
            signed = read_jws(raw)
            payload, key = verify(signed, TYP, members.find_key(now))
            root = parse_json(payload)
            digest, number = bytes.fromhex(root["root"]), int(root["root_no"])
        except (WireError, KeyError, TypeError, ValueError):
            return False
        if key.owner != partner or root.get("region") != partner or len(digest) != 32 or not 0 < number < 1 << 62:
            return False
        await self._pool.execute(
            "INSERT INTO exchange.peer_root (partner, signed_hash, jws, came_at, root_no) SELECT $1, $2, $3, $4, $6"
            " WHERE (SELECT count(*) FROM exchange.peer_root WHERE partner = $1 AND root_no = $6) = 1"
            " OR NOT EXISTS (SELECT FROM exchange.peer_root WHERE partner = $1 AND (came_at > $5 OR root_no = $6))"
            " ON CONFLICT DO NOTHING",
            partner,
            digest,
            signed.to_bytes(),
            now,
            now - PEER_ROOT_EVERY,
            number,
        )
        return True


def read_root(signed: bytes, members: Members) -> Mapping[str, Any]:
    """What a kept root says. WireError where it does not hold."""
    payload, _ = verify(read_jws(signed), TYP, members.find_any_key)
    said: Mapping[str, Any] = json.loads(payload)
    return said
