"""The commands `domicile exchange …`. Each piece is mounted here."""

import typer

from services.exchange.client import (
    answering,
    conversations,
    members,
    pairings,
    proofs,
    reconciliation,
    scorecards,
    worklist,
)


def register(app: typer.Typer) -> None:
    """Mount the commands on the program's app."""
    group = typer.Typer(help="What this region and others say to each other.", no_args_is_help=True)
    worklist.register(group)
    conversations.register(group)
    answering.register(group)
    pairings.register(group)
    members.register(group)
    proofs.register(group)
    reconciliation.register(group)
    scorecards.register(group)
    app.add_typer(group, name="exchange")
