"""`domicile person`: one person's life course, as a clerk reads it. Who looks is recorded, here as everywhere."""

import json
import os
from typing import Annotated, Any

import typer

from services.projections.client.door import AsJson, CannotGoOn, Region, Token, Url, ask, kindly, open_client

# For trying it out on one's own machine; elsewhere a look is on a case of the office.
LOCAL_CASE = "local/try-out"


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("person")(person)


def person(
    region: Region,
    person_id: Annotated[str, typer.Argument(help="Id of the person, as an answer to a post or a search gives it.")],
    purpose: Annotated[str, typer.Option(help="What it is read for.")] = "civil-registration",
    case: Annotated[
        str | None, typer.Option(help=f"The case, in the office's own files. Local stack: {LOCAL_CASE}.")
    ] = None,
    as_at: Annotated[str | None, typer.Option(help="The state at the end of this day, YYYY-MM-DD.")] = None,
    as_known_at: Annotated[
        str | None, typer.Option(help="Only what the log had taken by then: a time with an offset, or a date.")
    ] = None,
    wait_for: Annotated[
        str | None, typer.Option(help="topic:partition:offset of a post that the answer must show.")
    ] = None,
    role: Annotated[str, typer.Option(help="In which role, on the local stack.")] = "registrar",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Print what the register knows of a person. The look is recorded, and the person can see it."""
    with kindly():
        asked: dict[str, str | None] = {"purpose": purpose, "case": find_case(case, url, token)}
        asked |= {"as_at": as_at, "as_known_at": as_known_at, "wait_for": wait_for}
        with open_client(region, role, url, token) as client:
            parameters = {name: value for name, value in asked.items() if value is not None}
            told = ask(client, "GET", f"/v1/persons/{person_id}", params=parameters)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show(told)


def find_case(case: str | None, url: str | None, token: str | None) -> str:
    """The case that is given; on the local stack one for trying out. CannotGoOn elsewhere."""
    if case:
        return case
    if url or token or os.environ.get("DOMICILE_TOKEN"):
        raise CannotGoOn("A look at a person is on a case: name it with --case.")
    return LOCAL_CASE


def _show(told: dict[str, Any]) -> None:
    from rich.console import Console

    from services.projections.client.life import render_life

    console = Console(highlight=False)
    for part in render_life(told):
        console.print(part)
