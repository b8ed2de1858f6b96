"""The commands of those who read and of those who run it. Each piece is mounted here."""

import typer

from services.projections.client import (
    find,
    flows,
    indicator,
    person,
    population,
    projections,
    rebuild,
    set_aside,
    worklist,
)


def register(app: typer.Typer) -> None:
    """Mount the commands on the program's app."""
    person.register(app)
    find.register(app)
    worklist.register(app)
    indicator.register(app)
    population.register(app)
    flows.register(app)
    projections.register(app)
    set_aside.register(app)
    rebuild.register(app)
