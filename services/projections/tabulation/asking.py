"""A statement put together with its arguments. Its rows are a key in the order asked for, and a whole number."""

from typing import Any, NamedTuple

from services.projections.statistics.indicators.counting import Areas
from services.projections.statistics.indicators.spans import Span


class Query(NamedTuple):
    """A statement."""

    text: str
    arguments: tuple[Any, ...]


class Asking:
    """Builds one."""

    def __init__(self) -> None:
        self._arguments: list[Any] = []

    def pass_in(self, value: Any) -> str:
        """As an argument of the statement."""
        self._arguments.append(value)
        return f"${len(self._arguments)}"

    def within(self, place: str, areas: Areas) -> list[str]:
        """Conditions, none if all areas are asked for."""
        return [] if areas is None else [f"{place} = ANY ({self.pass_in(sorted(areas))}::text[])"]

    def between(self, span: Span) -> list[str]:
        return [f"day >= {self.pass_in(span.start)}::int", f"day < {self.pass_in(span.end)}::int"]

    def sum(self, what: str, source: str, conditions: list[str], names: list[str]) -> Query:
        """`names`: expressions of the key."""
        columns = "".join(f"{name}, " for name in names)
        groups = f" GROUP BY {', '.join(map(str, range(1, len(names) + 1)))}" if names else ""
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        text = f"SELECT {columns}sum({what})::bigint FROM {source}{where}{groups} HAVING sum({what}) <> 0"
        return Query(text, tuple(self._arguments))
