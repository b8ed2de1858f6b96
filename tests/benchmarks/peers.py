"""What the batch row is held against, measured in the same run."""

import os
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from fastavro import schemaless_reader, schemaless_writer

from deploy.local.java import get_java, get_kafka_jars
from services.kernel.codec.framing import unframe
from services.kernel.contract.catalog import Catalog
from tests.benchmarks.stage import Stage
from tests.benchmarks.usage import Meter

_TOPIC = "peer"
_SAID = re.compile(r"([\d,]+) records sent, ([\d.]+) records/sec")


def read_plain(framed: Sequence[bytes], catalog: Catalog) -> list[tuple[Any, dict[str, Any]]]:
    """(parsed schema, plain record) of each, by fastavro alone."""
    schemas = {event.schema_id: event.plain for event in catalog.events}
    records: list[tuple[Any, dict[str, Any]]] = []
    for value in framed:
        schema_id, avro = unframe(value)
        record: Any = schemaless_reader(BytesIO(avro), schemas[schema_id], None)
        records.append((schemas[schema_id], record))
    return records


def measure_encode(framed: Sequence[bytes], catalog: Catalog) -> float:
    """Records that fastavro encodes in a second of one core: the same records, nothing else."""
    records = read_plain(framed[:50_000], catalog)
    return best_rate(lambda: _encode_all(records), len(records))


def _encode_all(records: Sequence[tuple[Any, dict[str, Any]]]) -> None:
    for schema, record in records:
        buffer = BytesIO()
        schemaless_writer(buffer, schema, record)
        buffer.getvalue()


def best_rate(work: Any, count: int, rounds: int = 3) -> float:
    """Things per second of processor time, the best of some rounds."""
    best = 0.0
    for _ in range(rounds):
        began = time.process_time()
        work()
        best = max(best, count / (time.process_time() - began))
    return best


@dataclass(frozen=True)
class Produced:
    """`records_per_core`: per processor second of producer and broker together."""

    record_bytes: int
    records_per_s: float
    records_per_core: float


def measure_producer(stage: Stage, count: int) -> Produced:
    """Kafka's ProducerPerformance: the same broker, partitions, size of record, acknowledgement and compression.

    A run of one record first; what that costs is the start of a Java machine and is taken off.
    """
    admin = AdminClient({"bootstrap.servers": stage.running.kafka})
    if _TOPIC not in admin.list_topics(timeout=10).topics:
        for future in admin.create_topics([NewTopic(_TOPIC, num_partitions=4, replication_factor=1)]).values():
            future.result()
    size = stage.measure_record()
    start_cpu_s, _ = _produce(stage, 1, size)
    cpu_s, rate = _produce(stage, count, size)
    return Produced(size, rate, count / max(cpu_s - start_cpu_s, 0.001))


def _produce(stage: Stage, count: int, size: int) -> tuple[float, float]:
    """(processor seconds, records per second by its own clock)."""
    arguments = ["--topic", _TOPIC, "--num-records", str(count), "--record-size", str(size), "--throughput", "-1"]
    properties = ["acks=all", "enable.idempotence=true", "compression.type=lz4", "linger.ms=1", "batch.size=1048576"]
    command = [
        str(get_java()),
        "-Xmx256m",
        "-cp",
        f"{get_kafka_jars(stage.running.home, stage.say)}/*",
        "org.apache.kafka.tools.ProducerPerformance",
        "--bootstrap-server",
        stage.running.kafka,
        *arguments,
        "--command-property",
        *properties,
    ]
    with Meter(stage.running) as meter:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout
        said = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    found = _SAID.findall(said)
    if process.returncode or not found:
        raise RuntimeError(f"ProducerPerformance failed: {said[-400:]}")
    broker_s = sum(seconds for name, seconds in meter.cpu.items() if name.startswith("kafka"))
    return used.ru_utime + used.ru_stime + broker_s, float(found[-1][1])
