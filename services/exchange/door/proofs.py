"""What operators and auditors can show of what was said: chains, and the evidence of a message."""

from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.delivery.anchoring import Anchoring
from services.exchange.delivery.chains import list_chains
from services.exchange.door.answering import answer
from services.exchange.door.evidence import COLUMNS, show_evidence
from services.kernel.errors import NotFound
from services.kernel.http.door import Door
from services.kernel.identity.caller import Caller


class ProofRoutes:
    """GET /exchange/v1/chains, GET /exchange/v1/evidence/{message_id}. Metadata and signatures; nobody is named."""

    def __init__(self, pool: asyncpg.Pool, anchoring: Anchoring) -> None:
        self._pool = pool
        self._anchoring = anchoring

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", "/exchange/v1/chains", self.show_chains),
            door.guarded("GET", "/exchange/v1/evidence/{message_id}", self.show_evidence),
        ]

    async def show_chains(self, request: Request, caller: Caller) -> Response:
        """How far the chains reach, and where those of partners have gaps or forks."""
        return answer({"chains": await list_chains(self._pool)})

    async def show_evidence(self, request: Request, caller: Caller) -> Response:
        """The signed letter and its signed answer, its place in the chain, and its way to a root."""
        try:
            message_id = UUID(request.path_params["message_id"])
        except ValueError:
            raise NotFound("not-found") from None
        row = await self._pool.fetchrow(
            f"SELECT {COLUMNS} FROM exchange.message WHERE message_id = $1 ORDER BY is_ours DESC LIMIT 1",  # noqa: S608
            message_id,
        )
        if row is None:
            raise NotFound("not-found")
        return answer(await show_evidence(self._pool, self._anchoring, row))
