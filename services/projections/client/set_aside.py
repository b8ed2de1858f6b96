"""`domicile set-aside`: look at records that could not be applied, try them again, give them up with a reason."""

import json
from collections.abc import Iterable
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.kernel.asking import FAILED, AsJson, Region, Token, Url, ask, kindly
from services.projections.client.door import open_client

Place = Annotated[str, typer.Argument(help="projection:topic:partition:offset, as `list` shows it.")]
Places = Annotated[list[str], typer.Argument(help="One or several, as `list` shows them; `all`: all that wait.")]
Why = Annotated[str | None, typer.Option("--why", help="A sentence for the record of who did what.")]


def register(app: typer.Typer) -> None:
    """Mount the commands on the program's app."""
    group = typer.Typer(help="Records that could not be applied: look, try again, skip.", no_args_is_help=True)
    group.command("list")(list_entries)
    group.command("show")(show)
    group.command("retry")(retry)
    group.command("skip")(skip)
    app.add_typer(group, name="set-aside")


def list_entries(
    region: Region,
    projection: Annotated[str | None, typer.Option(help="Only of this projection.")] = None,
    state: Annotated[str | None, typer.Option(help="waiting or skipped.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """What is set aside: place, since when, why, how often it was tried."""
    with kindly(), open_client(region, "operator", url, token) as client:
        entries = _list(client, projection, state)
    if as_json:
        typer.echo(json.dumps(entries))
        return
    for entry in entries:
        reason = entry["reason"] + (f" ({entry['error']})" if entry["error"] else "")
        since, tried = entry["set_aside_at"][:19], entry["attempts"]
        typer.echo(f"{_name(entry)}  {entry['state']}  since {since}  tried {tried} times  {reason}")
    typer.echo(f"{len(entries)} set aside" if entries else "Nothing is set aside.")


def show(region: Region, place: Place, url: Url = None, token: Token = None) -> None:
    """One of them as JSON: its type and ids, and what was done about it. Nothing of what it says about anybody."""
    with kindly(), open_client(region, "operator", url, token) as client:
        typer.echo(json.dumps(ask(client, "GET", _path(place)), indent=2))


def retry(region: Region, places: Places, why: Why = None, url: Url = None, token: Token = None) -> None:
    """Try again, after the cause was mended. Exit code 1 if something is still set aside. Repeating it is harmless."""
    with kindly(), open_client(region, "operator", url, token) as client:
        if "all" in places:
            places = [_name(entry) for entry in _list(client, None, "waiting")]
        outcomes = []
        for place, path in _paths(places).items():
            outcomes.append(ask(client, "POST", f"{path}:retry", json={"why": why})["outcome"])
            typer.echo(f"{place}  {outcomes[-1]}")
    if "still-set-aside" in outcomes:
        raise typer.Exit(FAILED)


def skip(
    region: Region,
    places: Annotated[list[str], typer.Argument(help="One or more places, as `list` shows them.")],
    why: Annotated[str, typer.Option("--why", help="Why it may be left out for good; a rebuild leaves it out too.")],
    url: Url = None,
    token: Token = None,
) -> None:
    """Give up one or several, for one reason. The people whom they are about stay marked as incomplete.

    Every place is looked at before the first is skipped. Repeating it is harmless.
    """
    with kindly(), open_client(region, "operator", url, token) as client:
        paths = _paths(places)
        for path in paths.values():
            ask(client, "GET", path)
        for place, path in paths.items():
            outcome = ask(client, "POST", f"{path}:skip", json={"why": why})["outcome"]
            typer.echo(f"{place}  {outcome}")


def _list(client: Any, projection: str | None, state: str | None) -> list[dict[str, Any]]:
    given = {"projection": projection, "state": state}
    parameters = {name: value for name, value in given.items() if value is not None}
    entries: list[dict[str, Any]] = []
    while True:
        page = ask(client, "GET", "/v1/set-aside", params=parameters)
        entries += page["set_aside"]
        if page["next"] is None:
            return entries
        parameters["after"] = page["next"]


def _name(entry: dict[str, Any]) -> str:
    return f"{entry['projection']}:{entry['topic']}:{entry['partition']}:{entry['offset']}"


def _paths(places: Iterable[str]) -> dict[str, str]:
    """Each place once. Raises for a misspelt one before anything is done to another."""
    return {place: _path(place) for place in dict.fromkeys(places)}


def _path(place: str) -> str:
    parts = place.split(":")
    if len(parts) != 4:
        raise typer.BadParameter("A place is projection:topic:partition:offset, as `domicile set-aside list` shows it.")
    return "/v1/set-aside/" + "/".join(quote(part, safe="") for part in parts)
