"""`domicile up`, `down`, `status`, `reset`, `logs`. Imports stand inside: `--help` has to be quick."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from deploy.local.options import Options


def register(app: typer.Typer) -> None:
    """Mount the commands of the local stack."""
    app.command("up")(up)
    app.command("down")(down)
    app.command("status")(status)
    app.command("logs")(logs)
    app.command("reset")(reset)


def up(
    regions: Annotated[str | None, typer.Option(help="Names, comma-separated. At first: gotland,jamtland.")] = None,
    brokers: Annotated[int | None, typer.Option(help="1, or 3 for a log that outlives a broker.")] = None,
    port_base: Annotated[int | None, typer.Option(help="Take fixed ports from here on.")] = None,
    services: Annotated[bool | None, typer.Option(help="Without: the log and the database alone.")] = None,
    foreground: Annotated[bool, typer.Option(help="Stay here; Ctrl-C stops everything.")] = False,
) -> None:
    """Start everything on this machine: the log, the database, and each region's services.

    What is already running is left alone. Without options it starts as it did the last time.
    """
    from rich.console import Console

    from deploy.local import stack
    from deploy.local.layout import StackError

    home = _get_home()
    console = Console(stderr=True, highlight=False)
    try:
        options = _choose_options(home, regions, brokers=brokers, port_base=port_base, services=services)
        if foreground:
            raise typer.Exit(stack.run_in_foreground(home, options, console.print))
        running = stack.start(home, options, lambda line: console.print(f"  {line} …", style="dim"))
    except StackError as wrong:
        _fail(str(wrong))
    console.print(f"Kafka is at {running.kafka}; regions: {', '.join(running.regions)}.")
    console.print("`domicile status` shows more, `domicile down` stops it.")


def down() -> None:
    """Stop everything, in order. Nothing that was recorded is lost."""
    from deploy.local import stack

    if stack.stop(_get_home(), lambda line: typer.echo(f"  {line} …", err=True)):
        typer.echo("Stopped. The data stay; `domicile up` goes on from here.", err=True)
    else:
        typer.echo("Nothing was running.", err=True)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print addresses and processes as one JSON object.")] = False,
) -> None:
    """Show what runs: processes, memory, addresses, health."""
    import json

    from deploy.local import stack
    from deploy.local.layout import Layout, find_json

    home = _get_home()
    running = stack.find_running(home)
    if running is None:
        phase = stack.find_phase(home)
        _fail(f"Not yet: {phase}." if phase else "Nothing is running here. `domicile up` starts it.")
    from rich.console import Console

    from deploy.local.status import list_rows, make_table

    if as_json:
        addresses = find_json(Layout(home).stack) or {}
        processes = [row.as_json() for row in list_rows(running)]
        typer.echo(json.dumps({**addresses, "processes": processes}, indent=2))
        return
    Console().print(make_table(list_rows(running), home))


def logs(
    process: Annotated[str | None, typer.Argument(help="For example gotland-ingest. Default: all.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 20,
) -> None:
    """Show what the processes have written."""
    from deploy.local.layout import Layout
    from deploy.local.log_files import follow_logs, read_ends

    files = sorted(Layout(_get_home()).logs.glob("*.log"))
    chosen = [file for file in files if process in (None, file.stem)]
    if not chosen:
        known = ", ".join(file.stem for file in files) or "none yet"
        _fail(f"There is no log of {process or 'anything'}. There are: {known}.")
    for line in read_ends(chosen, lines):
        typer.echo(line)
    if follow:
        try:
            for line in follow_logs(chosen):
                typer.echo(line)
        except KeyboardInterrupt:
            raise typer.Exit from None


def reset(yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop everything and DELETE it: the log, the databases, the keys. Cannot be undone."""
    from deploy.local import stack

    home = _get_home()
    if not home.is_dir():
        typer.echo("There is nothing to delete.", err=True)
        return
    if not yes:
        typer.confirm(f"Delete every event, register and key in {home}?", abort=True)
    stack.dangerous_reset(home, report=lambda line: typer.echo(f"  {line} …", err=True))
    typer.echo("Deleted.", err=True)


def _choose_options(home: Path, regions: str | None, **asked: Any) -> "Options":
    """What was asked for, and for the rest what the last start had."""
    from dataclasses import replace

    from deploy.local.layout import Layout
    from deploy.local.options import Options, find_options, read_outside_servers

    kept = find_options(Layout(home)) or Options()
    outside = read_outside_servers()
    if regions is not None:
        asked["regions"] = tuple(part.strip() for part in regions.split(","))
    return replace(kept, **outside, **{name: value for name, value in asked.items() if value is not None})


def _get_home() -> Path:
    from deploy.local.layout import find_home

    return find_home()


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
