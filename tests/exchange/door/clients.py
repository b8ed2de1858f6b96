"""Clients of a partner's door."""

import ssl
from pathlib import Path

import httpx

from tests.exchange.federation import Federation


def client_of(federation: Federation, region: str | None) -> httpx.AsyncClient:
    """With the certificate of a region, or without one."""
    if region is not None:
        return open_client(federation.own[region])
    context = ssl.create_default_context(cafile=str(federation.folder / "federation" / "authority.pem"))
    return httpx.AsyncClient(verify=context, timeout=10, trust_env=False)


def open_client(own: Path) -> httpx.AsyncClient:
    """With the certificate in a member's own folder."""
    context = ssl.create_default_context(cafile=str(own / "authority.pem"))
    context.load_cert_chain(own / "certificate.pem", own / "certificate.key")
    return httpx.AsyncClient(verify=context, timeout=20, trust_env=False)
