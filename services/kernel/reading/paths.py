"""What was shown of somebody, by name and never by value."""

from typing import Any


def list_paths(document: Any) -> tuple[str, ...]:
    """Dotted paths of everything that a document says, in order; lists have no step of their own."""
    found: set[str] = set()
    _collect(document, "", found)
    return tuple(sorted(found))


def _collect(value: Any, above: str, found: set[str]) -> None:
    # Of a long life there are a hundred thousand values and a hundred paths: no call for each value.
    if isinstance(value, dict):
        for name, each in value.items():
            if each is None:
                continue
            path = f"{above}.{name}" if above else name
            if isinstance(each, dict | list | tuple):
                _collect(each, path, found)
            else:
                found.add(path)
    elif isinstance(value, list | tuple):
        for each in value:
            _collect(each, above, found)
    elif value is not None and above:
        found.add(above)
