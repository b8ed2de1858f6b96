"""The echo that measures the server itself."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.http.bodies import BATCH_BYTES_MAX, Body, ByteBudget
from services.kernel.http.door import Door
from services.kernel.identity.caller import Caller


class EchoRoutes:
    """POST /v1/echo: the same door and the same body, and nothing behind it."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("POST", "/v1/echo", self.echo)]

    async def echo(self, request: Request, caller: Caller) -> Response:
        async with Body(request, self._budget, BATCH_BYTES_MAX) as body:
            return Response(body, media_type="application/json")
