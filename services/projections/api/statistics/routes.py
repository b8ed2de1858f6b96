"""GET /v1/indicators, /v1/indicators/{name}, /v1/population, /v1/flows: figures, with everything they are made of.

Nobody is named in a figure, so nobody's record is read: no purpose, no case, no PersonRead. Who asked for which table
under which rule stands in the service's log.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from services.kernel.errors import NotFound, Rejected
from services.kernel.http.bodies import JSON
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters, suggest, word
from services.kernel.identity.caller import Caller
from services.kernel.telemetry.logs import Log
from services.projections.api.desk import Desk
from services.projections.api.presenting import iso_instant
from services.projections.api.statistics import asking, figures, flows, population
from services.projections.api.statistics.asking import Asked, read_asked, read_limit
from services.projections.api.statistics.cartography import MapKeeper
from services.projections.api.statistics.formats import MEDIA_TYPES, SUFFIXES
from services.projections.api.statistics.pages import Page, read_parts, write_file
from services.projections.api.statistics.places import choose_places
from services.projections.api.statistics.records import Block, Rows, Telling
from services.projections.api.statistics.releasing import Release
from services.projections.api.statistics.study import Study, compute_period
from services.projections.statistics.indicators import CATALOGUE, Counts, Indicator
from services.projections.statistics.indicators.spans import Span
from services.projections.tabulation import CrowdedInstantError, TabulatedCounts, open_counts

AT_ONCE = 2
"""Questions that are counted at one time: the others wait, and records of people are read meanwhile."""
CURRENT = "current"
_TABLES = (asking.JSON, asking.CSV, asking.PARQUET)
_ACCEPTED: Mapping[str, str] = {
    "text/csv": asking.CSV,
    "application/vnd.apache.parquet": asking.PARQUET,
    "application/vnd.sdmx.data+json": asking.SDMX,
}
_SET_ASIDE = "SELECT count(*) FROM projection.set_aside WHERE projection = 'register' AND state = 'waiting'"
_COMMON = asking.WHERE | asking.WHEN | asking.SHOWN | asking.WHAT
ListBlocks = Callable[[Study, Counts, Span], Iterable[Block]]


class StatisticsRoutes:
    """Figures of the register."""

    def __init__(self, desk: Desk, release: Release, maps: MapKeeper) -> None:
        self._desk = desk
        self._release = release
        self._maps = maps
        self._room = asyncio.Semaphore(AT_ONCE)
        self._log = Log("statistics")

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("GET", "/v1/indicators", self.catalogue),
            door.guarded("GET", "/v1/indicators/{name}", self.indicator),
            door.guarded("GET", "/v1/population", self.population),
            door.guarded("GET", "/v1/flows", self.flows),
        ]

    async def catalogue(self, request: Request, caller: Caller) -> Response:
        """Everything that can be asked for, and what cannot, with the reason."""
        require_known_parameters(request)
        told = {"indicators": [figures.tell_indicator(each) for each in CATALOGUE.values()]}
        return Response(msgspec.json.encode(told), media_type=JSON)

    async def indicator(self, request: Request, caller: Caller) -> Response:
        """Figures of one indicator."""
        indicator = _find_indicator(request.path_params["name"])
        asked = read_asked(request, _COMMON | asking.HOW, self._desk.today)

        def list_blocks(study: Study, counts: Counts, span: Span) -> Iterable[Block]:
            found = compute_period(study, counts, indicator, span)
            yield Rows(figures.tell_figure(study, indicator, each) for each in found)

        def tell(study: Study) -> Telling:
            head = {"indicator": figures.tell_indicator(indicator), **_head(study)}
            return Telling(head, "figures", figures.columns_of(indicator))

        formats = (*_TABLES, asking.SDMX)
        return await self._answer(request, caller, asked, indicator.id, formats, tell, list_blocks)

    async def population(self, request: Request, caller: Caller) -> Response:
        """People of a population at the end of a day, or of the last day of each period."""
        indicator = CATALOGUE[population.INDICATOR]
        asked = read_asked(request, _COMMON, self._desk.today, stock=True)
        # Who is there at the end of a day does not depend on where the period began.
        asked = replace(asked, spans=tuple(Span(span.end - 1, span.end) for span in asked.spans))
        checks: dict[str, Any] = {}

        def list_blocks(study: Study, counts: Counts, span: Span) -> Iterable[Block]:
            found = compute_period(study, counts, indicator, span)
            for each in found:
                checks[each.figure.place] = [check._asdict() for check in each.figure.checks]
            yield Rows(population.tell_people(study, each) for each in found)

        def tell(study: Study) -> Telling:
            head = {"definition": indicator.definition_id, "population": asked.population, "by": asked.by}
            columns = population.columns_of(indicator, asked.by)
            return Telling({**head, **_head(study), "checks": checks}, "rows", columns)

        return await self._answer(request, caller, asked, indicator.id, _TABLES, tell, list_blocks)

    async def flows(self, request: Request, caller: Caller) -> Response:
        """Moves by origin and destination."""
        asked = read_asked(request, _COMMON | {"age_at"}, self._desk.today)
        flows.require_by(asked)

        def tell(study: Study) -> Telling:
            head = {"definition": flows.DEFINITION, "track": asked.population, "by": asked.by}
            return Telling({**head, **_head(study)}, "rows", flows.columns_of(asked.by))

        return await self._answer(request, caller, asked, flows.TABLE, _TABLES, tell, flows.list_flows)

    async def _answer(
        self,
        request: Request,
        caller: Caller,
        asked: Asked,
        table: str,
        formats: tuple[str, ...],
        tell: Callable[[Study], Telling],
        list_blocks: ListBlocks,
    ) -> Response:
        """Counted on a thread, for the library waits for its counts; in one state of all tables."""
        format = _choose_format(request, formats)
        page = Page(request, read_limit(request)) if format == asking.JSON else None
        if page is None and {"limit", "cursor"} & request.query_params.keys():
            raise Rejected("wrong-parameter", "?limit", rule="Pages are of JSON; a file holds everything.")
        study = await self._settle(request, caller, asked, table)
        telling = tell(study)
        async with self._room, self._open_counts(asked) as counts:

            def list_period(span: Span) -> Iterable[Block]:
                return list_blocks(study, counts, span)

            if page is not None:
                lines, following = await asyncio.to_thread(page.fill, asked.spans, list_period)
            else:
                file = await asyncio.to_thread(write_file, format, telling, asked.spans, list_period)
        self._log.info("figures-told", who=caller.sub, type=table, reason=study.rule_version)
        if page is not None:
            told = {**telling.head, "next": following, telling.lines: [line.record for line in lines]}
            return Response(msgspec.json.encode(told), media_type=JSON)
        name = f"{table}.{SUFFIXES[format]}"
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(read_parts(file), media_type=MEDIA_TYPES[format], headers=headers)

    @asynccontextmanager
    async def _open_counts(self, asked: Asked) -> AsyncIterator[TabulatedCounts]:
        """Rejected for an instant amid too much that was recorded: nobody is to wait minutes for it."""
        async with AsyncExitStack() as stack:
            try:
                opening = open_counts(self._desk.pool, known_at_ms=asked.known_at_ms)
                counts = await stack.enter_async_context(opening)
            except CrowdedInstantError:
                rule = "Too much was recorded around this instant: ask for the end of its day or of the day before."
                raise Rejected("wrong-parameter", "?as_known_at", rule=rule) from None
            yield counts

    async def _settle(self, request: Request, caller: Caller, asked: Asked, table: str) -> Study:
        rule = self._release.find_rule(table, caller)
        if rule is not None:
            self._release.require_releasable(asked)
        await self._desk.wait(request, ["register", "geography"])
        async with self._desk.tables() as connection:
            cartography = await self._maps.get(connection)
            set_aside = await connection.fetchval(_SET_ASIDE)
        return Study(
            asked=asked,
            places=choose_places(asked, cartography.atlas, self._desk.tree, caller),
            cartography=cartography,
            rule=rule,
            vintage=CURRENT if asked.known_at_ms is None else iso_instant(asked.known_at_ms),
            answered_at=iso_instant(self._desk.now_ms),
            today=self._desk.today,
            set_aside=set_aside,
        )


def _find_indicator(name: str) -> Indicator:
    found = CATALOGUE.get(name)
    if found is None:
        near = suggest(name, CATALOGUE)
        raise NotFound("unknown-indicator", rule=f"Indicators are those of GET /v1/indicators.{near}")
    return found


def _choose_format(request: Request, formats: tuple[str, ...]) -> str:
    """?format, else the first media type of Accept that we speak, else JSON."""
    asked = word(request, "format", formats)
    if asked is not None:
        return asked
    accepted = (part.partition(";")[0].strip().lower() for part in request.headers.get("accept", "").split(","))
    return next((_ACCEPTED[each] for each in accepted if _ACCEPTED.get(each) in formats), asking.JSON)


def _head(study: Study) -> dict[str, Any]:
    asked = study.asked
    return {
        "map": asked.map,
        "vintage": study.vintage,
        "answered_at": study.answered_at,
        "rule": study.rule_version,
        "set_aside": study.set_aside,
    }
