"""Clients of a partner's door."""

import ssl

import httpx

from tests.exchange.federation import Federation


def client_of(federation: Federation, region: str | None) -> httpx.AsyncClient:
    """With the certificate of a region, or without one."""
    context = ssl.create_default_context(cafile=str(federation.folder / "federation" / "authority.pem"))
    if region is not None:
        context.load_cert_chain(federation.own[region] / "certificate.pem", federation.own[region] / "certificate.key")
    return httpx.AsyncClient(verify=context, timeout=10, trust_env=False)
