"""The door that every request passes: trace, token, matrix, room, and an answer to every error."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.database import TRANSIENT
from services.kernel.errors import Corrupt, DomicileError, TooMany, Unavailable
from services.kernel.http.measuring import measured_route
from services.kernel.http.problems import problem, status_of
from services.kernel.identity.caller import Caller
from services.kernel.identity.matrix import Matrix
from services.kernel.identity.tokens import TokenVerifier
from services.kernel.telemetry.logs import Log
from services.kernel.telemetry.metrics import Metrics
from services.kernel.telemetry.trace import HEADER, continue_trace, enter_trace, leave_trace

Open = Callable[[Request], Awaitable[Response]]
Guarded = Callable[[Request, Caller], Awaitable[Response]]


class Door:
    """Makes routes out of handlers. A guarded handler is called only for a caller whom the matrix lets in."""

    def __init__(self, verifier: TokenVerifier, matrix: Matrix, metrics: Metrics, requests_max: int) -> None:
        self._verifier = verifier
        self._matrix = matrix
        self._metrics = metrics
        self._requests_max = requests_max
        self._in_flight = 0
        metrics.watch("domicile_http_in_flight", lambda: self._in_flight)
        self._log = Log("http")

    def guarded(self, method: str, path: str, handler: Guarded) -> Route:
        """A route for callers with a token and a fitting role."""
        action = f"{method} {path}"

        async def authorised(request: Request) -> Response:
            if self._in_flight > self._requests_max:
                raise TooMany("too-busy", retry_after_s=1.0)
            caller = await self._verifier.authenticate(request.headers.get("authorization"))
            self._matrix.require(action, caller)
            return await handler(request, caller)

        return self._route(method, path, authorised)

    def public(self, method: str, path: str, handler: Open) -> Route:
        """A route for everybody. ValueError if the matrix does not say so."""
        if not self._matrix.is_public(f"{method} {path}"):
            raise ValueError(f"{method} {path} is not public in the matrix")
        return self._route(method, path, handler)

    def _route(self, method: str, path: str, handler: Open) -> Route:
        action = f"{method} {path}"

        async def answer(request: Request) -> Response:
            self._in_flight += 1
            entered = enter_trace(continue_trace(request.headers.get(HEADER)))
            try:
                return await self._answered(action, request, handler)
            finally:
                leave_trace(entered)
                self._in_flight -= 1

        return measured_route(self._metrics, method, path, answer)

    async def _answered(self, action: str, request: Request, handler: Open) -> Response:
        try:
            return await handler(request)
        except DomicileError as error:
            return self._refused(action, error)
        except ClientDisconnect:
            return Response(status_code=499)  # nobody reads it; it only counts
        except TRANSIENT as error:
            self._log.warning("database-unavailable", error, action=action)
            return self._refused(action, Unavailable("database-unavailable", outcome_unknown=request.method == "POST"))
        except Exception as error:
            answer_id = str(uuid4())
            self._log.error("unhandled", error, action=action, answer_id=answer_id)
            return problem(Corrupt("bug"), answer_id)

    def _refused(self, action: str, error: DomicileError) -> Response:
        self._metrics.counter("domicile_refusals_total", code=error.code).inc()
        if status_of(error) < 500:
            return problem(error)
        answer_id = str(uuid4())
        self._log.warning("refused", error, action=action, answer_id=answer_id)
        return problem(error, answer_id)
