"""What operators and probes ask, and the description of the API."""

import json
from collections.abc import Callable

from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from services.ingest.routes.description import describe_api, read_examples
from services.kernel.contract.catalog import DEFAULT_FOLDER, Catalog
from services.kernel.contract.lints import forbidden
from services.kernel.identity.matrix import read_matrix
from tests.ingest.offices import Office, birth, new_id

CATALOG = Catalog.load()


def test_a_process_says_that_it_is_alive_and_what_it_stands_on(registrar: Office) -> None:
    assert registrar.get("/livez").json() == {"alive": True}
    assert registrar.get("/readyz").json() == {
        "ready": True,
        "checks": {"database": True, "log": True, "geography": True},
    }


def test_metrics_count_what_was_answered_by_route_not_by_address(registrar: Office) -> None:
    def counted(route: str, status: str) -> float:
        text = registrar.get("/metrics").text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "domicile_http_requests_total" and sample.labels == {"route": route, "status": status}
        )

    before = counted("POST /v1/events", "201")
    registrar.post(birth())
    assert counted("POST /v1/events", "201") >= before + 1
    registrar.get("/v1/corrections/canary-3c1d")
    assert "canary-3c1d" not in registrar.get("/metrics").text


def test_the_description_names_every_route_but_the_switched_off_echo(registrar: Office) -> None:
    document = registrar.get("/openapi.json").json()
    described = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    assert described == {action.name for action in read_matrix("ingest")} - {"POST /v1/echo"}
    assert "/v1/echo" in describe_api("north", CATALOG, read_matrix("ingest"), echo=True)["paths"]


def test_the_description_s_references_lead_somewhere(registrar: Office) -> None:
    text = registrar.get("/openapi.json").text
    schemas = json.loads(text)["components"]["schemas"]
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.split('"')[0] in schemas


def test_the_examples_of_the_description_pass_every_check(
    open_office: Callable[..., Office],
) -> None:
    offices: dict[str, Office] = {}
    checked = 0
    for name, example in read_examples(CATALOG, two_people=False).items():
        event = CATALOG.get_event(example["value"]["type"])
        able = sorted(event.posted_by & {"registrar", "service-worker", "geographer", "importer", "operator", "system"})
        if not able:
            continue
        office = offices.setdefault(able[-1], open_office(able[-1]))
        answer = office.post(example["value"] | {"event_id": new_id()}, "/v1/events?dry_run=true")
        assert answer.status_code == 200, (name, answer.text)
        checked += 1
    assert checked > 40


def test_neither_the_description_nor_a_table_has_a_name_that_this_register_must_not_know(registrar: Office) -> None:
    names = [*forbidden.names_in_json(registrar.get("/openapi.json").json(), "/openapi.json")]
    for file in sorted((DEFAULT_FOLDER.parent / "services").rglob("*.sql")):
        names += forbidden.names_in_text(file.read_text("utf-8"), file.name)
    assert len(names) > 500
    assert not forbidden.find_forbidden(names, forbidden.read_phrases(DEFAULT_FOLDER))


def test_the_application_serves_no_pages_of_its_own(ingest_app: Callable[..., FastAPI]) -> None:
    app = ingest_app()
    assert (app.docs_url, app.redoc_url, app.openapi_url) == (None, None, None)
