"""Posting events, one or many."""

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.ingest.pipeline import Outcome, Pipeline
from services.ingest.routes.batches import require_batch_type, split_batch
from services.ingest.routes.outcomes import answer_many, answer_one
from services.kernel.errors import Rejected
from services.kernel.geography.follower import GeographyFollower
from services.kernel.http.bodies import (
    BATCH_BYTES_MAX,
    EVENT_BYTES_MAX,
    JSON,
    Body,
    ByteBudget,
    media_type_of,
)
from services.kernel.http.door import Door
from services.kernel.http.parameters import flag, require_known_parameters, word
from services.kernel.identity.caller import Caller
from services.kernel.telemetry.metrics import Metrics
from services.kernel.telemetry.trace import current_trace


class EventRoutes:
    """POST /v1/events and POST /v1/events:batch."""

    def __init__(
        self,
        pipeline: Pipeline,
        budget: ByteBudget,
        sources: frozenset[str],
        follower: GeographyFollower,
        metrics: Metrics,
    ) -> None:
        self._pipeline = pipeline
        self._budget = budget
        self._sources = sources
        self._follower = follower
        self._metrics = metrics

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("POST", "/v1/events", self.post_one),
            door.guarded("POST", "/v1/events:batch", self.post_many),
        ]

    async def post_one(self, request: Request, caller: Caller) -> Response:
        """One JSON event."""
        if media_type_of(request) != JSON:
            raise Rejected("wrong-media-type")
        dry_run = flag(request, "dry_run") if request.scope["query_string"] else False
        require_known_parameters(request, {"dry_run"})
        async with Body(request, self._budget, EVENT_BYTES_MAX) as body:
            outcomes = await self._pipeline.submit((body,), caller, dry_run=dry_run, traceparent=str(current_trace()))
        self._count_refusals(outcomes)
        await self._see_new_areas(caller, outcomes)
        return answer_one(outcomes[0])

    async def post_many(self, request: Request, caller: Caller) -> Response:
        """A JSON array of events, or one event per line."""
        lines = require_batch_type(request)
        require_known_parameters(request, {"dry_run", "source", "outcomes"})
        dry_run = flag(request, "dry_run")
        refused_only = word(request, "outcomes", frozenset({"all", "refused"})) == "refused"
        source = word(request, "source", self._sources)
        async with Body(request, self._budget, BATCH_BYTES_MAX) as body:
            outcomes = await self._pipeline.submit(
                split_batch(body, lines),
                caller,
                dry_run=dry_run,
                traceparent=str(current_trace()),
                source=source,
            )
        self._count_refusals(outcomes)
        await self._see_new_areas(caller, outcomes)
        return answer_many(outcomes, refused_only)

    def _count_refusals(self, outcomes: list[Outcome]) -> None:
        refused = [one.error.code for one in outcomes if one.error is not None]
        for code, count in Counter(refused).items() if refused else ():
            self._metrics.counter("domicile_refusals_total", code=code).inc(count)

    async def _see_new_areas(self, caller: Caller, outcomes: list[Outcome]) -> None:
        """Who posts an area may use it in the next request: wait until the map here has it."""
        if not caller.whole_region:  # the map is kept by those who cover all of it
            return
        topic = self._follower.topic
        offsets = [o.position.offset for o in outcomes if o.position is not None and o.position.topic == topic]
        if offsets:
            await self._follower.wait_for(max(offsets))
