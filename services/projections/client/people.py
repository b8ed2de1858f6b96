"""People who were found, and what waits for an office, on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from services.projections.client.life import as_place

Told = Mapping[str, Any]


def render_found(told: Told) -> Iterator[RenderableType]:
    """The answer of POST /v1/persons:find: enough to tell people apart."""
    if not told["found"]:
        yield Text("Nobody whom you may see is found by all of that.")
        return
    rows = [{**each, **_name(each), "lives": each.get("usual"), "died": each.get("died_on")} for each in told["found"]]
    yield _table(("person_id", "name", "sex", "born_on", "died", "lives", "registered"), rows)
    if told["more"]:
        yield Text("There are others: name another trait.", style="yellow")


def render_worklist(name: str, items: Sequence[Told], more: bool) -> Iterator[RenderableType]:
    """Rows of a worklist, in the columns that it has."""
    if not items:
        yield Text(f"{name}: nothing waits.")
        return
    columns = [column for column in items[0] if any(item.get(column) is not None for item in items)]
    yield Text(name, style="bold")
    yield _table(columns, items)
    yield Text(f"{len(items)} shown" + ("; there are more: --all, or --limit" if more else ""), style="dim")


def _table(columns: Sequence[str], rows: Sequence[Told]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name.removesuffix("_on").replace("_", " "), header_style="dim", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_as_text(row.get(name))) for name in columns))
    return table


def _name(found: Told) -> dict[str, str]:
    civil = found.get("civil") or {}
    parts = " ".join(filter(None, (civil.get("given_names"), civil.get("family_name"))))
    return {"name": civil.get("full_name") or parts}


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return as_place(value)
    if isinstance(value, list):
        return ", ".join(map(_as_text, value))
    return "" if value is None else str(value)
