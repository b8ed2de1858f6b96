"""Where the records of a region are read."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.kernel.asking import open_service

if TYPE_CHECKING:  # heavy: `domicile --help` has to answer at once
    import httpx

WaitFor = Annotated[str | None, typer.Option(help="topic:partition:offset of a post that the answer must show.")]
TIMEOUT_S = 60.0


def open_client(region: str, role: str, url: str | None = None, token: str | None = None) -> "httpx.Client":
    """As `open_service`: a client of the region's projections."""
    return open_service("read", region, role, url, token, timeout_s=TIMEOUT_S)
