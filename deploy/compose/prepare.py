"""Runs once before the services: databases, roles, keys and topics of each region, as the local stack makes them."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.exchanges import Exchange, federate
from deploy.local.layout import Layout, StackError, find_home
from deploy.local.options import Options, read_outside_servers
from deploy.local.regions import keep_settings, prepare_databases, prepare_region
from services.kernel.log.topics import ensure_topics

PARTNERS_PORT = 8443


def prepare(home: Path, regions: Sequence[str], kafka: str, admin_url: str, replication: int = 1) -> None:
    """Safe to repeat. Each service's settings are left in `<home>/regions/<region>/`."""
    options = Options(regions=tuple(regions), kafka=kafka, database_url=admin_url)
    layout = Layout(home)
    urls = asyncio.run(prepare_databases(layout, options.regions, admin_url, own_server=True))
    # As compose.yaml names the containers.
    everywhere = "0.0.0.0"  # noqa: S104 inside a container
    exchanges = {
        region: Exchange(
            f"https://{region}-exchange:{PARTNERS_PORT}", everywhere, PARTNERS_PORT, f"http://{region}-ingest:8080"
        )
        for region in options.regions
    }
    told = federate(layout, exchanges)
    for region in options.regions:
        ensure_topics(kafka, region, replication)
        keep_settings(layout, prepare_region(layout, region, kafka, urls[region], told[region]))


def main(regions: Sequence[str]) -> int:
    try:
        servers = read_outside_servers(os.environ)
        if not servers["kafka"] or not servers["database_url"]:
            raise StackError("DOMICILE_KAFKA and DOMICILE_DATABASE_URL must name the two servers.")
        prepare(find_home(), regions, servers["kafka"], servers["database_url"])
    except StackError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
