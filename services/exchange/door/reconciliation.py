"""POST /exchange/v1/reconciliation, at the door of partners: one step of a run that a partner began."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.callers import Callers
from services.exchange.door.partners import PartnerDoor
from services.exchange.door.refusals import Refusals
from services.exchange.reconciliation.answering import Answering
from services.exchange.reconciliation.messages import BODY_BYTES_MAX
from services.exchange.wire.jws import WireError
from services.kernel.errors import Rejected
from services.kernel.http.bodies import JSON, Body, media_type_of

_COSTS = 200
"""As much of a partner's share as so many letters: all links are counted."""


class ReconciliationRoute:
    """Who asks is proved by certificate and signature, both of one member."""

    def __init__(self, door: PartnerDoor, callers: Callers, answering: Answering, refusals: Refusals) -> None:
        self._door, self._callers, self._answering, self._refusals = door, callers, answering, refusals

    def routes(self) -> list[Route]:
        return [self._door.route("POST", "/exchange/v1/reconciliation", self.answer)]

    async def answer(self, request: Request) -> Response:
        """The signed answer to a step."""
        member = self._callers.find_by_certificate(request)
        caller = None if member is None else member.region
        share = self._door.share_of(request, caller)
        share.enter()
        try:
            if media_type_of(request) != JSON:
                raise Rejected("wrong-media-type")
            share.charge(_COSTS)
            async with Body(request, share, BODY_BYTES_MAX) as raw:
                return Response(await self._take(raw, caller), media_type=JSON)
        finally:
            share.leave()

    async def _take(self, raw: bytes, caller: str | None) -> bytes:
        try:
            return await self._answering.answer(raw, self._callers.current(), caller)
        except WireError as wrong:
            self._refusals.note(caller, wrong.code)
            raise Rejected("not-a-reconciliation", wrong.path) from None
