"""What was shown of somebody, by name and never by value."""

from collections.abc import Iterator
from typing import Any


def list_paths(document: Any) -> tuple[str, ...]:
    """Dotted paths of everything that a document says, in order; lists have no step of their own."""
    return tuple(sorted(set(_walk(document, ""))))


def _walk(value: Any, above: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _walk(each, f"{above}.{name}" if above else name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _walk(each, above)
    elif value is not None and above:
        yield above
