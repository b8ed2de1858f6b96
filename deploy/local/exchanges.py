"""What exchanges are told beside what every service is: their federation, the port for partners, their own ingest."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from deploy.local.layout import Layout
from deploy.local.services import PARTNERS


class Exchange(NamedTuple):
    """Where one is reached. `url`: by partners; `host`, `port`: where it listens for them; `ingest`: its region's."""

    url: str
    host: str
    port: int
    ingest: str


def prepare_exchanges(layout: Layout, regions: Sequence[str], ports: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """Region -> settings of its exchange, for regions of one machine; nothing where no exchange runs."""
    found = {region: ports.get(f"{region}-{PARTNERS}") for region in regions}
    exchanges = {
        region: Exchange(
            f"https://127.0.0.1:{port}", "127.0.0.1", port, f"http://127.0.0.1:{ports[f'{region}-ingest']}"
        )
        for region, port in found.items()
        if port is not None
    }
    return federate(layout, exchanges) if exchanges else {}


def federate(layout: Layout, exchanges: Mapping[str, Exchange]) -> dict[str, dict[str, str]]:
    """Region -> settings of its exchange. Makes keys, certificates and the member directory where they are missing."""
    # They stand on what only an exchange needs.
    from deploy.local.federation import prepare_federation
    from services.kernel.identity.local_keys import identity_folder

    keys = {region: layout.region(region) / "exchange" for region in exchanges}
    urls = {region: exchange.url for region, exchange in exchanges.items()}
    members = prepare_federation(layout.home / "federation", keys, urls)
    return {
        region: {
            "DOMICILE_EXCHANGE_MEMBERS": str(members),
            "DOMICILE_EXCHANGE_KEYS": str(keys[region]),
            "DOMICILE_EXCHANGE_PARTNERS_HOST": exchange.host,
            "DOMICILE_EXCHANGE_PARTNERS_PORT": str(exchange.port),
            "DOMICILE_EXCHANGE_INGEST_URL": exchange.ingest,
            "DOMICILE_EXCHANGE_TOKEN_KEY": str(identity_folder(layout.home, region)),
        }
        for region, exchange in exchanges.items()
    }
