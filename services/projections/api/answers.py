"""The shapes of questions and answers, for the description, with an example of each."""

from typing import Any

from services.kernel.http.openapi import TEXT, Document

_UUID: Document = {"type": "string", "format": "uuid"}
_MAYBE: Document = {"type": ["string", "null"]}
_OBJECT: Document = {"type": "object"}
_OBJECTS: Document = {"type": "array", "items": _OBJECT}
_TEXTS: Document = {"type": "array", "items": TEXT}


def _shape(required: Document, **optional: Any) -> Document:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


SCHEMAS: Document = {
    "Person": _shape(
        {
            "person_id": _UUID,
            "asked_for": _UUID,
            "also_known_as": {"type": "array", "items": _UUID},
            "as_at": _MAYBE,
            "as_known_at": _MAYBE,
            "incomplete": {"type": "boolean", "description": "something of this person could not be applied"},
            "set_aside": _OBJECTS,
        },
        current=_OBJECT,
        particulars={"type": "object", "description": "opened for this answer; `redacted`: what was erased"},
        history=_OBJECT,
        timeline=_OBJECTS,
        findings=_OBJECTS,
        services=_OBJECT,
    ),
    "Readers": _shape({"person_id": _UUID, "readers": _OBJECTS, "next": _MAYBE}),
    "Found": _shape({"found": {"type": "array", "maxItems": 5, "items": _OBJECT}, "more": {"type": "boolean"}}),
    "Count": _shape(
        {
            "area": TEXT,
            "areas": {"type": "integer"},
            "at": TEXT,
            "track": TEXT,
            "use": TEXT,
            "total": {"type": "integer"},
            "counts": _OBJECTS,
        }
    ),
    "Page": _shape({"items": _OBJECTS, "next": _MAYBE}),
}
QUESTION: Document = {
    "type": "object",
    "additionalProperties": False,
    "required": ["case"],
    "description": "At least two of person_id, identifier, full_name, birth_on and address.",
    "properties": {
        "case": TEXT,
        "purpose": TEXT,
        "person_id": _UUID,
        "identifier": {
            "type": "object",
            "additionalProperties": False,
            "required": ["kind", "value"],
            "properties": {"kind": TEXT, "value": TEXT},
        },
        "full_name": {"type": "string", "maxLength": 400},
        "birth_on": {"type": "string", "description": "YYYY-MM-DD, YYYY-MM or YYYY"},
        "address": {"type": "string", "description": "lines with commas", "maxLength": 400},
    },
}
_PERSON_ID = "013499d0-2ec0-7b34-a2c3-967044ab0864"
QUESTION_EXAMPLES: Document = {
    "name-and-birth-date": {
        "summary": "Somebody whose name and birth date stand in a letter.",
        "value": {
            "case": "2012/0980/77",
            "purpose": "civil-registration",
            "full_name": "Ex Ample",
            "birth_on": "2003-05-17",
        },
    },
    "identifier-and-birth-date": {
        "summary": "Somebody who shows a passport.",
        "value": {
            "case": "2012/0980/78",
            "purpose": "residence-registration",
            "identifier": {"kind": "passport", "value": "XY1234567"},
            "birth_on": "1975-03-02",
        },
    },
}
_READING: Document = {
    "recorded_at": "2012-03-15T08:30:00.125Z",
    "event_id": "013499f2-3395-7cb8-b7e8-38d0370ad235",
    "actor": "clerk-7",
    "role": "registrar",
    "purpose": "civil-registration",
    "case_reference": "2012/0980/77",
    "route": "GET /v1/persons/{id}",
    "fields": ["current.sex", "particulars.civil.family_name"],
    "compartments": ["civil"],
    "outcome": "shown",
    "partner_region": None,
}
EXAMPLES: Document = {
    "Person": {
        "person_id": _PERSON_ID,
        "asked_for": _PERSON_ID,
        "also_known_as": [],
        "as_at": None,
        "as_known_at": None,
        "incomplete": False,
        "set_aside": [],
        "current": {"vital": "alive", "sex": "female", "born_on": "2003-05-17", "usual": {"area": "0980"}},
        "particulars": {"civil": {"given_names": "Ex", "family_name": "Ample"}, "contact": None, "redacted": []},
        "findings": [],
    },
    "Readers": {"person_id": _PERSON_ID, "readers": [_READING], "next": None},
    "Found": {"found": [{"person_id": _PERSON_ID, "sex": "female", "born_on": "2003-05-17"}], "more": False},
    "Count": {
        "area": "0980",
        "areas": 3,
        "at": "2011-12-31",
        "track": "usual",
        "use": "For the work of this office only; not to be published or passed on.",
        "total": 2,
        "counts": [{"sex": "female", "age": 8, "residents": 2}],
    },
    "Page": {
        "items": [
            {"person_id": _PERSON_ID, "kind": "second-birth", "on": "2003-05-17", "area": "0980", "office": "0980-1"}
        ],
        "next": None,
    },
}
