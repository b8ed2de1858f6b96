"""`domicile exchange chains | evidence`: what can be shown of what regions said to each other."""

import json
from typing import Annotated

import typer

from services.exchange.client.door import open_client
from services.kernel.asking import AsJson, Region, Token, Url, ask, kindly

Message = Annotated[str, typer.Argument(help="Id of the message.")]


def register(group: typer.Typer) -> None:
    """Mount the commands on the group `exchange`."""
    group.command("chains")(chains)
    group.command("evidence")(evidence)


def chains(region: Region, as_json: AsJson = False, url: Url = None, token: Token = None) -> None:
    """How far the letters to and from each partner reach, and where those of a partner have gaps or forks."""
    with kindly(), open_client(region, "auditor", url, token) as client:
        told = ask(client, "GET", "/exchange/v1/chains")["chains"]
    if as_json:
        typer.echo(json.dumps(told))
        return
    for each in told:
        typer.echo(f"{each['partner']:<12} {each['ours']} letters of ours, {each['theirs']} of theirs")
        if each["under_way"]:
            typer.echo(f"  {each['under_way']} under way, the oldest since {each['oldest_said_at']}")
        if each["dead"]:
            typer.echo(f"  {each['dead']} dead or rejected: people must find another way")
        for one in each["breaks"]:
            what = "have not come" if one["what"] == "GAP" else "two letters of theirs for one place"
            typer.echo(f"  {one['from']} to {one['to']}: {what}")
        for number in each["root_forks"]:
            typer.echo(f"  two roots of theirs numbered {number}")
        if each["root_forks"] or any(one["what"] == "FORK" for one in each["breaks"]):
            typer.echo(
                "  Their past was changed, or their database restored. Letters still flow, nothing here is wrong."
            )
            typer.echo("  Keep `domicile exchange evidence` of these letters, and tell that region and the federation.")
        elif each["breaks"]:
            typer.echo("  A gap closes when the letters come. One that stays for a day: ask that region's operator.")
    if not told:
        typer.echo("Nothing was said yet.")


def evidence(region: Region, message: Message, url: Url = None, token: Token = None) -> None:
    """Print the signed letter, its signed answer, its place in the chain and its way to a root, as JSON."""
    with kindly(), open_client(region, "auditor", url, token) as client:
        typer.echo(json.dumps(ask(client, "GET", f"/exchange/v1/evidence/{message}"), indent=1))
