"""GET /exchange/v1/scorecards and …/obligations: how two regions keep their word, and what that is made of.

Figures of obligations; ids of conversations and nothing of anybody. Days are of UTC. What few people stand behind is
not told, and what is told leads back to its obligations.
"""

from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.answering import answer
from services.exchange.door.conversations import require_whole_region
from services.exchange.door.partners_known import require_partner
from services.exchange.members import MembersFile
from services.exchange.scorecards.cards import Period, compile_cards
from services.exchange.scorecards.indicators import BY_ID, Indicator
from services.exchange.scorecards.reading import (
    PAGE_MAX,
    fetch_cells,
    fetch_obligations,
    fetch_one_sided,
    fetch_paths,
)
from services.exchange.scorecards.telling import tell_definition, tell_definitions, tell_scorecards, write_csv
from services.kernel.clock import Clock
from services.kernel.errors import Rejected
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, suggest, word
from services.kernel.identity.caller import Caller

PATH = "/exchange/v1/scorecards"
PAGE = 100
USUAL_DAYS = 90
_PERIOD = {"corridor", "from", "to", "as_of"}
_COUNTED = ("numerator", "others", "voided")
_WITHOUT_ROWS = {"X12": "findings: GET /exchange/v1/reconciliations", "X14": "letters: GET /exchange/v1/chains"}


class ScorecardRoutes:
    """`pool`: of the exchange's own login; `members`: None where no federation is configured."""

    def __init__(self, pool: asyncpg.Pool, members: MembersFile | None, clock: Clock, own: str) -> None:
        self._pool, self._members, self._clock, self._own = pool, members, clock, own

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", PATH, self.show),
            door.guarded("GET", f"{PATH}/definitions", self.define),
            door.guarded("GET", f"{PATH}/obligations", self.list),
        ]

    async def show(self, request: Request, caller: Caller) -> Response:
        """Both directions of a corridor. `format=csv`, or `Accept: text/csv`, for a table."""
        require_known_parameters(request, _PERIOD | {"format"})
        require_whole_region(caller)
        form = word(request, "format", ("csv", "json"))
        partner, period = await self._read_corridor(request), self._read_period(request)
        async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
            cells = await fetch_cells(connection, partner, period, self._clock.now())
            one_sided = await fetch_one_sided(connection, partner, period.as_of)
            paths = await fetch_paths(connection, partner, period)
        cards = compile_cards(self._own, partner, period, cells, one_sided)
        if form == "csv" or (form is None and "text/csv" in request.headers.get("accept", "")):
            name = f"scorecard-{partner}-{period.first}-{period.last}.csv"
            headers = {"cache-control": "no-store", "content-disposition": f'attachment; filename="{name}"'}
            return Response(write_csv(cards), 200, headers, media_type="text/csv; charset=utf-8")
        return answer(tell_scorecards(cards, paths))

    async def define(self, request: Request, caller: Caller) -> Response:
        """What each figure is, and which are not here."""
        require_known_parameters(request)
        return answer({"definitions": tell_definitions()})

    async def list(self, request: Request, caller: Caller) -> Response:
        """The obligations behind a figure, by day. `counted`: numerator, others (of the denominator), or voided;
        `after`: `next` of the page before."""
        require_known_parameters(request, _PERIOD | {"debtor", "indicator", "counted", "after", "limit"})
        require_whole_region(caller)
        partner, period = await self._read_corridor(request), self._read_period(request)
        indicator = _read_indicator(request)
        debtor = word(request, "debtor", (self._own, partner)) or partner
        counted = word(request, "counted", _COUNTED) or "others"
        limit, now = _read_limit(request), self._clock.now()
        after = _read_after(request.query_params.get("after"))
        items = await fetch_obligations(self._pool, partner, debtor, period, now, indicator, counted, after, limit)
        told = {"corridor": partner, "debtor": debtor, "counted": counted, "as_of": period.as_of}
        next_ = _write_after(items[-1]) if len(items) == limit else None
        return answer(told | {"definition": tell_definition(indicator), "items": items, "next": next_})

    async def _read_corridor(self, request: Request) -> str:
        names = [] if self._members is None else [each.region for each in self._members.current().partners()]
        named = request.query_params.get("corridor")
        if named is None:
            raise Rejected("wrong-parameter", "?corridor", rule=f"Name the partner: {', '.join(sorted(names))}.")
        await require_partner(self._pool, names, named, "?corridor")
        return named

    def _read_period(self, request: Request) -> Period:
        """By default the last ninety days, as of today. What happens later on a day belongs to it once it has."""
        today = self._clock.now().astimezone(UTC).date()
        as_of = _read_day(request, "as_of", today)
        last = _read_day(request, "to", as_of)
        first = _read_day(request, "from", last - timedelta(days=USUAL_DAYS))
        if as_of > today:
            raise Rejected("wrong-parameter", "?as_of", rule=f"Nobody knows yet what is after today, {today}.")
        if last > as_of:
            raise Rejected("wrong-parameter", "?to", rule=f"A period ends by the day as of which it is seen, {as_of}.")
        if first > last:
            raise Rejected("wrong-parameter", "?from", rule=f"A period begins before it ends, on {last}.")
        return Period(first, last, as_of)


def _read_day(request: Request, name: str, default: date) -> date:
    text = request.query_params.get(name)
    if text is None:
        return default
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Rejected("wrong-parameter", f"?{name}", rule="It is a day, for example 2026-03-31.") from None
    if not 1900 <= day.year <= 2200:
        raise Rejected("wrong-parameter", f"?{name}", rule="It is a day of this age.")
    return day


def _read_indicator(request: Request) -> Indicator:
    name = request.query_params.get("indicator", "X4")
    if name in _WITHOUT_ROWS:
        raise Rejected("wrong-parameter", "?indicator", rule=f"{name} is made of {_WITHOUT_ROWS[name]}.")
    if name not in BY_ID:
        listed = ", ".join(each for each in BY_ID if each not in _WITHOUT_ROWS)
        raise Rejected("wrong-parameter", "?indicator", rule=f"It is one of {listed}.{suggest(name.upper(), BY_ID)}")
    return BY_ID[name]


def _read_limit(request: Request) -> int:
    text = request.query_params.get("limit", str(PAGE))
    if not text.isascii() or not text.isdigit() or not 0 < len(text) <= 4 or not 1 <= int(text) <= PAGE_MAX:
        raise Rejected("wrong-parameter", "?limit", rule=f"It is a number from 1 to {PAGE_MAX}.")
    return int(text)


def _read_after(text: str | None) -> tuple[date, UUID, str] | None:
    if text is None:
        return None
    try:
        day, conversation, about = text.split("~", 2)
        return date.fromisoformat(day), UUID(conversation), about
    except ValueError:
        raise Rejected("wrong-parameter", "?after", rule="It is `next` of the page before.") from None


def _write_after(item: dict[str, Any]) -> str:
    return f"{item['cohort_day']}~{item['conversation_id']}~{item['about']}"
