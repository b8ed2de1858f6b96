"""`domicile schemas`: look at the contract, check it, seal it."""

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[
    Path | None, typer.Option("--folder", help="Folder of the contract; default: the one that came with this program.")
]


def register(app: typer.Typer) -> None:
    """Adds the group `schemas` to the command line."""
    group = typer.Typer(help="The contract: event types, vocabularies, seals.", no_args_is_help=True)
    group.command("list")(list_schemas)
    group.command("show")(show)
    group.command("check")(check)
    group.command("seal")(seal)
    group.command("new")(new)
    group.command("pages")(pages)
    app.add_typer(group, name="schemas")


def list_schemas(folder: Folder = None) -> None:
    """List all event types and blocks: schema id, version, context, name, what it says."""
    from services.kernel.contract.catalog import Catalog

    catalog = Catalog.load(folder)
    for event in catalog.events:
        typer.echo(f"{event.schema_id:>4}  v{event.version}  {event.context:<12}  {event.name:<24}  {event.doc}")
    for block in catalog.blocks:
        typer.echo(f"{block.schema_id:>4}  v{block.version}  {'blocks':<12}  {block.name:<24}  {block.doc}")


def show(
    name: Annotated[str, typer.Argument(help="Name of an event type, a block or a vocabulary.")],
    folder: Folder = None,
) -> None:
    """Show one event type with its fields and an example, a block, or a vocabulary."""
    from services.kernel.contract.catalog import Catalog
    from services.kernel.contract.refusals import UnknownEventType
    from services.kernel.contract.show import describe

    try:
        text = describe(Catalog.load(folder), _root(folder), name)
    except UnknownEventType as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    typer.echo(text)


def check(folder: Folder = None) -> None:
    """Check seals, shapes, names, privacy, the forbidden vocabulary, compatibility and examples."""
    from services.kernel.contract.check import check_contract

    problems = check_contract(_root(folder))
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        typer.echo(f"{len(problems)} problem(s).", err=True)
        raise typer.Exit(1)
    typer.echo("The contract is in order.")


def seal(folder: Folder = None) -> None:
    """Seal what is new, for ever, and give it its schema ids. What was sealed before stays as it is."""
    from services.kernel.contract.check import check_contract
    from services.kernel.contract.seal import UNSEALED
    from services.kernel.contract.seal import seal as seal_new

    problems = [problem for problem in check_contract(_root(folder)) if problem.what != UNSEALED]
    if problems:
        for problem in problems:
            typer.echo(str(problem), err=True)
        typer.echo("Nothing was sealed.", err=True)
        raise typer.Exit(1)
    done = seal_new(_root(folder))
    typer.echo("\n".join(done) or "Everything was sealed already.")


def new(
    context: Annotated[str, typer.Argument(help="registration, migration, service, geography or audit.")],
    name: Annotated[str, typer.Argument(help="Name of the event type, in the past tense: BirthRegistered.")],
    folder: Folder = None,
) -> None:
    """Start a new event type, or the next version of one, with the envelope already in it."""
    from services.kernel.contract.scaffold import create_schema

    try:
        typer.echo(create_schema(_root(folder), context, name).as_posix())
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def pages(
    output: Annotated[Path, typer.Option("--output", help="Where the pages go.")] = Path("docs/reference"),
    folder: Folder = None,
) -> None:
    """Write the reference pages (Markdown) from the schemas."""
    from services.kernel.contract.catalog import Catalog
    from services.kernel.contract.pages import write_pages

    for path in write_pages(Catalog.load(folder), output):
        typer.echo(path.as_posix())


def _root(folder: Path | None) -> Path:
    from services.kernel.contract.catalog import DEFAULT_FOLDER

    return folder or DEFAULT_FOLDER
