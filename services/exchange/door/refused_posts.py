"""GET /exchange/v1/refused-posts, POST …/{event_id}:retry, :give-up and :settle.

What two regions agreed on becomes events of the own register. One that ingest refuses for good leaves the two
registers different: somebody mends the cause and offers it again, or gives it up on a case and records by hand what is
missing. Who gave up what, why and when is kept for ever.
"""

from typing import Any
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.answering import answer
from services.exchange.door.conversations import read_id, require_whole_region
from services.exchange.register import outbox
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, NotFound
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import require_case
from services.kernel.telemetry.logs import Log

PATH = "/exchange/v1/refused-posts"


class RefusedPostRoutes:
    """`pool`: of the exchange's own login."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock
        self._log = Log("refused-posts")

    def routes(self, door: Door) -> list[Route]:
        one = f"{PATH}/{{event_id}}"
        return [
            door.guarded("GET", PATH, self.list),
            door.guarded("POST", f"{one}:retry", self.retry),
            door.guarded("POST", f"{one}:give-up", self.give_up),
            door.guarded("POST", f"{one}:settle", self.settle),
        ]

    async def list(self, request: Request, caller: Caller) -> Response:
        """What waits, and what was given up; types and problems, nothing of the posts."""
        require_known_parameters(request)
        require_whole_region(caller)
        async with self._pool.acquire() as connection:
            refused = await outbox.list_refused(connection)
            given_up = await connection.fetch("SELECT * FROM exchange.given_up ORDER BY given_up_at DESC LIMIT 1000")
        return answer(
            {
                "refused": [_plain(each._asdict()) for each in refused],
                "given_up": [_plain(dict(each)) for each in given_up],
            }
        )

    async def retry(self, request: Request, caller: Caller) -> Response:
        """The cause was mended: the event is offered again within a second."""
        require_known_parameters(request)
        require_whole_region(caller)
        async with self._pool.acquire() as connection:
            if not await outbox.retry(connection, _event_id(request)):
                raise NotFound("unknown-refused-post")
        return answer({"offered": True})

    async def give_up(self, request: Request, caller: Caller) -> Response:
        """It is never offered again, and stands among what is one-sided until somebody settled it."""
        require_known_parameters(request, {"case"})
        require_whole_region(caller)
        case, event_id, now = require_case(request.query_params.get("case")), _event_id(request), self._clock.now()
        async with self._pool.acquire() as connection, connection.transaction():
            if not await outbox.give_up(connection, event_id, caller.sub, case, now):
                raise NotFound("unknown-refused-post")
        self._log.warning("given-up", event_id=str(event_id), actor=caller.sub)
        return answer({"given_up": True})

    async def settle(self, request: Request, caller: Caller) -> Response:
        """What was missing has been recorded by hand, or need not be; the case says how."""
        require_known_parameters(request, {"case"})
        require_whole_region(caller)
        case, event_id = require_case(request.query_params.get("case")), _event_id(request)
        done = await self._pool.fetchval(
            "UPDATE exchange.given_up SET settled_at = coalesce(settled_at, $2), settled_by = coalesce(settled_by, $3),"
            " settled_case = coalesce(settled_case, $4) WHERE event_id = $1 RETURNING settled_case",
            event_id,
            self._clock.now(),
            caller.sub,
            case,
        )
        if done is None:
            raise NotFound("unknown-refused-post")
        if done != case:
            raise Conflict("not-now", "?case", rule="It was settled already, on another case.")
        return answer({"settled": True})


def _event_id(request: Request) -> UUID:
    return read_id(request.path_params["event_id"], "/event_id")


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Ids as text: those of the driver are not the encoder's."""
    ids = ("event_id", "conversation_id")
    return {name: str(value) if name in ids else value for name, value in row.items()}
