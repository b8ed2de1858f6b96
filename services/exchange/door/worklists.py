"""GET /exchange/v1/worklist and …:count, GET /exchange/v1/escalations: what waits for people. Nobody is named.

Which lists there are for whom stands in worklist/lists.py. Conversations have no area, so whoever reads covers the
region.
"""

from typing import Any

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.answering import answer
from services.exchange.door.conversations import read_instant, require_whole_region
from services.exchange.door.partners_known import require_partner
from services.exchange.members import MembersFile
from services.exchange.worklist.actions import routes_of
from services.exchange.worklist.lists import SEEN_BY, TITLES, WITH_PROTECTED, List
from services.exchange.worklist.reading import Asked, count, read_page, read_place, write_place
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden, Rejected
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, suggest
from services.kernel.identity.caller import Caller
from services.kernel.identity.matrix import read_matrix

PATH = "/exchange/v1/worklist"
PAGE, PAGE_MAX = 100, 500
_FILTERS = {"list", "partner", "due_before", "office"}


class WorklistRoutes:
    """`pool`: of the exchange's own login; `members`: None where no federation is configured."""

    def __init__(self, pool: asyncpg.Pool, members: MembersFile | None, clock: Clock, own: str) -> None:
        self._pool, self._members, self._clock, self._own = pool, members, clock, own
        self._allowed = {action.name: action.roles for action in read_matrix("exchange")}

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", PATH, self.list),
            door.guarded("GET", f"{PATH}:count", self.count),
            door.guarded("GET", "/exchange/v1/escalations", self.escalations),
        ]

    async def list(self, request: Request, caller: Caller) -> Response:
        """By due time. `list` may stand several times; `after`: `next` of the page before."""
        require_known_parameters(request, _FILTERS | {"after", "limit"}, frozenset({"list"}))
        asked = await self._read(request, caller)
        return await self._page(request, asked)

    async def count(self, request: Request, caller: Caller) -> Response:
        """How many items each list holds, for a dashboard."""
        require_known_parameters(request, _FILTERS, frozenset({"list"}))
        asked = await self._read(request, caller)
        counts = await count(self._pool, asked)
        titles = {each.value: TITLES[each] for each in asked.lists}
        return answer({"as_of": self._clock.now(), "counts": counts, "titles": titles, "all": sum(counts.values())})

    async def escalations(self, request: Request, caller: Caller) -> Response:
        """What the supervisors of both regions were told (703) and is not answered yet: metadata only."""
        require_known_parameters(request, {"partner", "due_before", "office", "after", "limit"})
        asked = await self._read(request, caller, only=List.ESCALATED)
        return await self._page(request, asked)

    async def _page(self, request: Request, asked: Asked) -> Response:
        after, limit = _read_after(request), _read_limit(request)
        items, place = await read_page(self._pool, asked, after, limit)
        return answer({"as_of": asked.now, "items": items, "next": write_place(place)})

    async def _read(self, request: Request, caller: Caller, only: List | None = None) -> Asked:
        require_whole_region(caller)
        given = request.query_params
        corridors, members = self._partners()
        due = given.get("due_before")
        return Asked(
            self._own,
            self._clock.now(),
            (only,) if only is not None else _read_lists(given.getlist("list"), caller),
            knows_protected=bool(caller.roles & WITH_PROTECTED),
            may=routes_of(caller.roles, self._allowed),
            corridors=corridors,
            members=members,
            partner=await require_partner(self._pool, members, given.get("partner")),
            due_before=None if due is None else read_instant(due, "?due_before"),
            office=given.get("office"),
        )

    def _partners(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Partners with which there is a corridor, and all."""
        if self._members is None:
            return (), ()
        members = self._members.current()
        names = tuple(each.region for each in members.partners())
        return tuple(each for each in names if members.find_corridor(each) is not None), names


def _read_lists(named: list[str], caller: Caller) -> tuple[List, ...]:
    """Those that were named, or all that the caller sees. Forbidden for one that is others'."""
    seen = [each for each in List if any(each in SEEN_BY.get(role, ()) for role in caller.roles)]
    words = [each.value for each in List]
    for name in named:
        if name not in words:
            listed = ", ".join(each.value for each in seen)
            raise Rejected("wrong-parameter", "?list", rule=f"It is one of {listed}.{suggest(name.upper(), words)}")
        if List(name) not in seen:
            who = ", ".join(sorted(role for role, lists in SEEN_BY.items() if List(name) in lists))
            raise Forbidden("role-may-not", "?list", rule=f"{name} is for: {who}.")
    return tuple(each for each in seen if not named or each.value in named)


def _read_after(request: Request) -> Any:
    text = request.query_params.get("after")
    try:
        return None if text is None else read_place(text)
    except ValueError:
        raise Rejected("wrong-parameter", "?after", rule="It is `next` of the page before.") from None


def _read_limit(request: Request) -> int:
    text = request.query_params.get("limit", str(PAGE))
    if not text.isascii() or not text.isdigit() or not 0 < len(text) <= 4 or not 1 <= int(text) <= PAGE_MAX:
        raise Rejected("wrong-parameter", "?limit", rule=f"It is a number from 1 to {PAGE_MAX}.")
    return int(text)
