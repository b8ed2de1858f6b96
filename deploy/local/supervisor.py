"""The one process that starts everything, keeps it running, and stops it in order.

Started by `deploy.local.stack`. Its options lie in the state folder, and so does its progress
(`supervisor.json`). The broker and the database start first, then the services; they stop in reverse.
"""

import asyncio
import fcntl
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import IO, Any

from deploy.local import postgres
from deploy.local.children import Child
from deploy.local.exchanges import prepare_exchanges
from deploy.local.java import get_java, get_kafka_jars
from deploy.local.kafka import Broker, list_brokers, prepare_brokers, wait_for_brokers
from deploy.local.layout import Layout, StackError, make_home, private, write_json
from deploy.local.options import Options, choose_ports, find_options
from deploy.local.processes import end, get_identity
from deploy.local.regions import Prepared, keep_settings, prepare_databases, prepare_region
from deploy.local.services import list_ports, list_services, make_service_command
from services.kernel.clock import SystemClock

_LOOK_EVERY_S = 0.1
_DATABASE_START_S = 240.0  # after a crash it recovers first
_SERVICE_START_S = 180.0  # on a machine on which much else runs
_STOP_S = 30.0
_HOPELESS_CRASHES = 4


class Stopped(Exception):
    """We were asked to stop."""


class Supervisor:
    """Owns every process of one state folder, from the first to the last."""

    def __init__(self, layout: Layout, options: Options, report: Callable[[str], None]) -> None:
        self._layout = layout
        self._options = options
        self._report = report
        self._services = list_services(options.services)
        self._stages: list[list[Child]] = [[], []]
        self._asked_to_stop = False
        self._phase = "starting"

    def run(self) -> int:
        """Until a signal comes. Returns the exit code; what went wrong stands in `supervisor.json`."""
        lock = _hold(self._layout.supervisor_lock)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        error: str | None = None
        try:
            self._start_all()
            self._enter("ready")
            self._report("everything is healthy")
            self._watch()
        except Stopped:
            pass
        except StackError as wrong:
            error = str(wrong)
        finally:
            self._stop_all()
            self._layout.stack.unlink(missing_ok=True)
            self._enter("failed" if error else "stopped", error)
            lock.close()
        return 1 if error else 0

    def _start_all(self) -> None:
        ports = choose_ports(self._layout, self._options, list_ports(self._services))
        brokers = list_brokers(self._options, ports)
        kafka = self._options.kafka or ",".join(broker.address for broker in brokers)
        self._start_brokers(brokers)
        admin_url = self._start_database(ports)
        urls = asyncio.run(self._prepare_databases(admin_url))
        names = self._options.regions
        exchange = prepare_exchanges(self._layout, names, ports)
        regions = [prepare_region(self._layout, name, kafka, urls[name], exchange.get(name)) for name in names]
        wait_for_brokers(kafka, max(len(brokers), 1), self._keep_waiting)
        self._enter("making topics")
        _ensure_topics(kafka, self._options)
        self._start_services(regions, ports)
        self._write_stack(kafka, regions, ports)

    def _start_brokers(self, brokers: list[Broker]) -> None:
        if not brokers:
            return
        self._enter("starting Apache Kafka")
        jars = get_kafka_jars(self._layout.home, self._report)
        commands = prepare_brokers(self._layout, brokers, get_java(), jars)
        for broker, command in zip(brokers, commands, strict=True):
            self._start(0, Child(broker.name, command, self._layout.log(broker.name), broker.address))

    def _start_database(self, ports: dict[str, int]) -> str:
        """Returns the administrator's URL once it can be used."""
        if self._options.database_url:
            return self._options.database_url
        self._enter("starting PostgreSQL")
        cluster = postgres.prepare_cluster(self._layout)
        command = postgres.make_command(cluster, ports["postgres"])
        address = f"127.0.0.1:{ports['postgres']}"
        self._start(0, Child("postgres", command, self._layout.log("postgres"), address))
        admin_url = cluster.get_url(ports["postgres"])
        deadline = time.monotonic() + _DATABASE_START_S
        while not asyncio.run(postgres.is_ready(admin_url)):
            if time.monotonic() > deadline:
                raise StackError("PostgreSQL did not answer in time; `domicile logs postgres` shows why.")
            self._keep_waiting()
            time.sleep(0.05)
        return admin_url

    def _prepare_databases(self, admin_url: str) -> Coroutine[Any, Any, dict[str, str]]:
        own_server = not self._options.database_url
        return prepare_databases(self._layout, self._options.regions, admin_url, own_server=own_server)

    def _start_services(self, regions: list[Prepared], ports: dict[str, int]) -> None:
        for region in regions:
            for service in self._services:
                port = ports[f"{region.name}-{service.name}"]
                name = f"{region.name}-{service.name}"
                url = f"http://127.0.0.1:{port}"
                command = make_service_command(service, region.get_settings(service.name), port)
                self._start(1, Child(name, command, self._layout.log(name), url, f"{url}/readyz"))
            keep_settings(self._layout, region)
        self._enter("waiting for the services")
        deadline = time.monotonic() + _SERVICE_START_S
        while not all(child.is_ready() for child in self._stages[1]):
            if time.monotonic() > deadline:
                late = [child.name for child in self._stages[1] if not child.is_ready()]
                raise StackError(f"{', '.join(late)} did not become ready; `domicile logs {late[0]}` shows why.")
            self._keep_waiting()
            time.sleep(0.05)

    def _write_stack(self, kafka: str, regions: list[Prepared], ports: dict[str, int]) -> None:
        """The object of `domicile status --json`."""
        present = {service.answers: service.name for service in self._services}
        entries: dict[str, Any] = {}
        for region in regions:
            urls = {
                key: f"http://127.0.0.1:{ports[f'{region.name}-{present[key]}']}" if key in present else None
                for key in ("ingest", "read", "exchange")
            }
            entries[region.name] = {
                **urls,
                "database": region.database_url,
                "analyst_database": region.analysis.analyst_url,
            }
        write_json(self._layout.stack, {"kafka": kafka, "regions": entries})

    def _start(self, stage: int, child: Child) -> None:
        child.start()
        self._stages[stage].append(child)
        self._enter(self._phase)

    def _keep_waiting(self) -> None:
        """To be called while something is awaited: looks after the children, raises Stopped or StackError."""
        if self._asked_to_stop:
            raise Stopped
        if self._look_after_all():
            self._enter(self._phase)
        for child in (child for stage in self._stages for child in stage):
            if child.crashes >= _HOPELESS_CRASHES:
                raise StackError(f"{child.name} keeps crashing; its log ends:\n{_read_end(child.log)}")

    def _watch(self) -> None:
        while not self._asked_to_stop:
            if self._look_after_all():
                self._enter(self._phase)
            time.sleep(_LOOK_EVERY_S)

    def _look_after_all(self) -> bool:
        changed = [child for stage in self._stages for child in stage if child.look_after()]
        for child in changed:
            self._report(f"{child.name} {'was started again' if child.pid else 'has ended and will be started again'}")
        return bool(changed)

    def _stop_all(self) -> None:
        for stage in reversed(self._stages):
            if stage:
                self._enter(f"stopping {', '.join(child.name for child in stage)}")
            running = [(child.find_process(), int(child.command.stop_signal)) for child in stage]
            for pid in end([(process, number) for process, number in running if process], _STOP_S):
                self._report(f"process {pid} did not stop in {_STOP_S:.0f} s and was killed")
            stage.clear()

    def _enter(self, phase: str, error: str | None = None) -> None:
        if phase != self._phase:
            self._phase = phase
            self._report(phase)
        own = get_identity(os.getpid())
        children = [child.describe() for stage in self._stages for child in stage]
        value = {
            "pid": own.pid,
            "started_at": own.started_at,
            "phase": phase,
            "error": error,
            "children": children,
        }
        write_json(self._layout.supervisor, value)

    def _on_signal(self, number: int, frame: object) -> None:
        self._asked_to_stop = True


def _ensure_topics(kafka: str, options: Options) -> None:
    from confluent_kafka import KafkaException

    from services.kernel.log.topics import ensure_topics

    try:
        for region in options.regions:
            ensure_topics(kafka, region, replication=options.replication)
    except KafkaException as refused:
        raise StackError(f"Kafka did not make the topics: {refused.args[0].str()}") from None


def _hold(path: Path) -> IO[str]:
    """The lock is gone with the process that holds it. StackError when another supervisor lives."""
    lock = open(path, "w", opener=private)  # noqa: SIM115 held until the process ends
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise StackError(f"{path.parent} already has a supervisor.") from None
    return lock


def _read_end(log: Path, lines: int = 8) -> str:
    return "\n".join("  " + line for line in log.read_text(errors="replace").splitlines()[-lines:])


def _print_line(text: str) -> None:
    print(f"{SystemClock().now():%Y-%m-%dT%H:%M:%SZ} {text}", flush=True)


def main(home: str) -> int:
    layout = make_home(Path(home))
    options = find_options(layout)
    if options is None:
        raise StackError(f"{home} has no options: start with `domicile up`.")
    return Supervisor(layout, options, _print_line).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
