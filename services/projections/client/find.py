"""`domicile find`: a person whom the office knows by at least two things. Who was looked at is recorded."""

import json
from typing import Annotated, Any

import typer

from services.kernel.asking import AsJson, CannotGoOn, Region, Token, Url, ask, kindly
from services.projections.client.door import WaitFor, open_client
from services.projections.client.looking import Case, Purpose, Role, find_case, print_parts

_PATH = "/v1/persons:find"
NOBODY = 3


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("find")(find)


def find(
    region: Region,
    name: Annotated[str | None, typer.Option("--name", help="Full name; case, accents and order do not count.")] = None,
    born: Annotated[str | None, typer.Option("--born", help="Birth date: YYYY-MM-DD, YYYY-MM or YYYY.")] = None,
    identifier: Annotated[str | None, typer.Option("--identifier", help="KIND=VALUE, for example local=G-1.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="Address, or a line of it.")] = None,
    person_id: Annotated[str | None, typer.Option("--person-id", help="Id, to see whether the rest fits it.")] = None,
    purpose: Purpose = "civil-registration",
    case: Case = None,
    wait_for: WaitFor = None,
    role: Role = "registrar",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Find a person by at least two things that are known. Exit code: 0 found, 3 nobody, 1 not possible.

    What is typed here may stay in the history of the shell: on a shared machine leave the line out of it.
    """
    with kindly():
        traits: dict[str, Any] = {"full_name": name, "birth_on": born, "address": address, "person_id": person_id}
        traits["identifier"] = _read_identifier(identifier)
        question = {"case": find_case(case, url, token), "purpose": purpose}
        question |= {trait: value for trait, value in traits.items() if value is not None}
        with open_client(region, role, url, token) as client:
            parameters = {"wait_for": wait_for} if wait_for else {}
            told = ask(client, "POST", _PATH, json=question, params=parameters)
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        from services.projections.client.people import render_found

        print_parts(render_found(told))
    if not told["found"]:
        raise typer.Exit(NOBODY)


def _read_identifier(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    kind, equals, value = text.partition("=")
    if not (kind and equals and value):
        raise CannotGoOn("--identifier takes KIND=VALUE, for example local=G-1.")
    return {"kind": kind.strip(), "value": value.strip()}
