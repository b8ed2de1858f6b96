"""HTTP for partners, on a port of its own: messages, what can be fetched, evidence.

POST /exchange/v1/messages                 letters; a signed answer to each
GET  /exchange/v1/ready                    whether there is anybody, for a partner that waits
GET  /exchange/v1/feeds/{member}           letters to a member that cannot be reached
POST /exchange/v1/feeds/{member}/answers   its signed answers to them
GET  /exchange/v1/evidence/{message_id}    what proves that a message was said and taken
POST /exchange/v1/roots                    a partner's signed tree root, kept for it
"""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from services.exchange.door.callers import Callers
from services.exchange.door.limits import Share, Shares
from services.exchange.door.refusals import Refusals
from services.exchange.door.taking import Taking
from services.exchange.members import UnknownMemberError
from services.exchange.wire.items import REQUEST_BYTES_MAX, read_request, write_answers
from services.exchange.wire.jws import WireError
from services.kernel.database import TRANSIENT
from services.kernel.errors import Corrupt, DomicileError, Forbidden, NotFound, Rejected, TooLarge, Unavailable
from services.kernel.http.bodies import JSON, Body, media_type_of
from services.kernel.http.measuring import measured_route
from services.kernel.http.problems import answer_http_exception, problem, status_of
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.metrics import Metrics

Handler = Callable[[Request], Awaitable[Response]]


class PartnerDoor:
    """The routes, and an answer to every error that tells a stranger nothing."""

    def __init__(self, callers: Callers, shares: Shares, taking: Taking, metrics: Metrics, refusals: Refusals) -> None:
        self._refusals = refusals
        self._callers = callers
        self._shares = shares
        self._taking = taking
        self._metrics = metrics
        self._log = Log("partners")

    def routes(self) -> list[Route]:
        """Of messages; feeds and evidence bring their own."""
        return [
            self.route("POST", "/exchange/v1/messages", self.take_messages),
            self.route("GET", "/exchange/v1/ready", self.say_ready),
        ]

    async def say_ready(self, request: Request) -> Response:
        """Whoever may post may know that somebody listens."""
        self._callers.find_by_certificate(request)
        return Response(b'{"ready":true}', media_type=JSON)

    async def take_messages(self, request: Request) -> Response:
        """Up to 500 letters; 200 with a signed answer to each, in order, or null where it is not known in time."""
        member = self._callers.find_by_certificate(request)
        share = self.share_of(request, None if member is None else member.region)
        share.enter()
        try:
            return await self._take(request, share, None if member is None else member.region)
        finally:
            share.leave()

    def share_of(self, request: Request, region: str | None) -> Share:
        """What the partner may take; where nobody is proved, what the address may."""
        address = request.client.host if request.client else ""
        return self._shares.of(region or f"address {address}")

    async def _take(self, request: Request, share: Share, region: str | None) -> Response:
        if media_type_of(request) != JSON:
            raise Rejected("wrong-media-type")
        async with Body(request, share, REQUEST_BYTES_MAX) as raw:
            try:
                items = read_request(raw)
            except WireError as wrong:
                error = TooLarge("too-many-items", wrong.path, rule="A request holds at most 500 messages.")
                rule = 'The body is {"messages": [{"letter", "parts"} …]}, as docs/exchange-wire.md says.'
                remedy = "Send it in that form."
                refused = Rejected("not-a-batch", wrong.path, rule=rule, remedy=remedy)
                raise error if wrong.code == "E-TEC-09" else refused from None
            share.charge(len(items))
            answers = await self._taking.take(items, self._callers.current(), region)
        return Response(write_answers(answers), media_type=JSON)

    def route(self, method: str, path: str, handler: Handler) -> Route:
        """A route with its figures and its errors."""
        action = f"{method} {path}"

        async def answer(request: Request) -> Response:
            response = await self._answered(action, request, handler)
            if method == "POST" and response.status_code >= 400:
                response.headers["connection"] = "close"  # what is left of the body is not read
            return response

        return measured_route(self._metrics, method, path, answer)

    async def _answered(self, action: str, request: Request, handler: Handler) -> Response:
        try:
            return await handler(request)
        except DomicileError as error:
            self._metrics.counter("domicile_refusals_total", code=error.code).inc()
            if isinstance(error, Forbidden):
                self._refusals.note(None, error.code)
            if status_of(error) >= 500:
                self._log.warning("refused", error, action=action)
            return problem(error)
        except ClientDisconnect:
            return Response(status_code=499)
        except UnknownMemberError as error:
            self._log.error("member-without-keys", error, action=action)
            return problem(Unavailable("stopping", retry_after_s=30.0))
        except TRANSIENT as error:
            self._log.warning("database-unavailable", error, action=action)
            return problem(Unavailable("database-unavailable", outcome_unknown=True))
        except Exception as error:
            answer_id = str(uuid4())
            self._log.error("unhandled", error, action=action, answer_id=answer_id)
            return problem(Corrupt("bug"), answer_id)


def create_partner_app(routes: list[Route]) -> Starlette:
    """The application for the port of partners."""
    return Starlette(routes=routes, exception_handlers={HTTPException: _answer_astray})


async def _answer_astray(request: Request, error: Exception) -> Response:
    """Partners have a page, not a description of this port."""
    if isinstance(error, HTTPException) and error.status_code == 404:
        return problem(NotFound("not-found", remedy="docs/exchange-wire.md lists what there is for partners."))
    return await answer_http_exception(request, error)
