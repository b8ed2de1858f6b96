"""`domicile projections`: how far the tables of a region are, what is set aside, and a rebuild that is under way."""

import json
from typing import Any

import typer

from services.kernel.asking import AsJson, Region, Token, Url, ask, kindly
from services.projections.client.door import open_client


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("projections")(show)


def show(region: Region, as_json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """How far the tables are behind the log, what is set aside, how far a rebuild is."""
    with kindly(), open_client(region, "operator", url, token) as client:
        told = ask(client, "GET", "/v1/projections")
    if as_json:
        typer.echo(json.dumps(told))
        return
    for each in told["projections"]:
        typer.echo(describe(each))


def describe(told: dict[str, Any]) -> str:
    """A line about one projection, and one more about a rebuild of it."""
    behind = f"{told['lag_events']:,} events behind ({told['lag_s']:,.1f} s)" if told["lag_events"] else "up to date"
    halted = f", halted: {told['halted']['reason']}" if told["halted"] else ""
    aside = f", {told['set_aside']['waiting']:,} set aside" if told["set_aside"]["waiting"] else ""
    wanted = ", wants a rebuild: `domicile rebuild`" if told["rebuild_wanted"] and not told["rebuild"] else ""
    line = f"{told['projection']}: build {told['version']}, {behind}{aside}{halted}{wanted}"
    return line if told["rebuild"] is None else f"{line}\n  {_describe_rebuild(told['rebuild'])}"


def _describe_rebuild(told: dict[str, Any]) -> str:
    share = f" {told['done']:,} of {told['total']:,} ({told['done'] / told['total']:.0%})" if told["total"] else ""
    silent = f"; nothing was heard of it since {told['updated_at'][:19]}" if told["silent"] else ""
    return f"rebuild: build {told['number']}, {told['phase']}{share}{silent}"
