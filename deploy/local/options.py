"""What one start of the local stack is asked for, and the ports that follow from it."""

import os
import random
import re
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from deploy.local.layout import DEFAULT_REGIONS, Layout, StackError, find_json, write_json
from deploy.local.services import SERVICES
from services.kernel.settings import PREFIX, SettingsError, read_settings, setting

# Below the range from which the kernel draws ports for outgoing connections.
_PORTS = range(20000, 32000)
_OF_CLIENTS = (f"{PREFIX}TOKEN",)  # read by `domicile post` and `import`
_REGION_NAME = re.compile(r"[a-z][a-z0-9]{0,29}")


@dataclass(frozen=True)
class _Environment:
    kafka: str | None = setting("KAFKA", "bootstrap servers of an outside cluster", default=None)
    database_url: str | None = setting("DATABASE_URL", "an outside server's login", default=None, secret=True)


@dataclass(frozen=True)
class Options:
    """`brokers`: 1 or 3. `port_base`: the first of a fixed block of ports; None: free ports, chosen once.

    `kafka` and `database_url`: an outside broker and an outside server (a login that may create databases
    and roles), which are then used and not started. `services`: False starts the servers alone.
    """

    regions: tuple[str, ...] = DEFAULT_REGIONS
    brokers: int = 1
    port_base: int | None = None
    kafka: str | None = None
    database_url: str | None = None
    services: bool = True

    def __post_init__(self) -> None:
        if not self.regions or len(set(self.regions)) != len(self.regions):
            raise StackError("Name each region once, and at least one: --regions gotland,jamtland")
        for region in self.regions:
            if not _REGION_NAME.fullmatch(region):
                raise StackError(f"{region!r} cannot name a region: small letters and digits, at most 30.")
        if self.brokers not in (1, 3):
            raise StackError("A cluster has 1 broker or 3: two could not agree once one of them is gone.")
        if self.port_base is not None and not 1024 <= self.port_base <= 65000:
            raise StackError("--port-base must lie between 1024 and 65000.")

    @property
    def replication(self) -> int:
        return self.brokers

    def broker_names(self) -> list[str]:
        return [] if self.kafka else [f"kafka-{n}" for n in range(1, self.brokers + 1)]


def read_outside_servers(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The servers that the environment names instead of our own; StackError for a misspelt setting."""
    try:
        given = read_settings(_Environment, _without_service_settings(environ or os.environ), _OF_CLIENTS)
    except SettingsError as wrong:
        raise StackError(" ".join(f"{problem}." for problem in wrong.problems)) from None
    return {"kafka": given.kafka, "database_url": given.database_url}


def _without_service_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """DOMICILE_INGEST_* and the like are passed on: the service itself names what is wrong with them."""
    passed = tuple(f"{PREFIX}{service.name.upper()}_" for service in SERVICES)
    return {name: value for name, value in environ.items() if not name.startswith(passed)}


def find_options(layout: Layout) -> Options | None:
    """What the state folder was last started with."""
    kept = find_json(layout.options)
    return None if kept is None else Options(**{**kept, "regions": tuple(kept["regions"])})


def keep_options(layout: Layout, options: Options) -> None:
    """Remembers the options; StackError when the data in the folder were made for another cluster."""
    before = find_options(layout)
    if before and not before.kafka and not options.kafka and before.brokers != options.brokers:
        raise StackError(
            f"The data in {layout.home} belong to a cluster of {before.brokers}: "
            f"start with --brokers {before.brokers}, or `domicile reset` first."
        )
    write_json(layout.options, asdict(options))


def choose_ports(layout: Layout, options: Options, services: Sequence[str]) -> dict[str, int]:
    """Process name -> port, remembered. A remembered port that somebody else took meanwhile is replaced.

    With `port_base` B: brokers B…, database B+6, region i from B+10+10·i.
    """
    names = list(_port_names(options, services))
    if options.port_base is not None:
        fixed = _fixed_ports(options, services)
        taken = [str(port) for port in fixed.values() if not _is_free(port)]
        if taken:
            raise StackError(f"Port {', '.join(taken)} is in use: free it or take another --port-base.")
        write_json(layout.ports, fixed)
        return fixed
    kept: dict[str, Any] = find_json(layout.ports) or {}
    ports = {name: port for name, port in kept.items() if name not in names or _is_free(port)}
    for name in names:
        if name not in ports:
            ports[name] = find_free_port(ports.values())
    write_json(layout.ports, ports)
    return ports


def _port_names(options: Options, services: Sequence[str]) -> Iterable[str]:
    for broker in options.broker_names():
        yield from (broker, f"{broker}-controller")
    if not options.database_url:
        yield "postgres"
    for region in options.regions:
        yield from (f"{region}-{service}" for service in services)


def _fixed_ports(options: Options, services: Sequence[str]) -> dict[str, int]:
    base = options.port_base or 0
    ports: dict[str, int] = {}
    for offset, broker in enumerate(options.broker_names()):
        ports |= {broker: base + 2 * offset, f"{broker}-controller": base + 2 * offset + 1}
    if not options.database_url:
        ports["postgres"] = base + 6
    for row, region in enumerate(options.regions):
        for column, service in enumerate(services):
            ports[f"{region}-{service}"] = base + 10 + 10 * row + column
    return ports


def find_free_port(taken: Iterable[int]) -> int:
    avoid = set(taken)
    for _ in range(1000):
        port = random.choice(_PORTS)  # noqa: S311 not a secret
        if port not in avoid and _is_free(port):
            return port
    raise StackError("No free port was found between 20000 and 32000.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
