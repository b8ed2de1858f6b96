"""What operators and probes ask: alive, ready, metrics."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.http.door import Door
from services.kernel.telemetry.metrics import CONTENT_TYPE, Metrics

# Looks whether one thing that the service needs is there.
Check = Callable[[], Awaitable[bool]]
CHECK_TIMEOUT_S = 2.0


class OperationRoutes:
    """GET /livez, /readyz, /metrics."""

    def __init__(self, checks: Mapping[str, Check], metrics: Metrics) -> None:
        self._checks = checks
        self._metrics = metrics

    def routes(self, door: Door) -> list[Route]:
        return [
            door.public("GET", "/livez", self.livez),
            door.public("GET", "/readyz", self.readyz),
            door.public("GET", "/metrics", self.show_metrics),
        ]

    async def show_metrics(self, request: Request) -> Response:
        """Counters and gauges of this process."""
        return Response(self._metrics.render(), headers={"content-type": CONTENT_TYPE})

    async def livez(self, request: Request) -> Response:
        """The process answers."""
        return Response(b'{"alive":true}', media_type="application/json")

    async def readyz(self, request: Request) -> Response:
        """200 if everything that the service needs is there, else 503; `checks` says what is missing."""
        names = list(self._checks)
        found = await asyncio.gather(*(_look(self._checks[name]) for name in names))
        ready = all(found)
        body = msgspec.json.encode({"ready": ready, "checks": dict(zip(names, found, strict=True))})
        return Response(body, 200 if ready else 503, media_type="application/json")


async def _look(check: Check) -> bool:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            return await check()
    except Exception:
        return False
