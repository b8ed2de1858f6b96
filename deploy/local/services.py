"""Which services a region runs. A further one is one more line of the table."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from deploy.local.processes import Command

ROOT = Path(__file__).parents[2]
PARTNERS = "exchange-partners"


@dataclass(frozen=True)
class Service:
    """`answers`: the entry of `domicile status --json` that holds its address."""

    name: str
    module: str
    answers: str

    def exists(self) -> bool:
        """False for a package that cannot be run yet."""
        try:
            return find_spec(f"{self.module}.__main__") is not None
        except ModuleNotFoundError:
            return False


SERVICES = (
    Service("ingest", "services.ingest", answers="ingest"),
    Service("projections", "services.projections", answers="read"),
    Service("exchange", "services.exchange", answers="exchange"),
)


def list_services(wanted: bool = True) -> list[Service]:
    """Those that can be run; none when none are wanted."""
    return [service for service in SERVICES if wanted and service.exists()]


def list_ports(services: Sequence[Service]) -> list[str]:
    """Names of the ports that a region needs: one for each service, and one on which partners reach its exchange."""
    names = [service.name for service in services]
    return [*names, PARTNERS] if "exchange" in names else names


def make_service_command(service: Service, settings: Mapping[str, str], port: int) -> Command:
    """`python -m <module>` with the region's settings.

    Of our own environment only what is no setting of the stack passes, and DOMICILE_<SERVICE>_* names.
    """
    own = f"DOMICILE_{service.name.upper()}_"
    passed = {
        name: value for name, value in os.environ.items() if not name.startswith("DOMICILE_") or name.startswith(own)
    }
    environment = {**passed, **settings, "DOMICILE_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    return Command((sys.executable, "-m", service.module), environment, folder=ROOT)
