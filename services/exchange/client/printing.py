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
    """What may be done, each act once, with what each of its words means."""
    found: dict[tuple[str, str | None], dict[str, str]] = {}
    for each in actions:
        words = found.setdefault((each["what"], each["in_reply_to"]), {})
        words |= {word: each.get("meanings", {}).get(word, "") for word in each.get("words") or each["outcomes"]}
    for (what, about), words in found.items():
        one = next(each for each in actions if (each["what"], each["in_reply_to"]) == (what, about))
        yield f"  {what}  {one['name']}" + (f", due {when(one['due_at'])}" if one.get("due_at") else "")
        for word, meaning in sorted(words.items()):
            yield f"      {word}{': ' + meaning if meaning else ''}"
        if one.get("example"):
            yield f"      for example: domicile exchange {one['example']}"


def tell_document(value: Any, indent: int) -> Iterator[str]:
    """A body or a document of somebody, a line for each value; what is a flat object takes one line."""
    pairs = value.items() if isinstance(value, dict) else [("-", each) for each in value]
    for name, each in pairs:
        if isinstance(each, dict) and not any(isinstance(one, dict | list) for one in each.values()):
            yield f"{' ' * indent}{name} " + ", ".join(f"{key} {one}" for key, one in each.items())
        elif isinstance(each, dict | list):
            yield f"{' ' * indent}{name}"
            yield from tell_document(each, indent + 2)
        else:
            yield f"{' ' * indent}{name}: {each}"


def count_of(number: int, what: str) -> str:
    """ "1 item", "2 items"."""
    return f"{number} {what}{'' if number == 1 else 's'}"
