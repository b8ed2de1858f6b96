"""What the descriptions of all services (OpenAPI 3.1) have in common."""

from typing import Any

Document = dict[str, Any]

REFUSALS = {
    "400": "The body cannot be read, or a parameter is wrong.",
    "401": "No token, or one that is not valid.",
    "403": "The caller may not do this.",
    "404": "There is no such thing.",
    "408": "The body came too slowly.",
    "409": "It contradicts what is already there.",
    "413": "The body is too large.",
    "415": "The media type is not known here.",
    "422": "The request breaks a rule.",
    "429": "Too much at once; send the same again after Retry-After seconds.",
    "500": "Ours to mend; the answer has an id.",
    "504": "The tables have not come so far yet; ask again after Retry-After seconds.",
    "503": "Not now; the outcome may be unknown; send the same again after Retry-After seconds.",
}
TEXT = {"type": "string"}
PROBLEM_SCHEMA: Document = {
    "type": "object",
    "description": "RFC 9457, with a stable code, the place, the rule and the remedy.",
    "required": ["type", "title", "status", "detail", "code", "path", "rule", "remedy"],
    "properties": {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "code": TEXT,
        "path": {"type": "string", "description": "JSON pointer into the request"},
        "rule": TEXT,
        "remedy": TEXT,
        "retry_after_s": {"type": "number"},
        "outcome_unknown": {"type": "boolean"},
        "answer_id": TEXT,
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
SECURITY: Document = {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}


def ref(name: str) -> Document:
    """A schema among the document's components."""
    return {"$ref": f"#/components/schemas/{name}"}


def body(content: Document) -> Document:
    """A body that must be sent."""
    return {"required": True, "content": content}


def flag(name: str, doc: str) -> Document:
    """A parameter that is true or false."""
    return {"name": name, "in": "query", "description": doc, "schema": {"type": "boolean", "default": False}}


def words(name: str, words: list[str], doc: str) -> Document:
    """A parameter that is one of some words."""
    return {"name": name, "in": "query", "description": doc, "schema": {"type": "string", "enum": words}}
