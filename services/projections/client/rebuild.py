"""`domicile rebuild`: starts the process that rebuilds, with the region's settings, and shows how far it is.

A rebuild makes tables, which the service may not, reads the whole log, and uses all processors that it is given: so it
is a process of its own, that an operator may watch, slow down, end and begin again without touching the service.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from services.kernel.asking import FAILED, AsJson, Region

_MODULE = "services.projections"
_DIFFERENT, _CANCELLED = 4, 5


def register(app: typer.Typer) -> None:
    """Mount the command on the program's app."""
    app.command("rebuild")(rebuild)


def rebuild(
    region: Region,
    projections: Annotated[list[str] | None, typer.Argument(help="Which; all if none is named.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Compare, do not switch, drop the build.")] = False,
    accept_differences: Annotated[
        bool, typer.Option("--accept-differences", help="Switch whatever the comparison says.")
    ] = False,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the build that was live before.")] = False,
    cancel: Annotated[bool, typer.Option("--cancel", help="End what is under way or was interrupted.")] = False,
    as_json: AsJson = False,
) -> None:
    """Build projections anew from the log, beside the live tables, and switch when both are equal.

    Serving goes on all the while. Interrupted, the same command goes on.

    Exit code: 0 done, 3 stopped for a reason that it says, 4 the tables differ, 5 cancelled.
    """
    chosen = {"--verify": verify, "--accept-differences": accept_differences, "--rollback": rollback}
    arguments = [*(projections or []), *(option for option, wanted in chosen.items() if wanted)]
    environment = _find_environment(region)
    if cancel:
        raise typer.Exit(_start([*arguments, "--cancel", *(["--json"] if as_json else [])], environment).wait())
    if as_json:
        raise typer.Exit(_wait(_start([*arguments, "--json"], environment)))
    raise typer.Exit(_show(_start([*arguments, "--json"], environment, subprocess.PIPE), environment))


def _find_environment(region: str) -> dict[str, str]:
    """Ours, if it holds the settings of this region; else those of the local stack."""
    if os.environ.get("DOMICILE_REGION") == region and os.environ.get("DOMICILE_OWNER_DATABASE_URL"):
        return dict(os.environ)
    home = Path(os.environ.get("DOMICILE_HOME") or ".local").absolute()
    try:
        settings = json.loads((home / "regions" / region / "settings-projections.json").read_text())
    except (OSError, ValueError):
        typer.echo(
            f"The local stack has no region {region!r}. Start it with `domicile up`; or set DOMICILE_REGION and the"
            " other settings of its projections, the owner's login too.",
            err=True,
        )
        raise typer.Exit(FAILED) from None
    own = "DOMICILE_PROJECTIONS_"
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_") or name.startswith(own)
    }
    folder = {f"{own}REBUILD_FOLDER": str(home / "regions" / region / "rebuild")}
    return {**folder, **kept, **settings}


def _start(arguments: list[str], environment: dict[str, str], stdout: int | None = None) -> "subprocess.Popen[bytes]":
    # In a session of its own: what Ctrl-C means is asked first.
    return subprocess.Popen(
        [sys.executable, "-m", _MODULE, "rebuild", *arguments],
        env=environment,
        stdout=stdout,
        start_new_session=stdout is not None,
    )


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Until it has ended; whoever ends us ends it, too."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.send_signal(signal.SIGTERM)
        process.wait()
        return 128 + signal.SIGINT


def _show(process: "subprocess.Popen[bytes]", environment: dict[str, str]) -> int:
    """Lines of JSON as a bar, or as a line now and then."""
    screen = _open_screen()
    assert process.stdout
    lines = process.stdout
    while True:
        try:
            for line in iter(lines.readline, b""):
                screen.take(json.loads(line))
            code = process.wait()
            screen.close()
            return code
        except KeyboardInterrupt:
            screen.close()
            answer = _interrupt(process, environment)
            if answer is not None:
                return answer
            screen = _open_screen()


def _interrupt(process: "subprocess.Popen[bytes]", environment: dict[str, str]) -> int | None:
    """Ctrl-C asks; nobody to ask means: stop, and go on another time."""
    answer = "s"
    if sys.stdin.isatty():
        answer = typer.prompt("Go on (g), stop and go on another time (s), or cancel and drop it (c)?", default="g")
    if answer == "g":
        return None
    process.send_signal(signal.SIGTERM)
    process.wait()
    if answer == "c":
        _start(["--cancel"], environment).wait()
        return _CANCELLED
    typer.echo("Stopped. The same command goes on from there; --cancel drops what there is.", err=True)
    return 128 + signal.SIGINT


def _open_screen() -> "_Lines":
    return _Bar() if sys.stderr.isatty() else _Lines()


class _Lines:
    """For whoever keeps what is written."""

    every_s = 5.0

    def __init__(self) -> None:
        self._phase, self._since_s, self._first, self._told_s = "", 0.0, 0, 0.0

    def take(self, line: dict[str, Any]) -> None:
        if "say" in line:
            self.write(line["say"])
        elif "outcome" in line:
            self.write(line["told"])
        else:
            self._progress(line["phase"], line["done"], line["total"])

    def _progress(self, phase: str, done: int, total: int) -> None:
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._since_s, self._first = phase, now, done
        elif now < self._told_s + self.every_s:
            return
        self._told_s = now
        self.progress(phase, done, total, (done - self._first) / max(now - self._since_s, 0.1))

    def progress(self, phase: str, done: int, total: int, rate: float) -> None:
        left = f", {rate:,.0f}/s, about {(total - done) / rate:,.0f} s left of this phase" if rate and total else ""
        self.write(f"{phase}: {done:,} of {total:,}{left}" if total else f"{phase} …")

    def write(self, text: str) -> None:
        typer.echo(text, err=True)

    def close(self) -> None:
        pass


class _Bar(_Lines):
    """For a terminal."""

    every_s = 0.2

    def __init__(self) -> None:
        super().__init__()
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
        )
        self._bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=None, rate="")
        self._bar.start()

    def progress(self, phase: str, done: int, total: int, rate: float) -> None:
        said = f"{rate:,.0f}/s" if total and rate else ""
        self._bar.update(self._task, description=phase, completed=done, total=total or None, rate=said)

    def write(self, text: str) -> None:
        self._bar.console.print(text, highlight=False)

    def close(self) -> None:
        self._bar.stop()
