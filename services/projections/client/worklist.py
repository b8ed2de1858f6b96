"""`domicile worklist`: what waits for an office. Everybody whom a page shows is recorded as read."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from services.kernel.asking import AsJson, Region, Token, Url, ask, kindly
from services.projections.client.door import open_client
from services.projections.client.looking import Purpose, Role, print_parts

_PAGE = 200


class Worklist(StrEnum):
    """The lists that there are."""

    FINDINGS = "findings"
    UNCONFIRMED_DEPARTURES = "unconfirmed-departures"
    POSSIBLE_DUPLICATES = "possible-duplicates"
    SET_ASIDE = "set-aside"


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("worklist")(worklist)


def worklist(
    region: Region,
    name: Annotated[Worklist, typer.Argument(help="Which list.")],
    area: Annotated[str | None, typer.Option(help="Only of this area and what lies in it.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only of this kind; not for departures.")] = None,
    purpose: Purpose = "civil-registration",
    limit: Annotated[int, typer.Option(help="How many.", min=1, max=_PAGE)] = 50,
    everything: Annotated[bool, typer.Option("--all", help="All of them, however many.")] = False,
    role: Role = "registrar",
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """What waits for an office: contradictions, unconfirmed departures, possible duplicates, what is set aside.

    Ids and what is the matter, never particulars. Whom it shows is recorded as read.
    """
    with kindly(), open_client(region, role, url, token) as client:
        given = {"area": area, "kind": kind, "purpose": purpose, "limit": _PAGE if everything else limit}
        asked: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
        page = ask(client, "GET", f"/v1/worklists/{name.value}", params=asked)
        items = page["items"]
        while everything and page["next"]:
            page = ask(client, "GET", f"/v1/worklists/{name.value}", params={**asked, "cursor": page["next"]})
            items += page["items"]
    if as_json:
        typer.echo(json.dumps({"items": items, "next": page["next"]}, ensure_ascii=False))
        return
    from services.projections.client.people import render_worklist

    print_parts(render_worklist(name.value, items, page["next"] is not None))
