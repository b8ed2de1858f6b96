"""What operators ask: how the exchange stands, what was set aside, and what becomes of that."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.answering import answer
from services.exchange.ledger import mending, status
from services.exchange.ledger.applying import Ledger
from services.exchange.worker.parts import Parts
from services.exchange.worker.worker import Line
from services.kernel.errors import Rejected
from services.kernel.http.bodies import ByteBudget
from services.kernel.http.door import Door
from services.kernel.identity.caller import Caller
from services.kernel.log.reader import Partition
from services.kernel.processes.workers import Workers


class OperatorRoutes:
    """GET /exchange/v1/status, GET /exchange/v1/set-aside, POST …:retry and …:skip."""

    def __init__(self, parts: Parts, workers: Workers[Line], budget: ByteBudget) -> None:
        self._parts = parts
        self._workers = workers
        self._ledger = Ledger(parts.house, parts.coder)

    def routes(self, door: Door) -> list[Route]:
        place = "/exchange/v1/set-aside/{topic}/{partition}/{offset}"
        return [
            door.guarded("GET", "/exchange/v1/status", self.show_status),
            door.guarded("GET", "/exchange/v1/set-aside", self.list_set_aside),
            door.guarded("POST", f"{place}:retry", self.retry),
            door.guarded("POST", f"{place}:skip", self.skip),
        ]

    async def show_status(self, request: Request, caller: Caller) -> Response:
        """Positions, workers, what waits: numbers only."""
        told = await status.describe(self._parts.pool)
        workers = [
            {
                "number": each.number,
                "pid": each.pid,
                "restarts": each.restarts,
                "leads": bool(each.figures and each.figures["worker"].leads),
                "lag": each.figures["worker"].lag if each.figures else None,
                "topics": each.figures["worker"].topics if each.figures else [],
                "failures": each.figures["worker"].failures if each.figures else {},
            }
            for each in self._workers.workers
        ]
        return answer({**told, "workers": workers})

    async def list_set_aside(self, request: Request, caller: Caller) -> Response:
        """Entries that could not be applied, by their place on the log."""
        return answer({"set_aside": await mending.list_set_aside(self._parts.pool)})

    async def retry(self, request: Request, caller: Caller) -> Response:
        """Tries it again now."""
        place, offset = _place(request)
        done = await mending.retry(self._parts.pool, self._ledger, self._parts.settings.kafka, place, offset)
        return answer({"applied": done})

    async def skip(self, request: Request, caller: Caller) -> Response:
        """Never mind it: it stays listed as skipped, with who said so."""
        place, offset = _place(request)
        await mending.skip(self._parts.pool, place, offset, caller.sub)
        return answer({"skipped": True})


def _place(request: Request) -> tuple[Partition, int]:
    given = request.path_params
    try:
        return Partition(given["topic"], int(given["partition"])), int(given["offset"])
    except ValueError:
        raise Rejected("bad-format", "/offset") from None
