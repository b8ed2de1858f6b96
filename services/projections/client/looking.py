"""What the commands that look at persons have in common: for what and on which case it is, and how it is printed."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from services.kernel.asking import CannotGoOn

if TYPE_CHECKING:
    from rich.console import RenderableType

# For trying it out on one's own machine; elsewhere a look is on a case of the office.
LOCAL_CASE = "local/try-out"

Purpose = Annotated[str, typer.Option(help="What it is read for.")]
Case = Annotated[str | None, typer.Option(help=f"The case, in the office's own files. Local stack: {LOCAL_CASE}.")]
Role = Annotated[str, typer.Option(help="In which role, on the local stack.")]


def find_case(case: str | None, url: str | None, token: str | None) -> str:
    """The case that is given; on the local stack one for trying out. CannotGoOn elsewhere."""
    if case:
        return case
    if url or token or os.environ.get("DOMICILE_TOKEN"):
        raise CannotGoOn("A look at a person is on a case: name it with --case.")
    return LOCAL_CASE


def print_parts(parts: Iterable["RenderableType"]) -> None:
    """One after the other; numbers and ids are not coloured."""
    from rich.console import Console

    console = Console(highlight=False)
    for part in parts:
        console.print(part)
