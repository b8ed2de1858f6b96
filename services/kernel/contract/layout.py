"""How schema files are written: one field on one line where it fits, so that people can read them."""

import json
from typing import Any

WIDTH = 118


def write_json(value: Any) -> str:
    """The value as JSON text, with a line break at the end."""
    return _write(value, 0, WIDTH) + "\n"


def _write(value: Any, indent: int, taken: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if indent + taken + len(line) <= WIDTH and not _has_fields(value):
        return line
    inner = " " * (indent + 2)
    if isinstance(value, dict) and value:
        rows = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_write(each, indent + 2, len(key) + 5)}"
            for key, each in value.items()
        ]
        return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
    if isinstance(value, list) and value:
        rows = [inner + _write(each, indent + 2, 1) for each in value]
        return "[\n" + ",\n".join(rows) + "\n" + " " * indent + "]"
    return line


def _has_fields(value: Any) -> bool:
    return isinstance(value, dict) and "fields" in value
