"""How the exchange's commands print: tables with headings, days and minutes, and an exchange's words."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import typer


def print_table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns as wide as what stands in them; nothing where there are no rows."""
    if not rows:
        return
    lines = [[str(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(headings))]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def when(instant: str | None) -> str:
    """An instant to the minute, in UTC; a dash for none."""
    if not instant:
        return "-"
    return datetime.fromisoformat(instant).astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def tell_actions(actions: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What may be done, one line each, with what each word means."""
    for each in actions:
        due = f", due {when(each['due_at'])}" if each.get("due_at") else ""
        yield f"  {each['what']}  {each['name']}{due}"
        for word in each["outcomes"]:
            meaning = each.get("meanings", {}).get(word)
            yield f"      {word}{': ' + meaning if meaning else ''}"
