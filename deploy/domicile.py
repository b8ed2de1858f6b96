"""The command line. Each piece brings its own commands; here they only come together."""

import os
import sys
from collections.abc import Mapping

import typer

# Each has `register(app)`, and imports what is heavy only when a command runs: `--help` has to be quick.
from deploy.demo import commands as demo
from deploy.local import commands as local
from services.exchange.client import commands as exchange
from services.ingest.client import commands as ingest
from services.kernel.contract import commands as contract
from services.kernel.identity import commands as identity
from services.kernel.settings import PREFIX, SHARED_NAMES, find_misspelt
from services.projections.client import commands as projections

_PIECES = (local, demo, ingest, projections, exchange, identity, contract)
_OWN = {f"{PREFIX}TOKEN", f"{PREFIX}READ_DATABASE_URL", f"{PREFIX}ANALYSIS_DATABASE_URL"}
"""Read by commands, not by services alone."""


def make_app() -> typer.Typer:
    """All commands; for `main` and for tests."""
    app = typer.Typer(
        name="domicile",
        help="Domicile keeps a population register on an event log. Start with `domicile up` or `domicile demo`.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for piece in _PIECES:
        piece.register(app)
    return app


def main() -> None:
    """The entry point of the script `domicile`. A misspelt setting would mean another folder or another region."""
    problems = find_misspelt(_without_passed_on(os.environ), SHARED_NAMES | _OWN)
    if problems:
        sys.exit(" ".join(f"{problem}." for problem in problems))
    make_app()()


def _without_passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """Services name what is wrong with what is theirs."""
    passed = tuple(f"{PREFIX}{name}_" for name in ("INGEST", "PROJECTIONS", "EXCHANGE", "TEST"))
    return {name: value for name, value in environ.items() if not name.startswith(passed)}


if __name__ == "__main__":
    main()
