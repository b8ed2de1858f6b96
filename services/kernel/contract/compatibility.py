"""Compatibility: every version can read what every older version wrote (BACKWARD_TRANSITIVE).

What crosses regions (the sealed blocks) must also be readable by the older versions that partners still run (FULL).
Judged by the checker of PyPI `avro`, not by our own rules; on top of it, what only this contract knows must stay too:
context, key and roles.
"""

import json
import warnings
from typing import Any

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import Schema
from avro.schema import parse as parse_avro

from services.kernel.contract.problems import Problem

CHECK = "compatibility"
Document = dict[str, Any]


def find_compatibility_problems(versions: dict[int, Document], where: str) -> list[Problem]:
    """What a version of one schema cannot read of an older one, every pair. `versions`: number → document."""
    full = any("compartment" in document for document in versions.values())
    problems: list[Problem] = []
    numbers = sorted(versions)
    for newer in numbers:
        for older in (number for number in numbers if number < newer):
            pair = f"{where} v{newer} against v{older}"
            problems += _judge(versions[newer], versions[older], pair, "cannot read what it wrote")
            if full:
                problems += _judge(versions[older], versions[newer], pair, "writes what it cannot read")
            problems += _judge_meaning(versions[newer], versions[older], pair)
    return problems


def _judge(reader: Document, writer: Document, where: str, what: str) -> list[Problem]:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    result = checker.get_compatibility(_parse(reader), _parse(writer))
    if result.compatibility is SchemaCompatibilityType.compatible:
        return []
    reasons = "; ".join(sorted(result.messages)) or "unknown reason"
    remedy = "Keep every field and its type; give each new field a default; for another meaning, add a field."
    return [Problem(CHECK, where, f"{what}: {reasons}.", remedy)]


def _judge_meaning(newer: Document, older: Document, where: str) -> list[Problem]:
    found: list[tuple[str, str]] = [
        (f"has another {attribute}.", "Keep it: other partitions, keys or readers would see the same fact.")
        for attribute in ("context", "key", "compartment")
        if newer.get(attribute) != older.get(attribute)
    ]
    gone = sorted(set(older.get("roles", {})) - set(newer.get("roles", {})))
    if gone:
        found.append((f"lost the roles {', '.join(gone)}.", "Keep them, not required."))
    kept = {field["name"] for field in newer["fields"]}
    lost = [field["name"] for field in older["fields"] if field["name"] not in kept]
    if lost:
        found.append((f"lost the fields {', '.join(lost)}.", "Keep them: what was recorded must stay readable."))
    return [Problem(CHECK, where, what, remedy) for what, remedy in found]


def _parse(document: Document) -> Schema:
    with warnings.catch_warnings():  # it warns of logical types that it does not know, and ignores them
        warnings.simplefilter("ignore")
        return parse_avro(json.dumps(document))
