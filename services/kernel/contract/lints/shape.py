"""Shape: every schema can be read by columns (polars), record by record (fastavro), and by other people's readers.

What polars cannot read was found by trying: references to a named type, enums inside arrays or unions, maps, unions
other than with null. The lint refuses them by rule, then proves itself: it writes two records of the schema, reads
them both ways and compares.
"""

import io
from typing import Any

import fastavro
import polars

from services.kernel.contract.lints.walk import Document, walk_fields, walk_types
from services.kernel.contract.plain import parse, strip
from services.kernel.contract.problems import Problem

CHECK = "shape"
PRIMITIVES = frozenset({"string", "int", "long", "double", "boolean", "bytes"})
_INSTEAD = "Spell the type out under a name of its own; column readers do not follow names."


def find_shape_problems(document: Document, where: str) -> list[Problem]:
    """Types that some reader of the log cannot read."""
    problems = [Problem(CHECK, where, what, remedy) for what, remedy in _find_by_rule(document)]
    if not problems:
        problems += _find_by_reading(document, where)
    return problems


def _find_by_rule(document: Document) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    names: set[str] = set()
    for each in walk_types(document):
        if isinstance(each, str) and each not in PRIMITIVES | {"null"}:
            found.append((f"refers to the type {each!r} by its name.", _INSTEAD))
        if isinstance(each, list):
            found += _judge_union(each)
        if isinstance(each, dict):
            found += _judge_type(each, names)
    for path, field in walk_fields(document):
        if isinstance(field["type"], list) and field.get("default", "") is not None:
            found.append((f"{path} may be null but its default is not.", 'Add "default": null.'))
    return found


def _judge_union(union: list[Any]) -> list[tuple[str, str]]:
    if len(union) == 2 and union[0] == "null" and union[1] != "null":
        return []
    return [(f"has the union {union!r:.80}.", 'Use ["null", T] with default null, or two fields.')]


def _judge_type(avro_type: Document, names: set[str]) -> list[tuple[str, str]]:
    kind = avro_type.get("type")
    if kind == "enum":
        return [(f"has the enum {avro_type.get('name')}.", "Use a string with a vocabulary: it can grow.")]
    if kind == "map":
        return [("has a map.", "Use an array of records with a key and a value.")]
    if kind in ("record", "fixed"):
        name = avro_type.get("name", "")
        if name in names:
            return [(f"defines {name} twice.", _INSTEAD)]
        names.add(name)
    return []


def _find_by_reading(document: Document, where: str) -> list[Problem]:
    bare = strip(document)
    records = [_sample(document, full=True), _sample(document, full=False)]
    buffer = io.BytesIO()
    fastavro.writer(buffer, parse(bare), records)
    try:
        buffer.seek(0)
        columns = polars.read_avro(buffer).to_dicts()
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        return [Problem(CHECK, where, f"polars cannot read it: {error}.", "Use a type that the README names.")]
    if columns != records:
        return [Problem(CHECK, where, "polars reads other values than fastavro.", "Use a type that it reads.")]
    return []


def _sample(avro_type: Any, *, full: bool) -> Any:
    """A value of the type: with everything filled in, or with as little as possible."""
    if isinstance(avro_type, list):
        return _sample(avro_type[1], full=full) if full else None
    if isinstance(avro_type, str):
        simple = {"string": "x", "int": 1, "long": 1 << 40, "double": 0.5, "boolean": True, "bytes": b"\x00\xff"}
        return simple[avro_type]
    match avro_type["type"]:
        case "array":
            return [_sample(avro_type["items"], full=full)] if full else []
        case "fixed":
            return bytes(range(avro_type["size"]))
        case "record":
            return {field["name"]: _sample(field["type"], full=full) for field in avro_type["fields"]}
        case other:
            return _sample(other, full=full)
