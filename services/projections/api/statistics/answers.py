"""The shapes of answers about figures, for the description, with an example of each."""

from services.kernel.http.openapi import TEXT, Document, words

_OBJECT: Document = {"type": "object"}
_DAY: Document = {"type": "string", "format": "date"}
_MAYBE: Document = {"type": ["string", "null"]}
_NUMBER: Document = {"type": ["number", "null"]}
_COUNT: Document = {"type": "integer", "description": "Records that could not be applied yet, and are not counted."}
_WHOLE: Document = {"type": ["integer", "null"]}
_TEXTS: Document = {"type": "array", "items": TEXT}
_CANDIDATES: Document = {"type": ["array", "null"], "items": TEXT, "description": "Between which areas it falls."}


def _shape(required: Document, **optional: Document) -> Document:
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def _list(items: Document) -> Document:
    return {"type": "array", "items": items}


_REASON: Document = {"type": ["object", "null"], "properties": {"code": TEXT, "words": TEXT}}
_PORTION: Document = {
    "type": ["object", "null"],
    "properties": {"id": TEXT, "words": TEXT, "value": _NUMBER, "unit": TEXT},
}
_CHECK = _shape({"name": TEXT, "outcome": words("", ["passed", "failed", "not-applicable"], "")["schema"], "why": TEXT})
_HEAD: Document = {"map": TEXT, "vintage": TEXT, "answered_at": TEXT, "rule": TEXT, "set_aside": _COUNT, "next": _MAYBE}
_ENTRY = _shape(
    {
        "id": TEXT,
        "definition": TEXT,
        "name": TEXT,
        "family": TEXT,
        "words": TEXT,
        "unit": TEXT,
        "scale": {"type": "integer"},
        "by": _TEXTS,
        "numerator": _MAYBE,
        "denominator": _MAYBE,
        "traps": _TEXTS,
        "label": _MAYBE,
        "source": TEXT,
        "computable": {"type": "boolean"},
        "reason": _REASON,
    }
)
_FIGURE = _shape(
    {
        "definition": TEXT,
        "name": TEXT,
        "place": TEXT,
        "place_name": _MAYBE,
        "candidates": _CANDIDATES,
        "by": {"type": "object", "additionalProperties": TEXT},
        "period": TEXT,
        "population": TEXT,
        "value": _NUMBER,
        "unit": TEXT,
        "scale": {"type": "integer"},
        "numerator": _PORTION,
        "denominator": _PORTION,
        "map": TEXT,
        "vintage": TEXT,
        "checks": _list(_CHECK),
        "reason": _REASON,
        "notes": _TEXTS,
        "rule": TEXT,
    }
)
_PEOPLE = _shape(
    {"place": TEXT, "place_name": _MAYBE, "candidates": _CANDIDATES, "at": _DAY, "people": _WHOLE, "reason": _REASON},
    sex=TEXT,
    age=TEXT,
)
_MOVES = _shape(
    {
        "origin": _MAYBE,
        "origin_name": _MAYBE,
        "destination": TEXT,
        "destination_name": _MAYBE,
        "kind": words("", ["internal", "in", "out", "found"], "")["schema"],
        "period": TEXT,
        "moves": _WHOLE,
        "reason": _REASON,
        "candidates": _CANDIDATES,
    },
    sex=TEXT,
    age=TEXT,
)
_BECAME = _list(_shape({"code": _MAYBE, "on": _DAY, "kind": TEXT}))
_AREA = _shape(
    {
        "code": TEXT,
        "name": _MAYBE,
        "name_local": _MAYBE,
        "kind": _MAYBE,
        "level": _WHOLE,
        "parent": _MAYBE,
        "valid_from": _DAY,
        "valid_to": _MAYBE,
        "predecessors": _BECAME,
        "successors": _BECAME,
    }
)
SCHEMAS: Document = {
    "Catalogue": _shape({"indicators": _list(_ENTRY)}),
    "Figures": _shape({"indicator": _ENTRY, **_HEAD, "figures": _list(_FIGURE)}),
    "Population": _shape(
        {
            "definition": TEXT,
            "population": TEXT,
            "by": _TEXTS,
            **_HEAD,
            "rows": _list(_PEOPLE),
            "checks": {"type": "object"},
        }
    ),
    "Flows": _shape({"definition": TEXT, "track": TEXT, "by": _TEXTS, **_HEAD, "rows": _list(_MOVES)}),
    "Areas": _shape({"at": _DAY, "areas": _list(_AREA), "next": _MAYBE}),
}
_PASSED = {"name": "growth", "outcome": "passed", "why": "from 57221 to 57269 people: +0.08% a year, limit 10%"}
_SAID = {
    "map": "event",
    "vintage": "current",
    "answered_at": "2012-03-15T08:30:00.125Z",
    "rule": "none",
    "set_aside": 0,
    "next": None,
}
_INDICATOR = {
    "id": "crude-birth-rate",
    "definition": "crude-birth-rate/1",
    "name": "Crude birth rate",
    "family": "vital",
    "words": "Live births per 1,000 person-years.",
    "unit": "per 1,000",
    "scale": 1000,
    "by": [],
    "numerator": "live births, at the mother's usual residence, by day of birth",
    "denominator": "everybody",
    "traps": ["Live births only: stillbirths are excluded."],
    "label": None,
    "source": "UN, Principles and Recommendations for a Vital Statistics System, Rev. 3",
    "computable": True,
    "reason": None,
}
_GOTLAND = {"place": "0980", "place_name": "Gotland", "candidates": None}
EXAMPLES: Document = {
    "Catalogue": {"indicators": [_INDICATOR]},
    "Figures": {
        "indicator": _INDICATOR,
        **_SAID,
        "figures": [
            {
                "definition": "crude-birth-rate/1",
                "name": "Crude birth rate",
                **_GOTLAND,
                "by": {},
                "period": "2010-01-01/2011-01-01",
                "population": "usual",
                "value": 9.87,
                "unit": "per 1,000",
                "scale": 1000,
                "numerator": {"id": "births", "words": "live births", "value": 565, "unit": "events"},
                "denominator": {
                    "id": "lived:usual:person-years",
                    "words": "person-years lived, exactly: everybody, usual population",
                    "value": 57245.3,
                    "unit": "person-years",
                },
                "map": "event",
                "vintage": "current",
                "checks": [_PASSED],
                "reason": None,
                "notes": [],
                "rule": "none",
            }
        ],
    },
    "Population": {
        "definition": "population/1",
        "population": "usual",
        "by": ["sex", "age"],
        **_SAID,
        "rows": [{**_GOTLAND, "at": "2011-12-31", "sex": "female", "age": "35", "people": 312, "reason": None}],
        "checks": {"0980": [_PASSED]},
    },
    "Flows": {
        "definition": "moves/1",
        "track": "usual",
        "by": ["sex"],
        **_SAID,
        "rows": [
            {
                "origin": "0980",
                "origin_name": "Gotland",
                "destination": "region:jamtland",
                "destination_name": None,
                "kind": "out",
                "period": "2011-01-01/2012-01-01",
                "sex": "female",
                "moves": 12,
                "reason": None,
                "candidates": None,
            }
        ],
    },
    "Areas": {
        "at": "2011-12-31",
        "areas": [
            {
                "code": "0980",
                "name": "Gotland",
                "name_local": None,
                "kind": "county",
                "level": 1,
                "parent": None,
                "valid_from": "1900-01-01",
                "valid_to": None,
                "predecessors": [],
                "successors": [],
            }
        ],
        "next": None,
    },
}
