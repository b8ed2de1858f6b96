"""GET /openapi.json: the API described from the matrix, the register of codes and the contract's own examples."""

import json
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.ingest.routes.batches import ITEMS_MAX
from services.kernel.contract.catalog import DEFAULT_FOLDER, Catalog
from services.kernel.http.door import Door
from services.kernel.http.openapi import PROBLEM_SCHEMA, REFUSALS, SECURITY, TEXT, Document, body, flag, ref, words
from services.kernel.http.problems import MEDIA_TYPE as PROBLEM
from services.kernel.identity.matrix import Action, Matrix

ECHO = "POST /v1/echo"
REGISTRY = "application/vnd.schemaregistry.v1+json"
_REGISTRY_PATHS = ("/schemas", "/subjects", "/config")
_OUTCOME_SCHEMA: Document = {
    "type": "object",
    "required": ["outcome", "event_id", "subjects", "position", "recorded_at", "findings"],
    "properties": {
        "outcome": {"enum": ["recorded", "repeated", "checked"]},
        "event_id": {"type": "string", "format": "uuid"},
        "subjects": {"type": "array", "items": {"$ref": "#/components/schemas/Subject"}},
        "position": {"anyOf": [{"$ref": "#/components/schemas/Position"}, {"type": "null"}]},
        "recorded_at": {"type": ["string", "null"]},
        "findings": {"type": "array", "items": TEXT},
    },
}
_SCHEMAS: Document = {
    "Problem": PROBLEM_SCHEMA,
    "Outcome": _OUTCOME_SCHEMA,
    "Subject": {
        "type": "object",
        "required": ["role", "person_id", "identified_by"],
        "properties": {
            "role": TEXT,
            "person_id": {"type": ["string", "null"], "format": "uuid"},
            "identified_by": {"type": ["string", "null"]},
        },
    },
    "Position": {
        "type": "object",
        "required": ["topic", "partition", "offset"],
        "properties": {"topic": TEXT, "partition": {"type": "integer"}, "offset": {"type": "integer"}},
    },
    "BatchOutcome": {
        "type": "object",
        "required": ["recorded", "repeated", "checked", "refused", "outcomes"],
        "properties": {
            **{name: {"type": "integer"} for name in ("recorded", "repeated", "checked", "refused")},
            "outcomes": {"type": "array", "items": {"type": "object", "required": ["index", "status", "outcome"]}},
        },
    },
    "Draft": {
        "type": "object",
        "required": ["draft_id", "type", "status", "areas", "author", "drafted_at"],
        "properties": {
            "draft_id": {"type": "string", "format": "uuid"},
            "status": {"enum": ["pending", "approving", "approved", "withdrawn", "expired"]},
            "expires_at": {"type": ["string", "null"], "format": "date-time"},
            "post": {"description": "as it was drafted, while it waits"},
        },
    },
    "Drafts": {"type": "object", "required": ["drafts"], "properties": {"drafts": {"type": "array"}}},
}


class DescriptionRoutes:
    """The document is made once and does not change while the process lives."""

    def __init__(self, region: str, catalog: Catalog, matrix: Matrix, echo: bool) -> None:
        self._text = json.dumps(describe_api(region, catalog, matrix, echo), ensure_ascii=False).encode()

    def routes(self, door: Door) -> list[Route]:
        return [door.public("GET", "/openapi.json", self.get)]

    async def get(self, request: Request) -> Response:
        return Response(self._text, media_type="application/json")


def describe_api(region: str, catalog: Catalog, matrix: Matrix, echo: bool = False) -> Document:
    """The OpenAPI 3.1 document."""
    paths: Document = {}
    for action in matrix:
        if action.name == ECHO and not echo:
            continue
        method, path = action.name.split(" ", 1)
        paths.setdefault(path, {})[method.lower()] = _operation(action, path, catalog)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Domicile ingest, region {region}",
            "version": "1",
            "description": "The door of offices to the log. An event is acknowledged after the log has it; "
            "sending the same event again is always safe.",
        },
        "paths": paths,
        "components": {
            "schemas": {**_SCHEMAS, "Event": _event_schema(catalog)},
            "securitySchemes": SECURITY,
        },
    }


def _operation(action: Action, path: str, catalog: Catalog) -> Document:
    named = [part[1 : part.index("}")] for part in path.split("/") if part.startswith("{")]
    operation: Document = {
        "summary": action.doc,
        "parameters": [{"name": n, "in": "path", "required": True, "schema": TEXT} for n in named],
        "responses": _responses(action, path),
    }
    if not action.public:
        operation["security"] = [{"token": []}]
        operation["description"] = f"Roles: {', '.join(sorted(action.roles))}."
    if action.name in ("POST /v1/events", "POST /v1/events:batch"):
        operation["parameters"].append(flag("dry_run", "Every check, no append."))
    if action.name in ("POST /v1/events", "POST /v1/corrections"):
        operation["requestBody"] = body({"application/json": _event_media(catalog, "corrections" in path)})
    if action.name == "GET /v1/corrections/{draft_id}":
        purposes = sorted(catalog.vocabulary("purpose"))
        operation["parameters"].append(words("purpose", purposes, "What it is read for, if the token does not say."))
    if action.name == "POST /v1/events:batch":
        operation["parameters"] += [
            words("source", sorted(catalog.vocabulary("source")), "For events that name no source themselves."),
            words("outcomes", ["all", "refused"], "Which items are told one by one."),
        ]
        items = {"type": "array", "items": ref("Event"), "minItems": 1, "maxItems": ITEMS_MAX}
        operation["requestBody"] = body(
            {"application/json": {"schema": items}, "application/x-ndjson": {"schema": TEXT}}
        )
    if action.name == ECHO:
        operation["requestBody"] = body({"application/json": {"schema": {}}})
    return operation


def _responses(action: Action, path: str) -> Document:
    good: Document = {"200": _good(action.name, path)}
    if action.name in ("POST /v1/events", "POST /v1/corrections") or path.endswith(":approve"):
        good["201"] = _good(action.name, path)
    refusals = set() if action.public else {"400", "401", "403", "429", "500", "503"}
    if not action.public and action.name.startswith("POST"):
        refusals |= {"408", "409", "413", "415", "422"}
    if "{" in path:
        refusals.add("404")
    if path == "/readyz":
        good["503"] = {"description": "Not ready.", "content": {"application/json": {"schema": {"type": "object"}}}}
    media = {PROBLEM: {"schema": ref("Problem")}}
    return good | {code: {"description": REFUSALS[code], "content": media} for code in sorted(refusals)}


def _good(name: str, path: str) -> Document:
    if path.startswith(_REGISTRY_PATHS):
        return {"description": "As the Schema Registry answers.", "content": {REGISTRY: {"schema": {}}}}
    if path == "/metrics":
        return {"description": "Prometheus text.", "content": {"text/plain": {"schema": TEXT}}}
    schema = {
        "POST /v1/events": ref("Outcome"),
        "POST /v1/events:batch": ref("BatchOutcome"),
        "GET /v1/corrections": ref("Drafts"),
        "POST /v1/corrections/{draft_id}:approve": ref("Outcome"),
    }.get(name, ref("Draft") if path.startswith("/v1/corrections") else {})
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _event_media(catalog: Catalog, two_people: bool) -> Document:
    return {"schema": ref("Event"), "examples": read_examples(catalog, two_people)}


def read_examples(catalog: Catalog, two_people: bool, folder: Path = DEFAULT_FOLDER) -> Document:
    """The posted examples of every latest event type, by type and file name."""
    return {
        f"{event.name}-{file.stem}": {"summary": event.doc, "value": json.loads(file.read_text("utf-8"))}
        for event in catalog.latest_events
        if event.two_people is two_people
        for file in sorted((folder / event.context / event.name / "examples").glob("*.json"))
    }


def _event_schema(catalog: Catalog) -> Document:
    return {
        "type": "object",
        "description": "One event; its other fields are those of its type, see `domicile schemas show`.",
        "required": ["type", "event_id", "occurred_on", "registered_at", "office"],
        "properties": {
            "type": {"enum": [event.name for event in catalog.latest_events]},
            "version": {"type": "integer", "minimum": 1},
            "event_id": {"type": "string", "format": "uuid", "description": "UUID of version 7, chosen by you"},
            "occurred_on": {"type": "string", "description": "YYYY-MM-DD, YYYY-MM or YYYY"},
            "registered_at": {"type": "string", "format": "date-time"},
            "office": TEXT,
        },
    }
