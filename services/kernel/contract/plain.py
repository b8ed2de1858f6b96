"""Schemas without what only people and the edge need: the same bytes, decoded faster and by more readers."""

from typing import Any

import fastavro

_KEPT_OF_TYPES = {"type", "name", "namespace", "items", "values", "size", "symbols"}


def strip(avro_type: Any, *, logical_types: bool = False) -> Any:
    """The Avro type without docs, defaults, our own attributes and (unless asked for) logical types.

    The bytes it describes are the same. polars refuses a schema with a default that is a string, and logical
    types more than double the time of decoding.
    """
    if isinstance(avro_type, list):
        return [strip(each, logical_types=logical_types) for each in avro_type]
    if not isinstance(avro_type, dict):
        return avro_type
    kept = {key: value for key, value in avro_type.items() if key in _KEPT_OF_TYPES}
    if logical_types and "logicalType" in avro_type:
        kept["logicalType"] = avro_type["logicalType"]
    for key in ("type", "items", "values"):
        if key in kept:
            kept[key] = strip(kept[key], logical_types=logical_types)
    if "fields" in avro_type:
        kept["fields"] = [
            {"name": field["name"], "type": strip(field["type"], logical_types=logical_types)}
            for field in avro_type["fields"]
        ]
    if set(kept) == {"type"}:
        return kept["type"]
    return kept


def parse(document: dict[str, Any]) -> Any:
    """The document as fastavro parses it, on its own (names of other schemas are not seen)."""
    return fastavro.parse_schema(document, named_schemas={})


def parse_plain(document: dict[str, Any]) -> Any:
    """Parsed by fastavro without logical types; defaults are kept, so that a writer can fill them in."""
    return parse(_without_logical_types(document))


def _without_logical_types(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_logical_types(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_logical_types(each) for key, each in value.items() if key != "logicalType"}
    return value
