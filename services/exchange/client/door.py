"""Where the exchange of a region is asked."""

from typing import TYPE_CHECKING

from services.kernel.asking import open_service

if TYPE_CHECKING:  # heavy: `domicile --help` has to answer at once
    import httpx

TIMEOUT_S = 20.0


def open_client(
    region: str, role: str, url: str | None = None, token: str | None = None, sub: str | None = None
) -> "httpx.Client":
    """As `open_service`: a client of the region's exchange."""
    return open_service("exchange", region, role, url, token, sub=sub, timeout_s=TIMEOUT_S)
