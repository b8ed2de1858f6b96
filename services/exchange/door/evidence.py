"""What proves that a message was said, and taken: for whoever is one of its two sides."""

import json
from typing import Any
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.delivery.anchoring import Anchoring
from services.exchange.door.callers import Callers
from services.exchange.door.partners import PartnerDoor
from services.kernel.errors import NotFound, Rejected
from services.kernel.http.bodies import JSON, Body

_ROOT_RULE = "A root is a JWS of type domicile-root+json about the partner's own region, signed by the partner."
_ROOT_BYTES_MAX = 8 << 10
_ASKING_COSTS = 50
"""As much of a partner's share as so many letters: a path through a tree takes its time."""
COLUMNS = "message_id, is_ours, partner, message_type, chain_position, signed_hash, previous_hash, jws, answer"


class EvidenceRoutes:
    """Evidence of one message, and roots of partners."""

    def __init__(self, door: PartnerDoor, callers: Callers, pool: asyncpg.Pool, anchoring: Anchoring) -> None:
        self._door = door
        self._callers = callers
        self._pool = pool
        self._anchoring = anchoring

    def routes(self) -> list[Route]:
        return [
            self._door.route("GET", "/exchange/v1/evidence/{message_id}", self.show),
            self._door.route("POST", "/exchange/v1/roots", self.take_root),
        ]

    async def show(self, request: Request) -> Response:
        """The signed letter, the signed answer, its neighbours in the chain, and its way to a root.

        Only for the partner that said or heard it: to all others there is no such message.
        """
        member = self._callers.get(request)
        self._door.share_of(request, member.region).charge(_ASKING_COSTS)
        message_id = _read_id(request.path_params["message_id"])
        row = await self._pool.fetchrow(
            f"SELECT {COLUMNS} FROM exchange.message WHERE message_id = $1 AND partner = $2",  # noqa: S608
            message_id,
            member.region,
        )
        if row is None:
            raise NotFound("not-found")
        return Response(json.dumps(await show_evidence(self._pool, self._anchoring, row)).encode(), media_type=JSON)

    async def take_root(self, request: Request) -> Response:
        """A partner's signed root: kept, at most two a minute, so that it cannot make another of its past."""
        member = self._callers.get(request)
        share = self._door.share_of(request, member.region)
        share.charge(_ASKING_COSTS)
        async with Body(request, share, _ROOT_BYTES_MAX) as raw:
            if not await self._anchoring.keep_peer_root(member.region, raw):
                raise Rejected("not-a-batch", rule=_ROOT_RULE, remedy="Send it in that form.")
        return Response(b'{"heard":true}', media_type=JSON)


async def show_evidence(pool: asyncpg.Pool, anchoring: Anchoring, row: asyncpg.Record) -> dict[str, Any]:
    """What is known of one row of exchange.message."""
    position = row["chain_position"]
    beside = []
    if position is not None:
        beside = await pool.fetch(
            "SELECT chain_position, signed_hash, previous_hash FROM exchange.message"
            " WHERE partner = $1 AND is_ours = $2 AND chain_position IN ($3, $4) ORDER BY chain_position",
            row["partner"],
            row["is_ours"],
            position - 1,
            position + 1,
        )
    return {
        "message_id": str(row["message_id"]),
        "message_type": row["message_type"],
        "said_by": "us" if row["is_ours"] else row["partner"],
        "letter": None if row["jws"] is None else json.loads(row["jws"]),
        "answer": None if row["answer"] is None else json.loads(row["answer"]),
        "chain": _link(row),
        "neighbours": [_link(each) for each in beside],
        "inclusion": await anchoring.find_inclusion(row["message_id"], row["is_ours"]),
    }


def _link(row: asyncpg.Record) -> dict[str, Any] | None:
    if row["chain_position"] is None or row["signed_hash"] is None:
        return None
    previous = row["previous_hash"]
    return {
        "position": row["chain_position"],
        "hash": row["signed_hash"].hex(),
        "previous_hash": None if previous is None else previous.hex(),
    }


def _read_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("not-found") from None
