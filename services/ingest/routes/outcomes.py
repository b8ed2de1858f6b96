"""Outcomes of the pipeline as answers."""

from typing import Any, Protocol

import msgspec
from starlette.responses import Response

from services.ingest.routes.problems import describe_error, problem, status_of
from services.kernel.errors import DomicileError, Unavailable

STATUS = {"recorded": 201, "repeated": 200, "checked": 200}


class Outcome(Protocol):
    """What became of one item; see the pipeline."""

    status: str
    event_id: str | None
    subjects: list[Any]
    position: Any
    recorded_at: str | None
    findings: list[str]
    error: DomicileError | None


def answer_one(outcome: Outcome) -> Response:
    """The answer to a single event."""
    if outcome.error is not None:
        return problem(outcome.error)
    body = msgspec.json.encode(_accepted(outcome))
    return Response(body, STATUS[outcome.status], media_type="application/json")


def answer_many(outcomes: list[Any], refused_only: bool) -> Response:
    """The answer to a batch: counts, and an outcome per item in the order of the items.

    When every item has to wait for the same reason, the whole batch has: one problem with Retry-After.
    """
    waiting = _waits_as_one(outcomes)
    if waiting:
        return problem(waiting)
    counts = {"recorded": 0, "repeated": 0, "checked": 0, "refused": 0}
    told = []
    for index, outcome in enumerate(outcomes):
        counts[outcome.status] += 1
        if outcome.error is not None:
            told.append({"index": index, **_refused(outcome)})
        elif not refused_only:
            told.append({"index": index, "status": STATUS[outcome.status], **_accepted(outcome)})
    return Response(msgspec.json.encode({**counts, "outcomes": told}), 200, media_type="application/json")


def _accepted(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome.status,
        "event_id": outcome.event_id,
        "subjects": outcome.subjects,
        "position": outcome.position,
        "recorded_at": outcome.recorded_at,
        "findings": outcome.findings,
    }


def _refused(outcome: Outcome) -> dict[str, Any]:
    if outcome.error is None:
        raise TypeError("a refused outcome names its error")
    return {
        "status": status_of(outcome.error),
        "outcome": "refused",
        "event_id": outcome.event_id,
        **describe_error(outcome.error),
    }


def _waits_as_one(outcomes: list[Any]) -> Unavailable | None:
    first = outcomes[0].error
    if isinstance(first, Unavailable) and all(
        isinstance(outcome.error, Unavailable) and outcome.error.code == first.code for outcome in outcomes
    ):
        return first
    return None
