"""Errors as HTTP answers: `application/problem+json` (RFC 9457). Only here an error meets a status."""

import math
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.kernel.errors import (
    Conflict,
    DomicileError,
    Forbidden,
    NotFound,
    Rejected,
    TooLarge,
    TooMany,
    Unauthenticated,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"

_STATUS_BY_KIND: tuple[tuple[type[DomicileError], int], ...] = (
    (TooLarge, 413),
    (Rejected, 422),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooMany, 429),
    (Unavailable, 503),
)
# What could not even be read, told apart from what was read and refused.
_STATUS_BY_CODE: dict[str, int] = {
    "malformed-json": 400,
    "not-utf-8": 400,
    "not-an-object": 400,
    "duplicate-key": 400,
    "too-deep": 400,
    "bad-encoding": 400,
    "not-a-batch": 400,
    "empty-batch": 400,
    "wrong-parameter": 400,
    "too-many-figures": 400,
    "purpose-required": 400,
    "case-required": 400,
    "body-too-slow": 408,
    "method-not-allowed": 405,
    "too-large": 413,
    "wrong-media-type": 415,
    "not-applied-yet": 504,
}


def status_of(error: DomicileError) -> int:
    """The HTTP status of an error; 500 for what is ours."""
    by_code = _STATUS_BY_CODE.get(error.code)
    if by_code:
        return by_code
    return next((status for kind, status in _STATUS_BY_KIND if isinstance(error, kind)), 500)


def describe_error(error: DomicileError) -> dict[str, Any]:
    """What is told about an error, within an outcome as well as in a problem document."""
    told: dict[str, Any] = {
        "code": error.code,
        "title": error.title,
        "path": error.path,
        "rule": error.rule,
        "remedy": error.remedy,
    }
    if isinstance(error, Unavailable):
        told |= {"retry_after_s": error.retry_after_s, "outcome_unknown": error.outcome_unknown}
    if error.errors:
        told["errors"] = [describe_error(one) for one in error.errors]
    return told


def problem(error: DomicileError, answer_id: str | None = None) -> Response:
    """The whole answer for an error. `answer_id`: what an operator can find in the log."""
    status = status_of(error)
    document = {
        "type": f"urn:domicile:error:{error.code}",
        "status": status,
        "detail": error.rule,
        **describe_error(error),
    }
    if answer_id:
        document["answer_id"] = answer_id
    headers = {}
    if isinstance(error, Unavailable):
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_s)))
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(msgspec.json.encode(document), status, headers, MEDIA_TYPE)


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """What the router itself refuses: no such address (404), no such method (405)."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 404:
        return problem(NotFound("not-found"))
    answer = problem(Rejected("method-not-allowed" if error.status_code == 405 else "wrong-parameter"))
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer
