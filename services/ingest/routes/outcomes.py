"""Outcomes of the pipeline as answers."""

from datetime import UTC, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

import msgspec
from starlette.responses import Response

from services.ingest.pipeline.outcome import Outcome, Subject
from services.kernel.database import Uuid
from services.kernel.errors import Unavailable
from services.kernel.http.problems import describe_error, problem, status_of

STATUS = {"recorded": 201, "repeated": 200, "checked": 200}
_READ_POSITION = attrgetter("topic", "partition", "offset", "recorded_at_ms")


def answer_one(outcome: Outcome) -> Response:
    """The answer to a single event."""
    if outcome.error is not None:
        return problem(outcome.error)
    return Response(f"{{{_accepted(outcome)}}}".encode(), STATUS[outcome.status], media_type="application/json")


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
            told.append(msgspec.json.encode({"index": index, **_refused(outcome)}).decode())
        elif not refused_only:
            told.append(f'{{"index":{index},"status":{STATUS[outcome.status]},{_accepted(outcome)}}}')
    body = msgspec.json.encode(counts)[:-1] + f',"outcomes":[{",".join(told)}]}}'.encode()
    return Response(body, 200, media_type="application/json")


def _accepted(outcome: Outcome) -> str:
    """The members of a JSON object. Put together from text, because a batch tells thousands of them.

    Nothing in it needs escaping: roles, topics and findings are words of ours, the rest are ids and numbers. A dry run
    names nobody who is not known yet.
    """
    position, recorded_at = "null", "null"
    if outcome.position is not None:
        topic, partition, offset, recorded_at_ms = _READ_POSITION(outcome.position)
        position = f'{{"topic":"{topic}","partition":{partition},"offset":{offset}}}'
        recorded_at = _write_time(recorded_at_ms)
    findings = ",".join([f'"{finding}"' for finding in outcome.findings])
    subjects = ",".join([_write_subject(one) for one in outcome.subjects])
    return (
        f'"outcome":"{outcome.status}","event_id":"{outcome.event_id}","subjects":[{subjects}],"position":{position},'
        f'"recorded_at":{recorded_at},"findings":[{findings}]'
    )


def _write_subject(subject: Subject) -> str:
    person_id = f'"{Uuid(subject.person_id)}"' if subject.person_id else "null"
    identified_by = f'"{subject.identified_by}"' if subject.identified_by else "null"
    return f'{{"role":"{subject.role}","person_id":{person_id},"identified_by":{identified_by}}}'


@lru_cache(maxsize=1024)
def _write_time(milliseconds: int) -> str:
    """A burst is recorded within few milliseconds."""
    at = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return '"' + at.isoformat(timespec="milliseconds").replace("+00:00", "Z") + '"'


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
