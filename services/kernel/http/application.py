"""What the applications of all services have in common: who is let in, and how unknown addresses are answered."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from services.kernel.clock import SystemClock
from services.kernel.http.door import Door
from services.kernel.http.problems import answer_http_exception
from services.kernel.identity.jwks import KeySource
from services.kernel.identity.matrix import read_matrix
from services.kernel.identity.tokens import TokenVerifier
from services.kernel.service_settings import ServiceSettings
from services.kernel.telemetry.metrics import Metrics


def open_door(service: str, settings: ServiceSettings, keys: KeySource, metrics: Metrics, requests_max: int) -> Door:
    """The door of a service: tokens of its region, its part of the matrix."""
    verifier = TokenVerifier(
        keys,
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        region=settings.region,
        # Not the region's clock: a test that steps over a deadline must not expire every token.
        clock=SystemClock(),
    )
    return Door(verifier, read_matrix(service), metrics, requests_max)


def make_app(routes: Sequence[BaseRoute]) -> FastAPI:
    """An application of these routes and no others. Does no I/O."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, routes=list(routes))
    app.add_exception_handler(HTTPException, answer_http_exception)
    return app
