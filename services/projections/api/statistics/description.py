"""The statistics of the description: what may be asked.

Ids of indicators are no enumeration there: they are data, which the catalogue lists.
"""

from collections.abc import Mapping, Sequence
from typing import get_args

from services.kernel.http.openapi import TEXT, Document, words
from services.projections.api.statistics import asking
from services.projections.api.statistics.answers import EXAMPLES, SCHEMAS
from services.projections.api.statistics.asking import AgeAt, EdgeAges, UnstatedAges
from services.projections.api.statistics.formats import MEDIA_TYPES
from services.projections.api.statistics.periods import EVERY
from services.projections.statistics.cells import POPULATIONS
from services.projections.statistics.indicators.question import Basis

__all__ = ["ANSWERS", "EXAMPLES", "NAME", "SCHEMAS", "media_of", "parameters_of"]

CATALOGUE, FIGURES = "GET /v1/indicators", "GET /v1/indicators/{name}"
PEOPLE, MOVES, MAP = "GET /v1/population", "GET /v1/flows", "GET /v1/areas"
ANSWERS: Mapping[str, str] = {
    CATALOGUE: "Catalogue",
    FIGURES: "Figures",
    PEOPLE: "Population",
    MOVES: "Flows",
    MAP: "Areas",
}
NAME: Document = {"type": "string", "description": "Id of an indicator, from the catalogue."}
_DAY: Document = {"type": "string", "format": "date"}
_UNIT: Document = {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"}


def parameters_of(action: str) -> Sequence[Document] | None:
    """Of a route of the statistics; None for all others."""
    if action == CATALOGUE:
        return []
    if action not in ANSWERS:
        return None
    level = _query("level", {"type": "integer", "minimum": 0, "maximum": 31}, "All areas of this level; 0: the region.")
    if action == MAP:
        return [
            _area("With all that lies in them."),
            level,
            _at("The map of this day; default: today."),
            *_shown(()),
            _waiting(),
        ]
    found = [_area("May be repeated."), level, *_when(), _map(), *_what(action)]
    if action == FIGURES:
        found += _how()
    elif action == MOVES:
        found.append(words("age_at", list(get_args(AgeAt)), "Ages on the day, or reached in the year."))
    formats = (asking.JSON, asking.CSV, asking.PARQUET, *([asking.SDMX] if action == FIGURES else []))
    return [*found, *_shown(formats), _waiting()]


def media_of(action: str) -> Mapping[str, Document]:
    """Media types of an answer beside JSON."""
    if action not in (FIGURES, PEOPLE, MOVES):
        return {}
    file: Document = {"schema": {"type": "string", "format": "binary"}}
    formats = [asking.CSV, asking.PARQUET, *([asking.SDMX] if action == FIGURES else [])]
    return {MEDIA_TYPES[name]: {"schema": {}} if name == asking.SDMX else file for name in formats}


def _when() -> list[Document]:
    return [
        _query("from", _UNIT, "First day of the period, or the month or year that it begins with."),
        _query("to", _UNIT, "The first day after the period; default: the end of what `from` names."),
        _at("The end of this day, instead of a period."),
        words("every", list(EVERY), "Cut the period: figures of each part."),
        _query(
            "as_known_at",
            {"anyOf": [_DAY, {"type": "string", "format": "date-time"}]},
            "The vintage: what the log had taken by then; a day means its end, UTC. Default: all that is known now.",
        ),
    ]


def _what(action: str) -> list[Document]:
    doc = "Breakdowns, with commas: sex, age and whatever else the catalogue lists."
    ages = "Single years (`single`), groups of five (`five`), or the first age of each group: 0,15,65."
    people = POPULATIONS if action != MOVES else POPULATIONS[:2]
    return [
        _query("by", {"type": "string", "example": "sex,age"}, doc),
        _query("ages", {"type": "string", "default": "single"}, ages),
        words("population", list(people), "Whose figures; default: usual residents."),
    ]


def _how() -> list[Document]:
    days: Document = {"type": "integer", "minimum": 0, "maximum": 3650}
    return [
        words("basis", list(get_args(Basis)), "What rates are divided by."),
        words("age_at", list(get_args(AgeAt)), "Ages on the day, or reached in the year."),
        words("women_until", ["44", "49"], "The last age of women in rates of births."),
        words("edge_ages", list(get_args(EdgeAges)), "Mothers under 15 and over 49: by themselves, or with the next."),
        words("unstated_ages", list(get_args(UnstatedAges)), "Births without the age of the mother."),
        _query("legal_days", days, "Days within which births and deaths are to be registered."),
    ]


def _shown(formats: Sequence[str]) -> list[Document]:
    limit: Document = {"type": "integer", "minimum": 1, "maximum": asking.ROWS_MAX, "default": asking.ROWS}
    paging = [
        _query("cursor", TEXT, "`next` of the page before, with all else as it was. JSON only."),
        _query("limit", limit, "Lines of a page. JSON only."),
    ]
    return [words("format", list(formats), "Default: what Accept says, else JSON."), *paging] if formats else paging


def _area(more: str) -> Document:
    schema: Document = {"type": "array", "items": TEXT, "maxItems": asking.AREAS_MAX}
    return _query("area", schema, f"Codes of areas. {more}") | {"style": "form", "explode": True}


def _map() -> Document:
    doc = "`event`: areas as they were when it happened (default); a day: everything on the map of that day."
    return _query("map", {"anyOf": [{"type": "string", "enum": [asking.EVENT]}, _DAY]}, doc)


def _at(doc: str) -> Document:
    return _query("at", _DAY, doc)


def _waiting() -> Document:
    return _query("wait_for", TEXT, "topic:partition:offset of a post: wait some seconds until the tables have it.")


def _query(name: str, schema: Document, doc: str) -> Document:
    return {"name": name, "in": "query", "description": doc, "schema": schema}
