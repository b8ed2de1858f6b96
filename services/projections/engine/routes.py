"""GET /v1/projections and what operators do about records that were set aside."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.errors import NotFound, Rejected
from services.kernel.http.bodies import Body, ByteBudget
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, word
from services.kernel.identity.caller import Caller
from services.projections.engine.mending import LIST_MAX, Asked, Entry, Mending
from services.projections.engine.projection import Place
from services.projections.engine.status import Status
from services.projections.engine.waiting import parse_place

JSON = "application/json"
BYTES_MAX = 16 << 10
WHY_MAX = 500
_ONE = "/v1/set-aside/{projection}/{topic}/{partition}/{offset}"


class _Why(msgspec.Struct, forbid_unknown_fields=True):
    why: str | None = None


class EngineRoutes:
    """What the engine tells, and what may be asked of it."""

    def __init__(self, status: Status, mending: Mending, budget: ByteBudget) -> None:
        self._status = status
        self._mending = mending
        self._budget = budget

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", "/v1/projections", self.show),
            door.guarded("GET", "/v1/set-aside", self.list_entries),
            # Longest first: an offset would match what follows the colon.
            door.guarded("POST", f"{_ONE}:retry", self.retry),
            door.guarded("POST", f"{_ONE}:skip", self.skip),
            door.guarded("GET", _ONE, self.get),
        ]

    async def show(self, request: Request, caller: Caller) -> Response:
        """How far every projection is, and its workers."""
        require_known_parameters(request)
        return _answer({"projections": await self._status.describe(), "workers": self._status.describe_workers()})

    async def list_entries(self, request: Request, caller: Caller) -> Response:
        """What is set aside, by place; `next` is the `after` of the next page."""
        require_known_parameters(request, {"projection", "state", "after"})
        state = word(request, "state", {"waiting", "skipped"})
        after = request.query_params.get("after")
        entries = await self._mending.list_entries(
            request.query_params.get("projection"), state, None if after is None else _parse_after(after)
        )
        return _answer({"set_aside": entries, "next": _after(entries[-1]) if len(entries) == LIST_MAX else None})

    async def get(self, request: Request, caller: Caller) -> Response:
        """One of them, with what the log holds there as far as ids and words, and what was done about it."""
        require_known_parameters(request)
        projection, place = _which(request)
        entry = await self._mending.get_entry(projection, place)
        told = msgspec.to_builtins(entry) | {
            "record": await self._mending.describe(place),
            "actions": await self._mending.list_actions(projection, place),
        }
        return _answer(told)

    async def retry(self, request: Request, caller: Caller) -> Response:
        """Apply it if that is possible now. 200 either way: `outcome` says which."""
        projection, place = _which(request)
        why = await self._read_why(request)
        return _answer({"outcome": await self._mending.retry(projection, place, Asked(caller.sub, why))})

    async def skip(self, request: Request, caller: Caller) -> Response:
        """Give it up, for good, with a reason."""
        projection, place = _which(request)
        why = await self._read_why(request)
        if why is None:
            raise Rejected("missing-field", "/why")
        return _answer({"outcome": await self._mending.skip(projection, place, Asked(caller.sub, why))})

    async def _read_why(self, request: Request) -> str | None:
        require_known_parameters(request)
        async with Body(request, self._budget, BYTES_MAX) as body:
            if not body:
                return None
            try:
                why = msgspec.json.decode(body, type=_Why).why
            except msgspec.ValidationError:
                raise Rejected("wrong-type", "", rule='The body is {"why": "a sentence"}.') from None
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise Rejected("malformed-json") from None
        why = (why or "").strip() or None
        if why and len(why) > WHY_MAX:
            raise Rejected("too-long", "/why")
        return why


def _which(request: Request) -> tuple[str, Place]:
    parameters = request.path_params
    if any("\0" in part for part in parameters.values()):
        raise NotFound("unknown-set-aside")
    try:
        place = parse_place(f"{parameters['topic']}:{parameters['partition']}:{parameters['offset']}")
    except Rejected:
        raise NotFound("unknown-set-aside") from None
    return parameters["projection"], place


def _after(entry: Entry) -> str:
    return f"{entry.projection}:{entry.topic}:{entry.partition}:{entry.offset}"


def _parse_after(text: str) -> tuple[str, Place]:
    projection, _, place = text.partition(":")
    return projection, parse_place(place)


def _answer(told: Any) -> Response:
    return Response(msgspec.json.encode(told), media_type=JSON)
