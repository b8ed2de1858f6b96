"""What an operator can see of the pipeline, without seeing anybody in it."""

import json
from collections.abc import Callable

import asyncpg
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.stack import Region
from tests.ingest.offices import SCHEMAS, Office, birth, new_id


def counted(office: Office, name: str, **labels: str) -> float:
    """The sum over all samples of that name with (at least) these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(office.get("/metrics").text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


def test_events_are_counted_by_type_and_outcome(registrar: Office) -> None:
    def births(outcome: str) -> float:
        return counted(registrar, "domicile_events_total", type="BirthRegistered", outcome=outcome)

    def unread() -> float:
        return counted(registrar, "domicile_events_total", type="unread", outcome="refused")

    before = {outcome: births(outcome) for outcome in ("recorded", "repeated", "checked")}, unread()
    event = birth()
    registrar.post_lines([event, event, birth(), b"{"])
    registrar.post(birth(), "/v1/events?dry_run=true")
    after = {outcome: births(outcome) for outcome in before[0]}, unread()
    gained = {outcome: after[0][outcome] - before[0][outcome] for outcome in before[0]}
    assert gained == {"recorded": 2, "repeated": 1, "checked": 1}
    assert after[1] - before[1] == 1


def test_refusals_are_counted_by_code(registrar: Office) -> None:
    def refused() -> float:
        return counted(registrar, "domicile_refusals_total", code="unknown-area")

    before = refused()
    registrar.post(birth(residence_area="nowhere"))
    registrar.post_lines([birth(residence_area="nowhere")] * 2)
    assert refused() - before == 3


def test_the_time_to_an_answer_is_observed_once_per_request_and_kind(registrar: Office) -> None:
    def observed() -> float:
        return counted(registrar, "domicile_pipeline_seconds_count", context="registration", outcome="recorded")

    before = observed()
    registrar.post(birth())
    registrar.post_lines([birth() for _ in range(20)])
    assert observed() - before == 2


def test_bursts_are_counted_by_their_size(registrar: Office) -> None:
    def size_and_number() -> tuple[float, float]:
        return counted(registrar, "domicile_burst_events_sum"), counted(registrar, "domicile_burst_events_count")

    before = size_and_number()
    registrar.post_lines([birth() for _ in range(30)])
    after = size_and_number()
    assert after[0] - before[0] == 30
    assert 1 <= after[1] - before[1] <= 30


async def test_a_claim_that_was_taken_over_is_counted(north: Region, registrar: Office) -> None:
    event = birth()
    registrar.post(event)
    connection = await asyncpg.connect(north.database)
    try:  # as if the process had died before it kept the answer
        await connection.execute(
            "UPDATE ingest.batch SET answers = NULL, owner = -1"
            " WHERE number = (SELECT batch FROM ingest.claim WHERE event_id = $1)",
            event["event_id"],
        )
    finally:
        await connection.close()
    before = counted(registrar, "domicile_claims_taken_over_total")
    assert registrar.post(event).status_code == 201
    assert counted(registrar, "domicile_claims_taken_over_total") - before == 1


def test_nobody_sees_in_the_metrics_that_a_service_was_declined(open_office: Callable[..., Office]) -> None:
    office = open_office("service-worker")
    before = counted(office, "domicile_events_total", type="service", outcome="recorded")
    example = next(iter(sorted((SCHEMAS / "service" / "ServiceDeclined" / "examples").glob("*.json"))))
    assert office.post(json.loads(example.read_text()) | {"event_id": new_id()}).status_code == 201
    assert counted(office, "domicile_events_total", type="service", outcome="recorded") - before == 1
    assert "Declined" not in office.get("/metrics").text
