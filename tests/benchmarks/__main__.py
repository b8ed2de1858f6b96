"""`make bench`, or `python -m tests.benchmarks`: what the platform can do, against its peers."""

import traceback
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.local.layout import StackError
from services.kernel.clock import SystemClock
from tests.benchmarks import report
from tests.benchmarks.profiling import switch
from tests.benchmarks.results import Row
from tests.benchmarks.rows import (
    batch,
    codec,
    exchange,
    imports,
    indicators,
    letters,
    live,
    pairing,
    rebuild,
    reconciliation,
    scorecards,
    single,
    visible,
)
from tests.benchmarks.stage import Stage, open_stage

HOME = Path(__file__).parents[2] / ".local" / "bench"
ROWS: dict[str, tuple[str, Callable[[Stage], Row]]] = {
    "single": (single.TITLE, single.measure),
    "batch": (batch.TITLE, batch.measure),
    "import": (imports.TITLE, imports.measure),
    "codec": (codec.TITLE, codec.measure),
    "visible": (visible.TITLE, visible.measure),
    "live": (live.TITLE, live.measure),
    "rebuild": (rebuild.TITLE, rebuild.measure),
    "indicators": (indicators.TITLE, indicators.measure),
    "exchange": (exchange.TITLE, exchange.measure),
    "letters": (letters.TITLE, letters.measure),
    "pairing": (pairing.TITLE, pairing.measure),
    "scorecard": (scorecards.TITLE, scorecards.measure),
    "reconciliation": (reconciliation.TITLE, reconciliation.measure),
}
OF_INGEST = ("single", "batch", "import")


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"Only this row ({', '.join(ROWS)}); may be repeated.")] = None,
    events: Annotated[int | None, typer.Option(min=100, help="Events of each row, instead of its own number.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few events: whether it works, not how fast.")] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Profile ingest; the figures are then worth nothing.")
    ] = False,
    home: Annotated[Path, typer.Option(help="Where its stack and the results live.")] = HOME,
) -> None:
    """Start a stack, measure each row against its peer, print one table, keep a JSON, stop the stack."""
    names = only or list(ROWS)
    if unknown := sorted(set(names) - ROWS.keys()):
        raise typer.BadParameter(f"there is no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    home = home.absolute()
    console = Console(stderr=True)
    profiles = switch(home / "profiles") if profile else None
    rows: list[Row] = []
    try:
        with open_stage(
            home, events, quick, lambda line: console.print(f"[dim]{line}[/dim]", highlight=False)
        ) as stage:
            for name in ROWS:
                if name in names:
                    rows.append(_measure(name, stage))
    except StackError as wrong:  # a benchmark breaks no build
        console.print(f"[red]not measured:[/red] {wrong}")
    finally:
        if rows:
            report.print_table(rows)
            arguments = {"only": only, "events": events, "quick": quick, "profile": profile}
            console.print(f"kept in {report.keep(rows, home, arguments, SystemClock().now())}")
    if profiles:
        profiles.show(console)


def _measure(name: str, stage: Stage) -> Row:
    """The row; one that fails says so in the table and lets the others run: a benchmark breaks no build."""
    title, measure = ROWS[name]
    try:
        with stage.alone("ingest") if name in OF_INGEST else nullcontext():
            return measure(stage)
    except Exception as error:
        traceback.print_exc()
        return Row(name, title, 0, failed=f"{type(error).__name__}: {error}"[:300])


if __name__ == "__main__":
    typer.run(main)
