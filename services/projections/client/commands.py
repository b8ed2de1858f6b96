"""The commands of those who read and of those who run it. Each piece is mounted here."""

import typer

from services.projections.client import person, rebuild, set_aside


def register(app: typer.Typer) -> None:
    """Mount the commands on the program's app."""
    person.register(app)
    set_aside.register(app)
    rebuild.register(app)
