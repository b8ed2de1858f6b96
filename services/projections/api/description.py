"""GET /openapi.json: the reading API described from the matrix, the contract's vocabularies and examples."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.kernel.contract.catalog import Catalog
from services.kernel.http.door import Door
from services.kernel.http.openapi import PROBLEM_SCHEMA, REFUSALS, SECURITY, TEXT, Document, body, ref, words
from services.kernel.http.problems import MEDIA_TYPE as PROBLEM
from services.kernel.identity.matrix import Action, Matrix
from services.projections.api.answers import EXAMPLES, QUESTION, QUESTION_EXAMPLES, SCHEMAS
from services.projections.api.asking import LIMIT, LIMIT_MAX
from services.projections.api.statistics import description as statistics
from services.projections.register.life import KINDS

_ANSWERS: Mapping[str, str] = {
    "GET /v1/persons/{id}": "Person",
    "GET /v1/persons/{id}/readers": "Readers",
    "POST /v1/persons:find": "Found",
    "GET /v1/areas/{code}/residents:count": "Count",
    **statistics.ANSWERS,
}
_WORKLISTS = "/v1/worklists/"
_PERSONS = "/v1/persons"


class DescriptionRoutes:
    """The document is made once and does not change while the process lives."""

    def __init__(self, region: str, catalog: Catalog, matrix: Matrix) -> None:
        self._text = json.dumps(describe_api(region, catalog, matrix), ensure_ascii=False).encode()

    def routes(self, door: Door) -> list[Route]:
        return [door.public("GET", "/openapi.json", self.get)]

    async def get(self, request: Request) -> Response:
        """The document."""
        return Response(self._text, media_type="application/json")


def describe_api(region: str, catalog: Catalog, matrix: Matrix) -> Document:
    """The OpenAPI 3.1 document."""
    paths: Document = {}
    for action in matrix:
        method, path = action.name.split(" ", 1)
        paths.setdefault(path, {})[method.lower()] = _operation(action, path, catalog)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"Domicile reading, region {region}",
            "version": "1",
            "description": "What offices and analysts read. Who reads a person says for what and on which case; that "
            "stands on the log before the answer is given, and the person can see it. What may not be seen looks as if "
            "it were not there. Figures name nobody; those for analysts have passed disclosure control.",
        },
        "paths": paths,
        "components": {
            "schemas": {**SCHEMAS, **statistics.SCHEMAS, "Problem": PROBLEM_SCHEMA},
            "securitySchemes": SECURITY,
        },
    }


def _operation(action: Action, path: str, catalog: Catalog) -> Document:
    named = [part[1 : part.index("}")] for part in path.split("/") if part.startswith("{")]
    operation: Document = {
        "summary": action.doc,
        "parameters": [_in_path(name) for name in named] + _parameters(action.name, path, catalog),
        "responses": _responses(action, path),
    }
    if not action.public:
        operation["security"] = [{"token": []}]
        operation["description"] = f"Roles: {', '.join(sorted(action.roles))}."
    if path.endswith(":find"):
        operation["requestBody"] = body({"application/json": {"schema": QUESTION, "examples": QUESTION_EXAMPLES}})
    elif action.name.startswith("POST"):
        why = {"type": "object", "properties": {"why": TEXT}, "additionalProperties": False}
        operation["requestBody"] = body({"application/json": {"schema": why}})
    return operation


def _in_path(name: str) -> Document:
    schema: Document = {"type": "string", "format": "uuid"} if name == "id" else TEXT
    if name == "name":
        schema = statistics.NAME
    if name in ("partition", "offset"):
        schema = {"type": "integer", "minimum": 0}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _parameters(name: str, path: str, catalog: Catalog) -> list[Document]:
    figures = statistics.parameters_of(name)
    if figures is not None:
        return list(figures)
    purpose = words("purpose", sorted(catalog.vocabulary("purpose")), "What it is read for, if the token does not say.")
    waiting = _query("wait_for", TEXT, "topic:partition:offset of a post: wait some seconds until the tables have it.")
    paging = [
        _query("cursor", TEXT, "`next` of the page before."),
        _query("limit", {"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT}, "Lines of a page."),
    ]
    case = _query("case", TEXT, "The case in the office's own files; never a name or an identifier.") | {
        "required": True
    }
    if name == "GET /v1/persons/{id}":
        return [purpose, case, *_times(), _query("include", TEXT, "Parts, with commas; default: all."), waiting]
    if path.startswith(_PERSONS):
        return [waiting] if path.endswith(":find") else [purpose, case, *paging, waiting]
    if path.startswith("/v1/areas/"):
        return [
            _query("at", {"type": "string", "format": "date"}, "The end of this day; default: today."),
            _query("by", {"type": "string", "enum": ["sex", "age", "sex,age"]}, "One total if it is left out."),
            words("track", ["usual", "registered"], "Who lives there (default), or who is registered there."),
            waiting,
        ]
    if path.startswith(_WORKLISTS):
        kind = (
            words("kind", sorted(KINDS), "Only these.") if path.endswith("findings") else _query("kind", TEXT, "Only.")
        )
        kinds = [] if path.endswith("departures") else [kind]
        return [purpose, _query("area", TEXT, "This area with what lies under it."), *kinds, *paging, waiting]
    if path == "/v1/set-aside":
        return [_query("projection", TEXT, ""), words("state", ["waiting", "skipped"], ""), _query("after", TEXT, "")]
    return []


def _times() -> list[Document]:
    return [
        _query("as_at", {"type": "string", "format": "date"}, "The state at the end of this day."),
        _query("as_known_at", {"type": "string", "format": "date-time"}, "Only what the log had taken by then."),
    ]


def _query(name: str, schema: Document, doc: str) -> Document:
    return {"name": name, "in": "query", "description": doc, "schema": schema}


def _responses(action: Action, path: str) -> Document:
    good: Document = {"200": _good(action.name, path)}
    refusals = set() if action.public else {"400", "401", "403", "429", "500", "503", "504"}
    if action.name.startswith("POST"):
        refusals |= {"408", "413", "415", "422", "409"}
    if "{" in path or path.startswith(_WORKLISTS) or action.name in statistics.ANSWERS:
        refusals.add("404")
    if path == "/readyz":
        good["503"] = {"description": "Not ready.", "content": {"application/json": {"schema": {"type": "object"}}}}
    media = {PROBLEM: {"schema": ref("Problem")}}
    return good | {code: {"description": REFUSALS[code], "content": media} for code in sorted(refusals)}


def _good(name: str, path: str) -> Document:
    if path == "/metrics":
        return {"description": "Prometheus text.", "content": {"text/plain": {"schema": TEXT}}}
    answer = _ANSWERS.get(name) or ("Page" if path.startswith(_WORKLISTS) else None)
    media: dict[str, Any] = {"schema": ref(answer) if answer else {}}
    example = (EXAMPLES | statistics.EXAMPLES).get(answer or "")
    if example is not None:
        media["example"] = example
    return {"description": "Done.", "content": {"application/json": media, **statistics.media_of(name)}}
