"""The commands of the sender's side: `post`, `import`, `log tail`, `geography load`, `geography import`.

What they need is imported when they run, so that `domicile --help` answers at once.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

Region = Annotated[str, typer.Argument(help="Name of the region, for example north.")]
Url = Annotated[str | None, typer.Option("--url", help="Address of its ingest. Default: the local stack's.")]
Token = Annotated[
    str | None,
    typer.Option("--token", help="Bearer token. Default: DOMICILE_TOKEN, else one made for the local stack."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check everything, record nothing.")]

_FAILED = 1
_REFUSED = 2
_SOME_REFUSED = 3


def register(app: typer.Typer) -> None:
    """Mount the commands on the program's app."""
    app.command("post")(post)
    app.command("import")(import_file)
    log = typer.Typer(help="Read the log of a region.", no_args_is_help=True)
    log.command("tail")(tail)
    # A group of one command would be shown as the command itself.
    log.callback()(lambda: None)
    app.add_typer(log, name="log")
    geography = typer.Typer(help="The map of a region.", no_args_is_help=True)
    geography.command("load")(load)
    geography.command("import")(import_map)
    app.add_typer(geography, name="geography")


def post(
    region: Region,
    file: Annotated[str, typer.Argument(help="A file with one event, an array, or one event per line; - is input.")],
    role: Annotated[str, typer.Option(help="In which role, on the local stack.")] = "registrar",
    dry_run: DryRun = False,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Post events by hand. Exit code: 0 all recorded, 2 something refused, 1 not possible now."""
    import json

    from services.ingest.client import posting
    from services.ingest.client.door import open_door

    with _kindly():
        text = posting.read_posts(file)
        posted = posting.post(open_door(region, role, url, token), text, dry_run)
    for outcome in posted.outcomes:
        typer.echo(json.dumps(outcome, ensure_ascii=False) if as_json else posting.as_text(outcome))
    if posted.refused:
        raise typer.Exit(_REFUSED)


def import_file(
    region: Region,
    file: Annotated[Path, typer.Argument(help="NDJSON or CSV (also .gz), Avro or Parquet.")],
    mapping: Annotated[
        Path | None, typer.Option(help="Which column is which field: CSV needs it, Parquet may have it.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, max=5000, help="Rows per request.")] = 2000,
    concurrency: Annotated[int, typer.Option(min=1, max=64, help="Requests at the same time.")] = 4,
    dry_run: DryRun = False,
    restart: Annotated[bool, typer.Option("--restart", help="Forget how far an earlier run came.")] = False,
    identity: Annotated[
        str, typer.Option(help="Name of the file for rows without an event_id. Default: from its content.")
    ] = "",
    role: Annotated[str, typer.Option(help="In which role, on the local stack.")] = "importer",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, only what needs attention.")] = False,
    as_json: AsJson = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Import a file of any size. After Ctrl-C the same command goes on; nothing is doubled.

    Rows that are refused come back in FILE.rejected.ndjson with the reasons.

    Exit code: 0 all recorded, 3 some rows refused, 1 stopped or not possible.
    """
    import threading

    from services.ingest.client.door import open_door
    from services.ingest.client.importing import GO_ON, Import, Order
    from services.ingest.client.interrupts import stop_on_signals
    from services.ingest.client.progress import open_progress
    from services.ingest.client.summary import as_json_line, as_text

    order = Order(file, mapping, batch, concurrency, dry_run, restart, identity)
    stop = threading.Event()
    with _kindly():
        door = open_door(region, role, url, token)
        with stop_on_signals(stop), open_progress(file.name, quiet) as progress:
            summary = Import(door, order, progress, stop).run()
    typer.echo(as_json_line(summary) if as_json else as_text(summary, dry_run))
    if not summary.finished:
        typer.echo(f"Stopped after row {summary.rows:,}. {GO_ON if not dry_run else ''}", err=True)
        raise typer.Exit(_FAILED)
    if summary.refused:
        raise typer.Exit(_SOME_REFUSED)


def tail(
    region: Region,
    types: Annotated[list[str] | None, typer.Option("--type", help="Only this type; may be repeated.")] = None,
    person: Annotated[str | None, typer.Option(help="Only events about this person_id.")] = None,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="Everything, oldest first.")] = False,
    last: Annotated[int, typer.Option(min=0, help="How many of the last events.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as events are recorded.")] = False,
    as_json: AsJson = False,
    kafka: Annotated[str | None, typer.Option(help="Bootstrap servers. Default: the local stack's.")] = None,
) -> None:
    """Print events of a region's log, decoded. Personal particulars are shown as sealed."""
    from uuid import UUID

    from services.ingest.client import tailing
    from services.ingest.client.door import find_kafka
    from services.kernel.contract.catalog import Catalog
    from services.kernel.log.reader import LogReader

    with _kindly():
        wanted = tailing.Filter(frozenset(types or ()), UUID(person) if person else None)
        show = tailing.as_json if as_json else tailing.as_text
        catalog = Catalog.load()
        for name in wanted.types:
            catalog.get_event(name)
        reader = LogReader(find_kafka(kafka))
        try:
            log = tailing.Tail(reader, region, catalog)
            ranges = log.ranges()
            for event in log.all(ranges, wanted) if from_beginning else log.last(last, ranges, wanted):
                typer.echo(show(event))
            if follow:
                for event in log.follow(ranges, wanted):
                    typer.echo(show(event))
        except KeyboardInterrupt:
            return
        finally:
            reader.close()


def load(
    region: Region,
    file: Annotated[Path, typer.Argument(help="CSV: code,name,level,valid_from[,parent,kind]; or NDJSON posts.")],
    office: Annotated[str, typer.Option(help="The office that keeps the map.")] = "map",
    url: Url = None,
    token: Token = None,
) -> None:
    """Post the areas of a region's map. Loading the same file again changes nothing."""
    from services.ingest.client.areas import load_areas, read_areas
    from services.ingest.client.door import open_door
    from services.kernel.asking import CannotGoOn

    with _kindly():
        if not file.is_file():
            raise CannotGoOn(f"There is no file {file}.", "docs/import.md says what a table of areas looks like.")
    if file.suffix.lower() != ".csv":
        import_file(region, file, role="geographer", url=url, token=token)
        return
    with _kindly():
        door = open_door(region, "geographer", url, token)
        loaded = load_areas(
            door, read_areas(file, region, office), lambda text: typer.echo(text, err=True) if text else None
        )
    for code, item in loaded.refused:
        typer.echo(f"refused area {code}: {item.code} {item.path}\n  rule:   {item.rule}\n  remedy: {item.remedy}")
    typer.echo(
        f"{loaded.recorded:,} areas recorded, {loaded.repeated:,} known already, {len(loaded.refused):,} refused"
    )
    if not loaded.known:
        typer.echo("Ingest does not answer for them yet; events that name them may have to wait.", err=True)
    if loaded.refused:
        raise typer.Exit(_SOME_REFUSED)


def import_map(
    region: Region,
    files: Annotated[list[Path], typer.Argument(help="Published lists of areas and changes: CSV, also .gz.")],
    form: Annotated[str, typer.Option("--format", help="gb2260 (China) or psgc (Philippines).")],
    dry_run: DryRun = False,
    link_same_name: Annotated[
        bool, typer.Option("--link-same-name", help="gb2260: take a unique equal name as succession.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write the rows somebody should look at, with reasons, as CSV.")
    ] = None,
    office: Annotated[str, typer.Option(help="The office that keeps the map.")] = "map",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    url: Url = None,
    token: Token = None,
) -> None:
    """Import published lists of areas and of changes to them. Importing them again changes nothing.

    Exit code: 0 all recorded, 3 some posts refused, 1 stopped or not possible.
    """
    from services.ingest.client.maps import importing

    order = importing.Order(region, tuple(files), form, office, dry_run, link_same_name, report, quiet)
    with _kindly():
        imported = importing.import_map(order, url, token, typer.echo)
    if imported.refused:
        raise typer.Exit(_SOME_REFUSED)
    if not imported.known:
        raise typer.Exit(_FAILED)


@contextmanager
def _kindly() -> Iterator[None]:
    """Says what is wrong in a sentence instead of a traceback."""
    from services.kernel.asking import CannotGoOn
    from services.kernel.errors import DomicileError

    try:
        yield
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has seen enough
        raise typer.Exit(0) from None
    except (CannotGoOn, DomicileError) as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(_FAILED) from None
    except ValueError as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(_REFUSED) from None
