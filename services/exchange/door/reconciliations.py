"""GET and POST /exchange/v1/reconciliations: whether two registers hold the same links."""

import asyncio
from uuid import UUID

import asyncpg
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.answering import answer
from services.exchange.door.conversations import require_whole_region
from services.exchange.members import MembersFile
from services.exchange.reconciliation import records
from services.exchange.reconciliation.beginning import Beginning
from services.kernel.errors import Rejected
from services.kernel.http.bodies import JSON, Body, ByteBudget, media_type_of
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, suggest
from services.kernel.identity.caller import Caller
from services.kernel.telemetry.logs import Log

PATH = "/exchange/v1/reconciliations"
_BYTES_MAX = 4096


class _Wish(msgspec.Struct, forbid_unknown_fields=True):
    """`partner`: one; left out: all."""

    partner: str | None = None


class ReconciliationRoutes:
    """Runs go on when nobody waits for them; whoever wants to know asks again."""

    def __init__(self, pool: asyncpg.Pool, beginning: Beginning, members: MembersFile, budget: ByteBudget) -> None:
        self._pool, self._beginning, self._members, self._budget = pool, beginning, members, budget
        self._running: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._log = Log("reconciliation")

    def routes(self, door: Door) -> list[Route]:
        return [door.guarded("GET", PATH, self.show), door.guarded("POST", PATH, self.begin)]

    async def show(self, request: Request, caller: Caller) -> Response:
        """?partner=, ?run_id=: runs, newest first, and findings that are not settled, oldest first."""
        require_known_parameters(request, ("partner", "run_id"))
        require_whole_region(caller)
        partner = self._read_partner(request.query_params.get("partner"), "?partner")
        runs = await records.list_runs(self._pool, partner, _read_id(request.query_params.get("run_id")))
        findings = await records.list_open_findings(self._pool, partner)
        return answer({"runs": runs, "findings": findings})

    async def begin(self, request: Request, caller: Caller) -> Response:
        """{"partner"}: 202 with the ids of the runs that begin now, one after the other."""
        require_known_parameters(request)
        require_whole_region(caller)
        if media_type_of(request) != JSON:
            raise Rejected("wrong-media-type")
        async with Body(request, self._budget, _BYTES_MAX) as raw:
            try:
                wish = msgspec.json.decode(raw or b"{}", type=_Wish)
            except msgspec.MsgspecError:
                raise Rejected("wrong-parameter", "/partner", rule='The body is {"partner": "…"} or {}.') from None
        named = self._read_partner(wish.partner, "/partner")
        partners = [named] if named is not None else self._partners()
        runs = [(await self._beginning.begin(each, "asked"), each) for each in partners]
        task = asyncio.create_task(self._lead(runs))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return answer({"runs": [{"run_id": str(run_id), "partner": partner} for run_id, partner in runs]}, 202)

    async def _lead(self, runs: list[tuple[UUID, str]]) -> None:
        async with self._turn:
            for run_id, partner in runs:
                try:
                    await self._beginning.lead(run_id, partner)
                except Exception as error:
                    self._log.error("run-failed", error, partner=partner)

    def _partners(self) -> list[str]:
        return [each.region for each in self._members.current().partners()]

    def _read_partner(self, named: str | None, path: str) -> str | None:
        partners = self._partners()
        if named is not None and named not in partners:
            listed = ", ".join(partners) or "none"
            raise Rejected("wrong-parameter", path, rule=f"Partners are {listed}.{suggest(named, partners)}")
        return named


def _read_id(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        raise Rejected("wrong-parameter", "?run_id", rule="An id is a UUID.") from None
