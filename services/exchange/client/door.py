"""Where a region's exchange is asked, and with which token: from the options, the environment, or the local stack."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # heavy: `domicile --help` has to answer at once
    import httpx

Region = Annotated[str, typer.Argument(help="Name of the region, for example north.")]
Url = Annotated[str | None, typer.Option("--url", help="Address of its exchange. Default: the local stack's.")]
Token = Annotated[
    str | None,
    typer.Option("--token", help="Bearer token. Default: DOMICILE_TOKEN, else one made for the local stack."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
FAILED = 1
TIMEOUT_S = 20.0


class CannotGoOn(Exception):
    """What is in the way, in a sentence or two."""


def open_client(
    region: str, role: str, url: str | None = None, token: str | None = None, sub: str | None = None
) -> "httpx.Client":
    """A client of the region's exchange. Without `token` (or DOMICILE_TOKEN) one for `role`, local stack only, in the
    name of `sub`."""
    import httpx

    given = token or os.environ.get("DOMICILE_TOKEN")
    if url and not given:
        raise CannotGoOn("An installation that is named by --url needs a token: give --token, or set DOMICILE_TOKEN.")
    home = Path(os.environ.get("DOMICILE_HOME") or ".local")
    address = url or _find_address(home, region)
    bearer = given or _make_token(home, region, role, sub)
    return httpx.Client(base_url=address, headers={"authorization": f"Bearer {bearer}"}, timeout=TIMEOUT_S)


def ask(client: "httpx.Client", method: str, path: str, **more: Any) -> Any:
    """The answer's JSON. CannotGoOn with rule and remedy for a refusal."""
    import httpx

    try:
        answer = client.request(method, path, **more)
    except httpx.HTTPError as error:
        what = type(error).__name__
        raise CannotGoOn(f"Nobody answers at {client.base_url}: {what}. Look at `domicile status`.") from None
    try:
        told = answer.json()
    except ValueError:
        raise CannotGoOn(f"{client.base_url} answered {answer.status_code} without a word of ours.") from None
    if answer.is_error:
        where = f" at {told['path']}" if told.get("path") else ""
        raise CannotGoOn(f"{told.get('title')} ({told.get('code')}{where}). {told.get('rule')} {told.get('remedy')}")
    return told


@contextmanager
def kindly() -> Iterator[None]:
    """What stands in the way is told in a sentence, with exit code 1."""
    try:
        yield
    except CannotGoOn as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(FAILED) from None


def _find_address(home: Path, region: str) -> str:
    try:
        regions = json.loads((home / "stack.json").read_text())["regions"]
    except (OSError, ValueError, KeyError):
        raise CannotGoOn("No local stack is up: `domicile up` starts it; --url and --token name another.") from None
    address = regions.get(region, {}).get("exchange")
    if not address:
        names = ", ".join(sorted(regions))
        raise CannotGoOn(f"The local stack has no exchange of {region!r}. Its regions: {names}.")
    return str(address)


def _make_token(home: Path, region: str, role: str, sub: str | None) -> str:
    from services.kernel.identity.local_keys import identity_folder, issue_token

    try:
        return issue_token(identity_folder(home, region), region, role, sub=sub)
    except FileNotFoundError:
        raise CannotGoOn(f"The local stack has no signing key for {region!r}. Run `domicile up`.") from None
    except ValueError as wrong:
        raise CannotGoOn(f"The local stack makes no such token: {wrong}.") from None
