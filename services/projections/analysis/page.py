"""The lists of docs/analysis.md, made of the schema's: `python -m services.projections.analysis.page` prints them."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.projections.analysis.contents import VIEWS, VINTAGE, Column
from services.projections.analysis.functions import FUNCTIONS

HEADING: Final = "## Views\n"


def render_lists() -> str:
    """What stands in docs/analysis.md from the heading of the views on."""
    lines = [HEADING, "Each has, after its own columns, " + _list_vintage() + "\n"]
    for view in VIEWS:
        lines += [f"### analysis.{view.name}\n", view.words + "\n", *_table(view.columns), ""]
    lines += ["## Functions\n"]
    for function in FUNCTIONS:
        arguments = ", ".join(f"{argument.name} {argument.type}" for argument in function.arguments)
        columns = [column for column in function.columns if column not in VINTAGE]
        lines += [f"### analysis.{function.name}({arguments})\n", function.words + "\n", *_table(columns), ""]
    return "\n".join(lines).rstrip() + "\n"


def _list_vintage() -> str:
    return " ".join(f"`{column.name}`: {column.words}" for column in VINTAGE)


def _table(columns: Iterable[Column]) -> Iterator[str]:
    yield "| column | type | holds |"
    yield "|---|---|---|"
    for column in columns:
        yield f"| `{column.name}` | {column.type} | {column.words} |"


if __name__ == "__main__":
    print(render_lists(), end="")
