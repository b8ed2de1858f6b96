"""What the exchanges of one machine are told: their federation, the ports for partners, and their own ingest."""

from collections.abc import Mapping, Sequence

from deploy.local.layout import Layout
from deploy.local.services import PARTNERS


def prepare_exchanges(layout: Layout, regions: Sequence[str], ports: Mapping[str, int]) -> dict[str, dict[str, str]]:
    """Region -> settings of its exchange; nothing where no exchange runs. Makes keys and directory where missing."""
    own_ports = {region: ports.get(f"{region}-{PARTNERS}") for region in regions}
    if not all(own_ports.values()):
        return {}
    # They stand on what only an exchange needs.
    from deploy.local.federation import prepare_federation
    from services.kernel.identity.local_keys import identity_folder

    keys = {region: layout.region(region) / "exchange" for region in regions}
    urls = {region: f"https://127.0.0.1:{port}" for region, port in own_ports.items()}
    members = prepare_federation(layout.home / "federation", keys, urls)
    return {
        region: {
            "DOMICILE_EXCHANGE_MEMBERS": str(members),
            "DOMICILE_EXCHANGE_KEYS": str(keys[region]),
            "DOMICILE_EXCHANGE_PARTNERS_PORT": str(own_ports[region]),
            "DOMICILE_EXCHANGE_INGEST_URL": f"http://127.0.0.1:{ports[f'{region}-ingest']}",
            "DOMICILE_EXCHANGE_TOKEN_KEY": str(identity_folder(layout.home, region)),
        }
        for region in regions
    }
