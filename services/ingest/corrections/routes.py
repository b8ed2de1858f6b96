"""POST /v1/corrections and what follows it."""

from typing import Any
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.ingest.corrections.draft import (
    APPROVED,
    PENDING,
    Draft,
    is_seen,
    read_post,
    require_approvable,
    require_sight,
    require_withdrawable,
)
from services.ingest.corrections.reading import describe_reading
from services.ingest.corrections.store import DraftStore
from services.ingest.pipeline import Outcome, Pipeline
from services.ingest.routes.outcomes import answer_one
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, NotFound, Rejected, Unavailable
from services.kernel.geography.follower import GeographyFollower
from services.kernel.http.bodies import EVENT_BYTES_MAX, JSON, Body, ByteBudget, media_type_of
from services.kernel.http.door import Door
from services.kernel.http.parameters import require_known_parameters
from services.kernel.identity.caller import Caller
from services.kernel.reading.purpose import settle_purpose
from services.kernel.reading.recorder import ReadRecorder
from services.kernel.telemetry.trace import current_trace

# Stands in for the approver while a draft is only checked.
NOBODY_YET = "nobody-yet"
LIST_MAX = 200
READ = "/v1/corrections/{draft_id}"


class CorrectionRoutes:
    """Drafts of events that need two people."""

    def __init__(
        self,
        store: DraftStore,
        pipeline: Pipeline,
        follower: GeographyFollower,
        budget: ByteBudget,
        clock: Clock,
        purposes: frozenset[str],
        audit: ReadRecorder,
    ) -> None:
        self._store = store
        self._pipeline = pipeline
        self._follower = follower
        self._budget = budget
        self._clock = clock
        self._purposes = purposes
        self._audit = audit

    def routes(self, door: Door) -> list[Route]:
        return [
            door.guarded("POST", "/v1/corrections", self.add),
            door.guarded("GET", "/v1/corrections", self.list_open),
            door.guarded("GET", READ, self.get),
            door.guarded("POST", "/v1/corrections/{draft_id}:approve", self.approve),
            door.guarded("POST", "/v1/corrections/{draft_id}:withdraw", self.withdraw),
        ]

    async def add(self, request: Request, caller: Caller) -> Response:
        """Draft: checked like any event, kept sealed, not appended. 201, or 200 if it was drafted before."""
        if media_type_of(request) != JSON:
            raise Rejected("wrong-media-type")
        require_known_parameters(request)
        async with Body(request, self._budget, EVENT_BYTES_MAX) as body:
            checked = await self._submit(body, caller, NOBODY_YET, dry_run=True)
            if checked.error is not None:
                raise checked.error
            draft_id, event_type = read_post(body)
            draft = Draft(
                draft_id,
                event_type,
                tuple(checked.areas),
                caller,
                self._clock.now(),
                PENDING,
                post=body,
                people=tuple((region, UUID(bytes=person_id)) for region, person_id in checked.people),
            )
            is_new = await self._store.add(draft)
        return self._answer(await self._get(draft_id), 201 if is_new else 200)

    async def list_open(self, request: Request, caller: Caller) -> Response:
        """Drafts that wait and that the caller may see, without what they say."""
        require_known_parameters(request)
        tree = self._follower.current_tree()
        waiting = await self._store.list_open(self._clock.now())
        seen = [draft for draft in waiting if is_seen(draft, caller, tree)]
        told = {"drafts": [self._told(draft) for draft in seen[:LIST_MAX]], "more": len(seen) > LIST_MAX}
        return Response(msgspec.json.encode(told), media_type=JSON)

    async def get(self, request: Request, caller: Caller) -> Response:
        """One draft, with the post as it was sent while it waits. Who looks at that is on the log first."""
        draft = await self._get(_draft_id(request))
        require_sight(draft, caller, self._follower.current_tree())
        require_known_parameters(request, {"purpose"})
        if draft.post is not None:
            purpose = settle_purpose(caller, request.query_params.get("purpose"), self._purposes)
            reading = describe_reading(draft, caller, purpose, f"GET {READ}")
            await self._audit.record([reading] if reading else [])
        return self._answer(draft, post=msgspec.Raw(draft.post) if draft.post is not None else None)

    async def approve(self, request: Request, caller: Caller) -> Response:
        """Append it. Approving again gives the same answer."""
        require_known_parameters(request)
        draft = await self._get(_draft_id(request))
        if draft.status == APPROVED and draft.settled_by == caller.sub:
            return Response(await self._store.find_answer(draft.draft_id) or b"{}", media_type=JSON)
        require_approvable(draft, caller, self._follower.current_tree())
        if draft.post is None:
            raise Conflict("draft-settled")
        approver = await self._store.begin_approval(draft.draft_id, caller.sub)
        outcome = await self._submit(draft.post, draft.author, approver)
        if outcome.error is not None:
            # An unknown outcome stays under way, so that nobody withdraws what may be on the log.
            if not isinstance(outcome.error, Unavailable):
                await self._store.abandon_approval(draft.draft_id)
            raise outcome.error
        answer = answer_one(outcome)
        await self._store.settle_approved(draft.draft_id, approver, self._clock.now(), bytes(answer.body))
        if outcome.position is not None and outcome.position.topic == self._follower.topic:
            await self._follower.wait_for(outcome.position.offset)  # the next request finds the corrected map
        return answer

    async def withdraw(self, request: Request, caller: Caller) -> Response:
        """Forget it."""
        require_known_parameters(request)
        draft = await self._get(_draft_id(request))
        require_withdrawable(draft, caller, self._follower.current_tree())
        await self._store.settle_withdrawn(draft.draft_id, caller.sub, self._clock.now())
        return self._answer(await self._get(draft.draft_id))

    async def _get(self, draft_id: UUID) -> Draft:
        return await self._store.get(draft_id, self._clock.now())

    async def _submit(self, post: bytes, author: Caller, approver: str, dry_run: bool = False) -> Outcome:
        return await self._pipeline.submit_correction(
            post, author, approved_by=approver, dry_run=dry_run, traceparent=str(current_trace())
        )

    def _answer(self, draft: Draft, status: int = 200, **more: Any) -> Response:
        return Response(msgspec.json.encode(self._told(draft) | more), status, media_type=JSON)

    def _told(self, draft: Draft) -> dict[str, Any]:
        return {
            "draft_id": str(draft.draft_id),
            "type": draft.event_type,
            "status": draft.status,
            "areas": draft.areas,
            "author": draft.author.sub,
            "drafted_at": draft.drafted_at,
            "expires_at": draft.drafted_at + self._store.lifetime if draft.status == PENDING else None,
            "settled_by": draft.settled_by,
            "settled_at": draft.settled_at,
        }


def _draft_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["draft_id"])
    except ValueError:
        raise NotFound("unknown-draft") from None
