"""The command line. Each piece brings its own commands; here they only come together."""

import importlib
from importlib.util import find_spec

import typer

# Every one of these has `register(app)`, and imports what is heavy only when a command runs.
_COMMANDS = (
    "deploy.local.commands",
    "deploy.demo.commands",
    "services.ingest.client.commands",
    "services.kernel.identity.commands",
    "services.kernel.contract.commands",
)


def make_app() -> typer.Typer:
    app = typer.Typer(
        name="domicile",
        help="Domicile keeps a population register on an event log. Start with `domicile up`.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for module in _COMMANDS:
        if _exists(module):
            importlib.import_module(module).register(app)
    return app


def main() -> None:
    make_app()()


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    main()
