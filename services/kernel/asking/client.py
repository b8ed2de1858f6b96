"""Asks one service: options that all commands know, a client from them, answers read, refusals told in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.kernel.asking.local_stack import find_address, given_token, make_token
from services.kernel.asking.problems import CannotGoOn

if TYPE_CHECKING:  # heavy: `domicile --help` has to answer at once
    import httpx

Region = Annotated[str, typer.Argument(help="Name of the region, for example north.")]
Url = Annotated[str | None, typer.Option("--url", help="Address of the service. Default: the local stack's.")]
Token = Annotated[
    str | None,
    typer.Option("--token", help="Bearer token. Default: DOMICILE_TOKEN, else one made for the local stack."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
FAILED = 1


def open_service(
    name: str,
    region: str,
    role: str,
    url: str | None = None,
    token: str | None = None,
    *,
    sub: str | None = None,
    timeout_s: float,
) -> "httpx.Client":
    """A client of a region's service; `name`: of local_stack.SERVICES. Without `token` (or DOMICILE_TOKEN) one for
    `role`, local stack only, in the name of `sub`.
    """
    import httpx

    given = given_token(token, url)
    address = url or find_address(region, name)
    bearer = given or make_token(region, role, sub=sub)
    return httpx.Client(base_url=address, headers={"authorization": f"Bearer {bearer}"}, timeout=timeout_s)


def ask(client: "httpx.Client", method: str, path: str, **more: Any) -> Any:
    """The answer's JSON. CannotGoOn with rule and remedy for a refusal."""
    return _read(client, _send(client, method, path, **more))


def ask_text(client: "httpx.Client", path: str, **more: Any) -> str:
    """The answer as text, for what is not JSON. CannotGoOn as in `ask`."""
    answer = _send(client, "GET", path, **more)
    if answer.is_error:
        _read(client, answer)
    return answer.text


@contextmanager
def kindly() -> Iterator[None]:
    """What stands in the way is told in a sentence, with exit code 1."""
    try:
        yield
    except CannotGoOn as wrong:
        typer.echo(str(wrong), err=True)
        raise typer.Exit(FAILED) from None


def _send(client: "httpx.Client", method: str, path: str, **more: Any) -> "httpx.Response":
    import httpx

    try:
        return client.request(method, path, **more)
    except httpx.InvalidURL:
        raise CannotGoOn("What was given is too long, or cannot stand in an address.") from None
    except httpx.HTTPError as error:
        what = type(error).__name__
        raise CannotGoOn(f"Nobody answers at {client.base_url}: {what}.", "Look at `domicile status`.") from None


def _read(client: "httpx.Client", answer: "httpx.Response") -> Any:
    try:
        told = answer.json()
    except ValueError:
        raise CannotGoOn(f"{client.base_url} answered {answer.status_code} without a word of ours.") from None
    if answer.is_error:
        where = f" at {told['path']}" if told.get("path") else ""
        several = [f"\n  {each['path']}: {each['rule']}" for each in told.get("errors") or ()]
        said = "".join(several) + "\n" if several else f" {told.get('rule')}"
        raise CannotGoOn(f"{told.get('title')} ({told.get('code')}{where}).{said}", str(told.get("remedy")))
    return told
