"""`domicile demo`. Imports stand inside: `--help` has to be quick."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Mount the demo."""
    app.command("demo")(demo)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running at the end.")] = False,
    fast: Annotated[bool, typer.Option("--fast", help="Only one person in twenty, for a quick look.")] = False,
) -> None:
    """Show what Domicile does: two counties' public tables become events in two regions.

    The state is kept in .local (or DOMICILE_HOME); playing it again doubles nothing.
    """
    from deploy.demo.play import Interrupted, play
    from deploy.local.layout import StackError, find_home
    from services.kernel.asking import CannotGoOn
    from services.kernel.errors import DomicileError

    try:
        play(find_home(), keep=keep, fast=fast)
    except Interrupted:
        typer.echo("Interrupted. Play it again to go on; nothing is doubled.", err=True)
        raise typer.Exit(130) from None
    except (StackError, CannotGoOn, DomicileError, RuntimeError) as wrong:
        typer.echo(f"The demo stopped: {wrong}", err=True)
        raise typer.Exit(1) from None
