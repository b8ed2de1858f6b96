"""`domicile person`: one person's life course, as a clerk reads it. Who looks is recorded, here as everywhere."""

import json
from typing import Annotated

import typer

from services.kernel.asking import AsJson, Region, Token, Url, ask, kindly
from services.projections.client.door import WaitFor, open_client
from services.projections.client.looking import Case, Purpose, Role, find_case, print_parts


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("person")(person)


def person(
    region: Region,
    person_id: Annotated[str, typer.Argument(help="Id of the person, as an answer to a post or a search gives it.")],
    purpose: Purpose = "civil-registration",
    case: Case = None,
    as_at: Annotated[str | None, typer.Option(help="The state at the end of this day, YYYY-MM-DD.")] = None,
    as_known_at: Annotated[
        str | None, typer.Option(help="Only what the log had taken by then: a time with an offset, or a date.")
    ] = None,
    wait_for: WaitFor = None,
    role: Role = "registrar",
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
        return
    from services.projections.client.life import render_life

    print_parts(render_life(told))
