"""Walking through the fields of a schema, the nested ones too."""

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def walk_fields(document: Document, path: str = "") -> Iterator[tuple[str, Document]]:
    """Dotted path and document of every field, parents before children."""
    for field in document.get("fields", ()):
        here = f"{path}.{field['name']}" if path else field["name"]
        yield here, field
        for record in _records(field["type"]):
            yield from walk_fields(record, here)


def walk_types(avro_type: Any) -> Iterator[Any]:
    """The type itself and every type inside it."""
    yield avro_type
    if isinstance(avro_type, list):
        for each in avro_type:
            yield from walk_types(each)
    elif isinstance(avro_type, dict):
        for key in ("items", "values"):
            if key in avro_type:
                yield from walk_types(avro_type[key])
        if isinstance(avro_type.get("type"), dict | list):
            yield from walk_types(avro_type["type"])
        for field in avro_type.get("fields", ()):
            yield from walk_types(field["type"])


def inner_type(avro_type: Any) -> Any:
    """The type without `null` and without the array around it."""
    if isinstance(avro_type, list):
        others = [each for each in avro_type if each != "null"]
        return inner_type(others[0]) if others else "null"
    if isinstance(avro_type, dict) and avro_type.get("type") == "array":
        return inner_type(avro_type["items"])
    return avro_type


def is_record(avro_type: Any) -> bool:
    """Whether the values (or the items) are records."""
    inner = inner_type(avro_type)
    return isinstance(inner, dict) and inner.get("type") == "record"


def _records(avro_type: Any) -> list[Document]:
    inner = inner_type(avro_type)
    return [inner] if isinstance(inner, dict) and inner.get("type") == "record" else []
