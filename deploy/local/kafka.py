"""Apache Kafka in KRaft mode from its jars: one broker, or three that outlive the loss of one."""

import base64
import os
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from deploy.local.layout import Layout, StackError, find_json, write_json
from deploy.local.options import Options
from deploy.local.processes import Command
from services.kernel.log.quiet import QUIET

_START_S = 240.0  # after a crash it reads what it had not yet written to disk
_LOG4J = Path(__file__).with_name("log4j2.properties")


@dataclass(frozen=True)
class Broker:
    """One broker that is also a controller."""

    number: int
    port: int
    controller_port: int

    @property
    def name(self) -> str:
        return f"kafka-{self.number}"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


def list_brokers(options: Options, ports: dict[str, int]) -> list[Broker]:
    """The brokers to start, none when an outside cluster is used."""
    names = options.broker_names()
    return [Broker(i, ports[name], ports[f"{name}-controller"]) for i, name in enumerate(names, start=1)]


def prepare_brokers(layout: Layout, brokers: Sequence[Broker], java: Path, jars: Path) -> list[Command]:
    """Writes each broker's properties, formats its folder the first time, and says how to start it."""
    formats = []
    for broker in brokers:
        folder = layout.kafka / str(broker.number)
        folder.mkdir(parents=True, exist_ok=True)
        properties = folder / "server.properties"
        properties.write_text(_render_properties(broker, brokers, folder))
        if not (folder / "log" / "meta.properties").exists():
            formats.append(_start_formatting(layout, java, jars, properties))
    for process in formats:
        said, _ = process.communicate()
        if process.returncode:
            raise StackError(f"Kafka could not format its folder:\n  {said.strip()[-800:]}")
    return [_make_command(java, jars, layout.kafka / str(broker.number)) for broker in brokers]


def wait_for_brokers(bootstrap: str, count: int, keep_waiting: Callable[[], None]) -> None:
    """Returns once a metadata request lists `count` brokers; `keep_waiting` may raise to give up early."""
    deadline = time.monotonic() + _START_S
    addresses = [address.rsplit(":", 1) for address in bootstrap.split(",")]
    while not all(_listens(host, int(port)) for host, port in addresses):
        _pause(deadline, keep_waiting)
    admin = AdminClient({"bootstrap.servers": bootstrap, "reconnect.backoff.max.ms": 200}, logger=QUIET)
    while _count_brokers(admin) < count:
        _pause(deadline, keep_waiting)


def _pause(deadline: float, keep_waiting: Callable[[], None]) -> None:
    keep_waiting()
    if time.monotonic() > deadline:
        raise StackError("Kafka did not answer in time; `domicile logs kafka-1` shows why.")
    time.sleep(0.05)


def _listens(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=0.5).close()
    except OSError:
        return False
    return True


def _count_brokers(admin: AdminClient) -> int:
    try:
        return len(admin.list_topics(timeout=2).brokers)
    except KafkaException:
        return 0


def _start_formatting(layout: Layout, java: Path, jars: Path, properties: Path) -> "subprocess.Popen[str]":
    identity = layout.kafka / "cluster.json"
    kept = find_json(identity)
    if kept is None:
        kept = {"cluster_id": "c" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]}
        write_json(identity, kept)
    main = ["kafka.tools.StorageTool", "format", "-t", kept["cluster_id"], "-c", str(properties)]
    return subprocess.Popen(
        [*_make_java(java, jars, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), *main, "--ignore-formatted"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _make_command(java: Path, jars: Path, folder: Path) -> Command:
    options = (
        "-Xms256m",
        "-Xmx512m",
        "-XX:+UseG1GC",
        "-XX:MaxGCPauseMillis=20",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={folder}",  # a killed broker leaves nothing behind elsewhere
    )
    argv = (*_make_java(java, jars, *options), "kafka.Kafka", str(folder / "server.properties"))
    return Command(argv, environment={"LC_ALL": "C.UTF-8", **_read_java_options()}, folder=folder)


def _read_java_options() -> dict[str, str]:
    """What this machine tells every Java, as Java's launcher reads it."""
    told = os.environ.get("JDK_JAVA_OPTIONS")
    return {"JDK_JAVA_OPTIONS": told} if told else {}


def _make_java(java: Path, jars: Path, *options: str) -> list[str]:
    return [str(java), *options, f"-Dlog4j2.configurationFile={_LOG4J}", "-cp", f"{jars}/*"]


def _render_properties(broker: Broker, brokers: Sequence[Broker], folder: Path) -> str:
    """What matters on one machine."""
    copies = len(brokers)
    voters = ",".join(f"{one.number}@127.0.0.1:{one.controller_port}" for one in brokers)
    values = {
        "process.roles": "broker,controller",
        "node.id": broker.number,
        "controller.quorum.voters": voters,
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{broker.address},CONTROLLER://127.0.0.1:{broker.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{broker.address}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": folder / "log",
        "default.replication.factor": copies,
        "min.insync.replicas": 2 if copies >= 3 else 1,
        "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.num.partitions": 4,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": 2 if copies >= 3 else 1,
        "share.coordinator.state.topic.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": 2 if copies >= 3 else 1,
        "group.initial.rebalance.delay.ms": 0,
        # A worker that is killed says no goodbye: others have its partitions after this time.
        "group.consumer.session.timeout.ms": 6000,
        "group.consumer.min.session.timeout.ms": 6000,
        "group.consumer.heartbeat.interval.ms": 1000,
        "group.consumer.min.heartbeat.interval.ms": 1000,
        "auto.create.topics.enable": "false",
        "log.retention.ms": -1,
        "log.segment.bytes": 64 << 20,
        "log.index.size.max.bytes": 1 << 20,
        "log.cleaner.dedupe.buffer.size": 8 << 20,
        # A broker that dies is noticed soon: nobody waits half a minute for a new leader on one machine.
        "broker.session.timeout.ms": 6000,
        "controlled.shutdown.max.retries": 1,
    }
    return "".join(f"{name}={_escape(str(value))}\n" for name, value in values.items())


def _escape(value: str) -> str:
    """A Java properties file reads a backslash as an escape; a space within a value is fine."""
    return value.replace("\\", "\\\\")
