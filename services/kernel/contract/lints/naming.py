"""Naming and units: what a field is can be seen from its name, and every uncertain date says how certain it is."""

import re

from services.kernel.contract.lints.walk import Document, inner_type, walk_fields
from services.kernel.contract.problems import Problem

CHECK = "naming"
_SNAKE = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
_PAST_TENSE = re.compile(r"^[A-Z][A-Za-z]+(ed|Left|Given|Withdrawn|Read|Made|Set|Split|Paid|Dispensed|ByPartner)$")
_SUFFIXES = {"date": ("_on",), "timestamp-millis": ("_at",), "uuid": ("_id", "_ids", "caused_by")}


def find_naming_problems(document: Document, where: str) -> list[Problem]:
    """Names, docs, units and precisions that are missing or mislead."""
    problems: list[Problem] = []
    if "compartment" not in document and not _PAST_TENSE.match(document["name"]):
        problems.append(
            Problem(CHECK, where, "is not in the past tense.", "Name the fact that happened: BirthRegistered.")
        )
    if not document.get("doc"):
        problems.append(Problem(CHECK, where, "has no doc.", "Say in a sentence what happened."))
    for path, field in walk_fields(document):
        problems += [Problem(CHECK, f"{where}: {path}", what, remedy) for what, remedy in _judge(field)]
    return problems + _find_dates_without_precision(document, where)


def _judge(field: Document) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    name = field["name"]
    if not _SNAKE.match(name):
        found.append(("is not in snake_case.", "Rename it before it is sealed."))
    if not field.get("doc", "").endswith("."):
        found.append(("has no doc, or one that is not a sentence.", "Say what it means, and what null means."))
    inner = inner_type(field["type"])
    logical = inner.get("logicalType") if isinstance(inner, dict) else None
    if logical in _SUFFIXES and not name.endswith(_SUFFIXES[logical]):
        found.append((f"is a {logical}.", f"End its name in {' or '.join(_SUFFIXES[logical])}."))
    if logical in ("date", "timestamp-millis") or inner in ("int", "long", "double"):
        found += _judge_unit(field)
    return found


def _judge_unit(field: Document) -> list[tuple[str, str]]:
    if field.get("unit") or field["name"] in ("format", "block_schema_id"):
        return []
    return [("is a quantity without a unit.", 'Add "unit": day, month, persons, …')]


def _find_dates_without_precision(document: Document, where: str) -> list[Problem]:
    fields = document["fields"]
    problems = []
    for field, following in zip(fields, [*fields[1:], {"name": ""}], strict=True):
        inner = inner_type(field["type"])
        if not (isinstance(inner, dict) and inner.get("logicalType") == "date"):
            continue
        fits = following["name"] == f"{field['name']}_precision"
        if not fits or isinstance(field["type"], list) != isinstance(following["type"], list):
            problems.append(
                Problem(
                    CHECK,
                    f"{where}: {field['name']}",
                    "is a date of a fact without its precision.",
                    f"Put {field['name']}_precision (vocabulary date_precision) right after it, null like it.",
                )
            )
    return problems
