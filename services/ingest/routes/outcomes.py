"""Outcomes of the pipeline as answers."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response

from services.ingest.pipeline.outcome import Outcome
from services.kernel.errors import Unavailable
from services.kernel.http.problems import describe_error, problem, status_of
from services.kernel.log.producer import Position

STATUS = {"recorded": 201, "repeated": 200, "checked": 200}


def answer_one(outcome: Outcome) -> Response:
    """The answer to a single event."""
    if outcome.error is not None:
        return problem(outcome.error)
    body = msgspec.json.encode(_accepted(outcome))
    return Response(body, STATUS[outcome.status], media_type="application/json")


def answer_many(outcomes: list[Outcome], refused_only: bool) -> Response:
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
    position = outcome.position
    return {
        "outcome": outcome.status,
        "event_id": outcome.event_id,
        "subjects": [
            {
                "role": one.role,
                # A dry run names nobody who is not known yet.
                "person_id": str(UUID(bytes=one.person_id)) if one.person_id else None,
                "identified_by": one.identified_by or None,
            }
            for one in outcome.subjects
        ],
        "position": _position(position) if position else None,
        "recorded_at": _recorded_at(position) if position else None,
        "findings": outcome.findings,
    }


def _position(position: Position) -> dict[str, Any]:
    return {"topic": position.topic, "partition": position.partition, "offset": position.offset}


def _recorded_at(position: Position) -> str:
    at = datetime.fromtimestamp(position.recorded_at_ms / 1000, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _refused(outcome: Outcome) -> dict[str, Any]:
    if outcome.error is None:
        raise TypeError("a refused outcome names its error")
    return {
        "status": status_of(outcome.error),
        "outcome": "refused",
        "event_id": outcome.event_id,
        **describe_error(outcome.error),
    }


def _waits_as_one(outcomes: list[Outcome]) -> Unavailable | None:
    first = outcomes[0].error
    if isinstance(first, Unavailable) and all(
        isinstance(outcome.error, Unavailable) and outcome.error.code == first.code for outcome in outcomes
    ):
        return first
    return None
