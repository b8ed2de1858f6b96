"""What is measured of every route: how long it takes, and how often it gives which status."""

from collections.abc import Awaitable, Callable
from time import perf_counter

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.telemetry.metrics import Metrics

Answer = Callable[[Request], Awaitable[Response]]


def measured_route(metrics: Metrics, method: str, path: str, answer: Answer) -> Route:
    """A route that is measured under `METHOD /template`. `answer` never raises."""
    action = f"{method} {path}"
    seconds = metrics.histogram("domicile_http_seconds", route=action)
    counters: dict[int, Counter] = {}

    async def measured(request: Request) -> Response:
        started = perf_counter()
        response = await answer(request)
        seconds.observe(perf_counter() - started)
        status = response.status_code
        if status not in counters:
            counters[status] = metrics.counter("domicile_http_requests_total", route=action, status=str(status))
        counters[status].inc()
        return response

    return Route(path, measured, methods=[method])
